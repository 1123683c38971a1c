"""How the captions of figures and tables begin."""

from __future__ import annotations

import re

_NUMBER = r"(?:\s*(?:[a-z]?\.?\d+[\w.:-]*)|\s+(?:[ivxlc]+|[a-z])\b)"
_FIGURE = (
    r"(?:fig(?:ure|\.)?|abb(?:ildung|\.)?|chart|graph|map|plate|photo|picture|illustration|diagram|scheme|exhibit"
    r"|image)"
)
_TABLE = r"(?:tab(?:le|elle|leau|la|\.)|exhibit)"

FIGURE_CAPTION = re.compile(_FIGURE + _NUMBER, re.IGNORECASE)
TABLE_CAPTION = re.compile(_TABLE + _NUMBER, re.IGNORECASE)

_OPENING = re.compile(rf"(?:{_FIGURE}|{_TABLE}){_NUMBER}(?:[.:(–—|-]|\s*$|\s+[(–—]|\s+(?-i:[A-Z]))", re.IGNORECASE)


def is_caption(text: str) -> bool:
    """Whether a text starts as captions do.

    >>> is_caption("Figure 7-26. Self-locking nuts."), is_caption("TABLE 2. Deaths"), is_caption("Figures show")
    (True, True, False)
    """
    return bool(FIGURE_CAPTION.match(text) or TABLE_CAPTION.match(text))


def opens_caption(text: str) -> bool:
    """Whether a line is surely the first one of a caption, and no line of a paragraph that speaks of a figure.

    >>> opens_caption("Figure 15 (data until 7 July)"), opens_caption("Figure 15 shows that")
    (True, False)
    """
    return bool(_OPENING.match(text))
