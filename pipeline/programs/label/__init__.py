"""Labelling photos in a browser: `python -m pipeline label`.

`journal` keeps every answer, `table` is the CSV that is made of them, `book`
holds the two together; `order` says which photo comes next, `photos` shows it,
`faces` and `check` find labels that are probably wrong; `session` is what the
page sees of all that, and `app` serves it.
"""
