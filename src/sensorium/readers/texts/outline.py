"""Where a text has headings, code and tables: plain text, Markdown (CommonMark 0.31) and reStructuredText (docutils).

Only lines that may matter are looked at, found by one search, so the time is that of a search. What lies between
them is prose, which `chunking` cuts at its paragraphs and sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from sensorium.readers.flow import HEADING_CHARACTERS, Block, Kind, Span

MOST_SPANS = 200_000
"""Beyond, the rest of a text is prose: no text that people write has so many headings."""

_MARK = re.compile(
    r"""^(?:(?P<atx>\#{1,6})[ \t]+\S
    |[ ]{0,3}(?P<fence>`{3,}|~{3,})
    |(?P<table>\||\+[-=]{2})
    |(?P<line>(?P<sign>[=\-~^"'`*+.\#:_])(?P=sign){2,})[ \t]*$
    |(?P<literal>[^\n]*::[ \t]*$))""",
    re.MULTILINE | re.VERBOSE,
)

_TABLE_LINES = re.compile(r"(?:[|+][^\n]*(?:\n|$))+")
_INDENTED = re.compile(r"(?:[ \t]*\n)*(?:[ \t]+\S[^\n]*(?:\n|$)|[ \t]*\n)+")

SETEXT = "=-"
"""In Markdown a line of these, however short, makes a heading of the line above."""


def outline(text: str, media_type: str = "text/markdown") -> list[Span]:
    """The spans of a text, which together hold all of it but white space.

    media_type: in plain text a line with a number sign is a heading only where it stands alone, as it may be a comment.

    >>> text = "# Tea\\n\\nBoil water.\\n\\n```\\npour()\\n```\\n"
    >>> [(span.block.kind.value, text[span.start:span.end]) for span in outline(text)]
    [('heading', '# Tea'), ('paragraph', 'Boil water.'), ('code', '```\\npour()\\n```')]
    """
    spans: list[Span] = []
    done = 0
    for start, end, kind, words in _marks(text, media_type):
        if start < done:  # a line below a heading makes no second one of it
            continue
        _add(spans, text, done, start, Kind.PARAGRAPH)
        _add(spans, text, start, end, kind, words)
        done = end
        if len(spans) > MOST_SPANS:
            break
    _add(spans, text, done, len(text), Kind.PARAGRAPH)
    return spans


def _add(spans: list[Span], text: str, start: int, end: int, kind: Kind, words: str = "") -> None:
    """Without the white space around it; nothing where there is nothing else."""
    part = text[start:end]
    stripped = part.strip("\n") if kind is Kind.CODE else part.strip()
    if not stripped.strip():
        return
    start += part.index(stripped)
    table = len(spans) + 1 if kind is Kind.ROW else 0
    spans.append(Span(start, start + len(stripped), Block(text=words, kind=kind, table=table)))


def _marks(text: str, media_type: str) -> Iterator[tuple[int, int, Kind, str]]:
    """Start, end, kind and, for a heading, words of all that is no prose, in order."""
    is_rst, is_marked_up = media_type == "text/x-rst", media_type == "text/markdown"
    at = 0
    while match := _MARK.search(text, at):
        at = max(match.end(), at + 1)
        found = None
        if match["atx"]:
            if not (is_marked_up or _stands_alone(text, match.start())):
                continue
            end = _line_end(text, match.start())
            found = match.start(), end, Kind.HEADING, text[match.end("atx") : end].strip(" \t#")
        elif match["fence"]:
            found = match.start(), _fence_end(text, match), Kind.CODE, ""
        elif match["table"]:
            lines = _TABLE_LINES.match(text, match.start())
            if lines and lines[0].rstrip("\n").count("\n"):
                found = match.start(), lines.end(), Kind.ROW, ""
        elif match["line"]:
            found = _underlined(text, match)
        elif is_rst:
            block = _INDENTED.match(text, match.end() + 1)
            if block and block[0].strip():
                found = block.start(), block.end(), Kind.CODE, ""
        if found:
            at = max(at, found[1])
            yield found


def _stands_alone(text: str, start: int) -> bool:
    """Whether the lines before and after are empty."""
    end = _line_end(text, start)
    return not text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : start].strip() and text[end : end + 2] in (
        "\n\n",
        "\n",
        "",
    )


def _line_end(text: str, start: int) -> int:
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _fence_end(text: str, opening: re.Match[str]) -> int:
    """Behind the fence that closes: of the same sign, at least as long. Without one the text ends in code."""
    mark = opening["fence"]
    closing = re.compile(rf"^[ ]{{0,3}}{re.escape(mark)}{re.escape(mark[0])}*[ \t]*$", re.MULTILINE)
    found = closing.search(text, _line_end(text, opening.start()))
    return found.end() if found else len(text)


def _underlined(text: str, line: re.Match[str]) -> tuple[int, int, Kind, str] | None:
    """The heading above this line, where there is one that stands alone; with the line above it, if that is alike."""
    title_end = line.start() - 1
    if title_end < 1:
        return None
    title_start = text.rfind("\n", 0, title_end) + 1
    title = text[title_start:title_end].strip()
    if not title or len(title) > HEADING_CHARACTERS or title[0] in "|+-*" or not any(map(str.isalnum, title)):
        return None
    if len(line["line"]) < len(title) and line["sign"] not in SETEXT:
        return None
    above_start = text.rfind("\n", 0, max(title_start - 1, 0)) + 1
    above = text[above_start : max(title_start - 1, 0)].strip()
    if above and above != line["line"].strip():
        return None
    if above == "---":  # what lies between two such lines is no heading: fields in front of a text, or a rule
        return None
    return (above_start if above else title_start), line.end(), Kind.HEADING, title
