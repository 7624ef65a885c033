"""Options of Beam's local runner, by how many workers and of which kind."""

# Without the image TFX packs a copy of itself, 50 MB, for each component.
_LOCAL = ("--runner=FnApiRunner", "--sdk_container_image=none")

ONE_WORKER = (*_LOCAL, "--direct_running_mode=in_memory")


def threads(number: int) -> tuple[str, ...]:
  """That many workers in this process."""
  return (*_LOCAL, "--direct_running_mode=multi_threading", f"--direct_num_workers={number}")


def processes(number: int) -> tuple[str, ...]:
  """That many workers, each a process of its own."""
  return (*_LOCAL, "--direct_running_mode=multi_processing", f"--direct_num_workers={number}")
