"""What Linux says of a processor."""

from components import hardware


def test_cpu_features_of_x86_and_arm(tmp_path):
  x86 = tmp_path / "x86"
  x86.write_text("processor\t: 0\nflags\t\t: fpu avx2 avx512_vnni\n\n"
                 "processor\t: 1\nflags\t\t: fpu\n")
  arm = tmp_path / "arm"
  arm.write_text("processor\t: 0\nFeatures\t: fp asimd asimddp\n")
  assert hardware.cpu_features(x86) == {"fpu", "avx2", "avx512_vnni"}
  assert hardware.cpu_features(arm) == {"fp", "asimd", "asimddp"}
  assert not hardware.cpu_features(tmp_path / "elsewhere")
