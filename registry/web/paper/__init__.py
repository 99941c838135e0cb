"""What is handed out on paper: the brief of a country, one or two sheets, set by typst from the same graph as pages.

`brief.graphql` asks, `contents.py` says it in the reader's language, `brief.typ` sets it, `typesetting.py` runs typst.
"""
