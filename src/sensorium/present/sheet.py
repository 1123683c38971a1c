"""The contact sheet: searches and their hits on one page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Sequence

from sensorium.core.results import SearchResults
from sensorium.present.cards import escaped, search_section, stylesheet
from sensorium.present.verdict import counted

POLICY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
"""What a browser may load for the page (Content Security Policy 3): pictures it already holds, its own style."""

CLOSING = "Scores run from 0 to 1. The previews are kept inside this page; it loads nothing and runs nothing."


def contact_sheet(searches: Sequence[SearchResults], *, title: str = "Contact sheet") -> str:
    """One self-contained HTML page for one or several searches.

    title: the heading above several searches; a single one has its question there. Raises ValueError without a
    search.

    >>> from sensorium.core.trace import Trace
    >>> nothing = SearchResults(question="<two> dogs", hits=(), trace=Trace())
    >>> "<h1 dir=\\"auto\\">&lt;two&gt; dogs</h1>" in contact_sheet([nothing])
    True
    """
    if not searches:
        raise ValueError("a contact sheet shows at least one search")
    single = len(searches) == 1
    name = searches[0].question if single else title
    head = "" if single else _masthead(searches, title)
    sections = "\n".join(
        search_section(results, heading="h1" if single else "h2", anchor=_anchor(number))
        for number, results in enumerate(searches, start=1)
    )
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escaped(POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"<title>{escaped(name)} · Sensorium</title>\n<style>\n{stylesheet()}</style>\n</head>\n"
        f'<body class="sensorium page">\n{head}<main>\n{sections}\n</main>\n<footer>{escaped(CLOSING)}</footer>\n'
        "</body>\n</html>\n"
    )


def _masthead(searches: Sequence[SearchResults], title: str) -> str:
    hits = sum(len(results) for results in searches)
    links = "".join(
        f'<li><a href="#{_anchor(number)}" dir="auto">{escaped(results.question)}</a></li>'
        for number, results in enumerate(searches, start=1)
    )
    return (
        f'<header class="masthead"><h1 dir="auto">{escaped(title)}</h1>'
        f"<p>{counted(len(searches), 'search')}, {counted(hits, 'hit')}</p>"
        f'<nav aria-label="Searches"><ul>{links}</ul></nav></header>\n'
    )


def _anchor(number: int) -> str:
    return f"search-{number}"
