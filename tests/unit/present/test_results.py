"""Results that show themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sensorium.core.items import Preview
from sensorium.core.results import Hit, SearchResults
from sensorium.present.results import ShownResults

MakeHit = Callable[..., Hit]
MakeResults = Callable[..., SearchResults]
MakePreview = Callable[..., Preview]


def test_shown_results_are_the_same_results(
    make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview
) -> None:
    plain = make_results(make_hit(), picture=make_preview())
    shown = ShownResults.of(plain)
    assert (shown.hits, shown.question, shown.picture, shown.trace) == (
        plain.hits,
        plain.question,
        plain.picture,
        plain.trace,
    )
    assert shown.as_json() == plain.as_json()


def test_print_shows_hits_within_the_terminal(
    make_hit: MakeHit, make_results: MakeResults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    text = str(ShownResults.of(make_results(make_hit(path="/deep" * 30 + "/dog.png"))))
    assert text.endswith("/dog.png")
    assert max(map(len, text.splitlines())) == 50


def test_a_notebook_shows_thumbnails(make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview) -> None:
    html = ShownResults.of(make_results(make_hit(shown=make_preview())))._repr_html_()
    assert html.startswith('<div class="sensorium fragment">')
    assert '<img src="data:image/png;base64,' in html


def test_a_notebook_runs_nothing_that_stands_in_a_file(make_hit: MakeHit, make_results: MakeResults) -> None:
    evil = "<script>alert(1)</script>"
    html = ShownResults.of(make_results(make_hit(title=evil, text=evil, path=evil), question=evil))._repr_html_()
    assert "<script" not in html


def test_the_style_of_a_notebook_touches_nothing_else(make_results: MakeResults) -> None:
    html = ShownResults.of(make_results())._repr_html_()
    style = html.split("<style>")[1].split("</style>")[0]
    rules = [line.strip() for line in style.splitlines() if line.strip().endswith("{") or "{ " in line]
    assert all(rule.startswith((".sensorium", "@media")) for rule in rules)
