"""Carrying out a Dockerfile: its language, the build context, and steps."""

import os
import pathlib
import subprocess

import pytest
from images import build, build_context, dockerfile, roots
from images.errors import BuildError


def test_stages_and_continued_lines():
  parsed = dockerfile.parse(
    """
      # A comment.
      ARG TAG=1
      FROM base:${TAG} AS first
      RUN one \\
          # in between
          && two
      FROM first
      COPY --from=first --chown=5:0 /a /b
      """,
    {"TAG": "2"},
  )
  first, second = parsed.stages.values()
  assert (first.name, first.base) == ("first", "base:2")
  assert first.instructions[0].value == "one && two"
  assert first.instructions[0].line == 5
  assert (second.name, second.base, second.copied_from) == ("1", "first", ["first"])
  assert second.instructions[0].flags == {"from": "first", "chown": "5:0"}
  assert [i.line for i in parsed.lineage("1")] == [5, 9]


def test_only_stages_that_a_target_needs():
  parsed = dockerfile.parse(
    "FROM x AS a\nFROM x AS b\nFROM a AS c\nFROM x AS d\nCOPY --from=c /f /f\n"
  )
  assert [s.name for s in parsed.needed_for("d")] == ["a", "c", "d"]
  with pytest.raises(BuildError, match="no target e; there are: a, b, c, d"):
    parsed.needed_for("e")


@pytest.mark.parametrize(
  "text, expected",
  [
    ("$A/b", "1/b"),
    ("${A}b", "1b"),
    ("${B:-2}", "2"),
    ("${A:-2}", "1"),
    ("${A:+3}", "3"),
    ("${B:+3}", ""),
    ("\\$A", "$A"),
    ("$B", ""),
  ],
)
def test_variables(text, expected):
  assert dockerfile.substitute(text, {"A": "1"}) == expected


def test_pairs_with_quotes_and_variables():
  (instruction,) = (
    dockerfile.parse('FROM x\nENV A="one two" \\\n B=$C:x D=\\$C\n').stages["0"].instructions
  )
  assert instruction.pairs({"C": "3"}) == {"A": "one two", "B": "3:x", "D": "$C"}


@pytest.mark.parametrize(
  "text, said",
  [
    ("FROM x\nADD a b", "line 2: ADD"),
    ("FROM x\nRUN --mount=type=cache,target=/c a", "line 2: RUN --mount"),
    ("FROM x\nRUN <<END", "line 2: here-documents"),
    ("RUN a\nFROM x", "line 1: RUN before FROM"),
    ("FROM x\nRUN a \\", "line 2: ends"),
    ("FROM x y", "line 1: FROM"),
  ],
)
def test_what_is_not_understood_is_refused_by_line(text, said):
  with pytest.raises(BuildError, match=said):
    dockerfile.parse(text)


@pytest.mark.parametrize(
  "patterns, path, included",
  [
    (["a"], "a", False),
    (["a"], "a/b/c", False),
    (["a"], "b/a", True),
    (["a"], "ab", True),
    (["/a/"], "a/b", False),
    (["*.x"], "a.x", False),
    (["*.x"], "b/a.x", True),
    (["**/*.x"], "b/c/a.x", False),
    (["**/*.x"], "a.x", False),
    (["a", "!a/b"], "a/b", True),
    (["a", "!a/b"], "a/c", False),
    (["!a", "a"], "a", False),
    (["a/*/c"], "a/b/c", False),
    (["a/*/c"], "a/b/b/c", True),
    (["# a", ""], "a", True),
    (["?"], "a", False),
    (["?"], "ab", True),
  ],
)
def test_dockerignore(tmp_path, patterns, path, included):
  (tmp_path / ".dockerignore").write_text("\n".join(patterns) + "\n")
  assert build_context.Context(tmp_path).has(path) == included


def test_nothing_outside_of_the_build_context(tmp_path):
  inner = tmp_path / "context"
  inner.mkdir()
  (tmp_path / "secret").touch()
  (inner / "link").symlink_to(tmp_path / "secret")
  for source in ("../secret", "link", "missing"):
    with pytest.raises(BuildError, match=source):
      list(build_context.Context(inner).files(source))


def test_users_of_the_image_and_not_of_this_machine(tmp_path):
  (tmp_path / "etc").mkdir()
  (tmp_path / "etc/passwd").write_text("faces:x:77:5::/home/f:/bin/sh\n")
  (tmp_path / "etc/group").write_text("staff:x:9:\n")
  root = roots.Root(tmp_path)
  assert root.ids("faces") == root.ids("77") == (77, 5)
  assert root.ids("faces:staff") == (77, 9)
  assert root.ids("123") == (123, 0)
  assert root.ids("123:4") == (123, 4)
  assert (root.home(77), root.home(123)) == ("/home/f", "/")
  for unknown in ("nobody", "faces:nobody"):
    with pytest.raises(BuildError, match=f"{unknown}: no such"):
      root.ids(unknown)


