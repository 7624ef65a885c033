"""TFMA's views in any notebook.

TFMA brings a widget for the classic notebook alone, whose successors don't load
it. The web component within is the same everywhere, so it gets a frame of its
own.
"""

import base64
import html
import json
import pathlib
from typing import Any

import tensorflow_model_analysis as tfma
from IPython import display

_COMPONENTS = {
  "SlicingMetricsViewer": "tfma-nb-slicing-metrics",
  "PlotViewer": "tfma-nb-plot",
  "TimeSeriesViewer": "tfma-nb-time-series",
}
_SCRIPT = pathlib.Path(tfma.__file__).parent / "static" / "vulcanized_tfma.js"
_PAGE = """<!doctype html><meta charset="utf-8">
<body style="background: #fff"><{component} id="view"></{component}>
<script>{script}</script>
<script>
  const bytes = Uint8Array.from(atob("{given}"), c => c.charCodeAt(0));
  const given = JSON.parse(new TextDecoder().decode(bytes));
  Object.assign(document.getElementById("view"), given);
</script>"""


def framed(viewer: Any, height: int = 600) -> display.HTML:
  """What `tfma.view.render_...` returned, in a frame.

  Its charts and its table are Google Charts', which it fetches when it is
  shown; what it fetches can't reach the notebook around.

  Args:
    viewer: a widget of TFMA's.
    height: of the frame, pixels.
  """
  given = json.dumps({"config": viewer.config, "data": viewer.data})
  page = _PAGE.format(
    component=_COMPONENTS[type(viewer).__name__],
    script=_SCRIPT.read_text(encoding="utf-8"),
    given=base64.b64encode(given.encode()).decode(),
  )
  # Wrapped in a div: for a bare iframe IPython warns to use display.IFrame.
  return display.HTML(
    f'<div><iframe sandbox="allow-scripts" width="100%" height="{height}" '
    f'style="border: 0" srcdoc="{html.escape(page)}"></iframe></div>'
  )
