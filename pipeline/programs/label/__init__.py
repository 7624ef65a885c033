"""Labelling photos in a browser: `python -m pipeline label`.

`journal` keeps every answer, `table` is the CSV that is made of them, `book`
holds the two together; `opinions` says what counts where several people label,
and `agreement` how far they agree. `order` says which photo comes next, `photos`
shows it, `faces` and `check` find labels that are probably wrong; `session` is
what one labeller's page sees of all that, `app` serves it, and `door` lets others
in.
"""