def _can_enter_roots() -> bool:
  return (
    os.getuid() == 0
    and subprocess.run(
      ["unshare", "--mount", "--pid", "--fork", "true"], check=False, capture_output=True
    ).returncode
    == 0
  )


@pytest.fixture
def base(tmp_path, monkeypatch):
  """A root of this machine's shell, its few tools and their libraries."""
  if not _can_enter_roots():
    pytest.skip("only root can change into another root, with unshare")
  root = tmp_path / "base"
  for name in ("etc", "proc", "dev", "sys", "run", "tmp", "bin"):
    (root / name).mkdir(parents=True)
  (root / "usr").mkdir()
  (root / "usr/bin").symlink_to("/bin")
  (root / "etc/passwd").write_text("root:x:0:0::/root:/bin/sh\n")
  (root / "etc/group").write_text("root:x:0:\n")
  for tool in ("sh", "env", "id", "cat", "chmod", "stat"):
    found = pathlib.Path(
      subprocess.run(["which", tool], check=True, text=True, capture_output=True).stdout.strip()
    ).resolve()
    (root / "bin" / tool).write_bytes(found.read_bytes())
    (root / "bin" / tool).chmod(0o755)
    libraries = subprocess.run(
      ["ldd", found], check=True, text=True, capture_output=True
    ).stdout.split()
    for library in (word for word in libraries if word.startswith("/")):
      place = root / library.lstrip("/")
      place.parent.mkdir(parents=True, exist_ok=True)
      if not place.exists():
        place.write_bytes(pathlib.Path(library).read_bytes())
        place.chmod(0o755)
  monkeypatch.setattr(build.base_lib, "base", lambda image: root)
  return root


def _build(tmp_path, text, target="final", **arguments):
  context = tmp_path / "context"
  (context / "folder").mkdir(parents=True)
  (context / "folder" / "kept").write_text("kept")
  (context / "folder" / "ignored").touch()
  (context / "one").write_text("1")
  (context / "two").write_text("2")
  (context / ".dockerignore").write_text("folder/ignored\n")
  (context / "Dockerfile").write_text(text)
  return build.build(context, target, tmp_path / "image", arguments)


def test_steps_in_user_environment_and_folder(base, tmp_path, capfd):
  image = _build(
    tmp_path,
    """
      FROM any AS final
      ARG GIVEN
      ARG DEFAULT=default
      ENV PATH=/bin A=1
      ENV B=${A}2
      WORKDIR /app/inner
      RUN chmod 777 . && echo "$GIVEN $DEFAULT $B" >as_root
      USER 123:0
      WORKDIR ../other
      RUN cd ../inner && echo "$(id -u) $(id -g)" >as_user
      HEALTHCHECK --timeout=5s CMD ["cat", "../inner/as_user"]
      ENTRYPOINT ["sh", "-c", "echo $0 $B $HOME; id -u; cat as_root"]
      """,
    GIVEN="given",
  )
  root = tmp_path / "image" / "rootfs"
  assert (root / "app/inner/as_root").read_text() == "given default 12\n"
  assert (root / "app/inner/as_user").read_text() == "123 0\n"
  assert not (tmp_path / "image" / "stages").exists()
  assert not (base / "app").exists()
  image = build.Image.load(tmp_path / "image")
  assert image.config.WorkingDir == "/app/other"
  capfd.readouterr()
  assert image.run(image.config.Healthcheck, entrypoint=[]) == 0
  assert image.run(["x"], workdir="/app/inner", user="5:0") == 0
  assert capfd.readouterr().out.splitlines() == ["123 0", "x 12 /", "5", "given default 12"]


def test_copies(base, tmp_path):
  del base
  _build(
    tmp_path,
    """
      FROM any AS first
      COPY folder /made
      RUN echo 3 >/made/three
      WORKDIR /made/empty
      FROM any AS final
      WORKDIR /app
      COPY folder there/
      COPY one renamed
      COPY --chown=123:0 --chmod=600 one two both/
      COPY --from=first /made /
      COPY --from=first /made/three also
      """,
  )
  root = tmp_path / "image" / "rootfs"
  work = root / "app"
  assert sorted(path.name for path in work.iterdir()) == ["also", "both", "renamed", "there"]
  assert [p.name for p in (work / "there").iterdir()] == ["kept"]
  assert (work / "renamed").read_text() == "1"
  assert (work / "also").read_text() == (root / "three").read_text() == "3\n"
  assert (root / "kept").read_text() == "kept"
  assert (root / "empty").is_dir()
  for name in ("one", "two"):
    status = (work / "both" / name).stat()
    assert (status.st_uid, status.st_gid) == (123, 0)
    assert status.st_mode & 0o777 == 0o600


def test_a_step_that_fails_stops_the_build(base, tmp_path):
  del base
  with pytest.raises(BuildError, match="line 3: RUN exit 7.*exit status 7"):
    _build(tmp_path, "FROM any AS final\nENV PATH=/bin\nRUN exit 7\n")
  with pytest.raises(BuildError, match="no image is there"):
    build.Image.load(tmp_path / "image")
