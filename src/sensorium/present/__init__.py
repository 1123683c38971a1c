"""Results for people: a page, a notebook, a terminal. Knows no toolkit, decodes nothing. May import: core.

Whatever comes out of a file (names, titles, passages) is untrusted here: `characters.py` makes what can not be seen
visible, and each form escapes it for its own medium. To add a form, add one file that takes `SearchResults`.
"""
