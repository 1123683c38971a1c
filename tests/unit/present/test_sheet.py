"""The contact sheet: complete in itself, and deaf to whatever stands in a file."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sensorium.core.items import Clip, Place, Preview
from sensorium.core.results import Hit, SearchResults
from sensorium.present.cards import stylesheet
from sensorium.present.sheet import contact_sheet

MakeHit = Callable[..., Hit]
MakeResults = Callable[..., SearchResults]
MakePreview = Callable[..., Preview]

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style><script>alert(1)</script>",
    "<!-- --><base href=//evil.example>",
    "javascript:alert(1)",
    "&lt;script&gt;",
    "\u202e]gpj.exe",
    "\x1b[2J\x00\udcff",
]

UNCLOSED = {"meta", "img", "link", "base", "br"}


class Page(HTMLParser):
    """The elements of a page with their attributes, and its texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in UNCLOSED:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def named(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements and the names of their attributes, without any value."""
        return [(tag, tuple(attributes)) for tag, attributes in self.elements]


def poisoned(poison: str, make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview) -> SearchResults:
    """The poison in every field that a file or a person fills; a blank path part would leave out an element."""
    path = f"/a{poison}/b{poison}0123456789"
    return make_results(
        make_hit(path=path, title=f"a{poison}", shown=make_preview()),
        make_hit(path=path, title=f"a{poison}", text=f"b{poison}", place=Place(characters=(0, 9))),
        make_hit(path=path, title=f"a{poison}"),
        question=f"a{poison}",
        picture=make_preview(),
    )


@pytest.fixture
def clean(make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview) -> Page:
    return Page(contact_sheet([poisoned("", make_hit, make_results, make_preview)] * 2, title="a"))


@pytest.mark.parametrize("poison", HOSTILE)
def test_hostile_text_adds_no_element_and_no_attribute(
    poison: str, clean: Page, make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview
) -> None:
    page = contact_sheet([poisoned(poison, make_hit, make_results, make_preview)] * 2, title=f"a{poison}")
    assert Page(page).shape == clean.shape


@given(poison=st.text(st.characters(exclude_characters="/")))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_no_text_at_all_adds_an_element(
    poison: str, clean: Page, make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview
) -> None:
    page = contact_sheet([poisoned(poison, make_hit, make_results, make_preview)] * 2, title=f"a{poison}")
    assert Page(page).shape == clean.shape


def test_hidden_characters_are_shown(make_hit: MakeHit, make_results: MakeResults) -> None:
    page = contact_sheet([make_results(make_hit(path="/a\u202egpj.exe", text="b\u2067\x1b[0m"), question="c\u202d")])
    assert not set("\u202d\u202e\u2067\x1b") & set(page)
    assert {"⟨U+202E⟩", "⟨U+2067⟩", "⟨U+202D⟩"} <= set(re.findall("⟨[^⟩]+⟩", page))


def test_the_page_refers_to_nothing_outside(
    make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview
) -> None:
    page = Page(contact_sheet([poisoned("", make_hit, make_results, make_preview)] * 2))
    references = [value for _, attrs in page.elements for name, value in attrs.items() if name in {"src", "href"}]
    assert references
    assert all(value.startswith(("data:image/png;base64,", "#search-")) for value in references)
    assert "url(" not in stylesheet()
    assert "@import" not in stylesheet()


def test_the_page_has_no_script_and_forbids_it(clean: Page) -> None:
    [policy] = [meta["content"] for meta in clean.named("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'")
    assert not clean.named("script")
    assert not [name for _, attributes in clean.elements for name in attributes if name.startswith("on")]


def test_links_within_the_page_lead_somewhere(clean: Page) -> None:
    targets = {f"#{section['id']}" for section in clean.named("section")}
    assert {link["href"] for link in clean.named("a")} == targets


def test_every_picture_has_its_size_and_words(clean: Page) -> None:
    assert clean.named("img")
    for picture in clean.named("img"):
        assert (picture["width"], picture["height"]) == ("200", "100")
        assert picture["alt"]


@pytest.mark.parametrize(("width", "height", "ratio"), [(200, 100, "2.000"), (10, 100, "0.680"), (1000, 1, "2.400")])
def test_a_card_has_the_shape_of_its_picture_within_bounds(
    width: int, height: int, ratio: str, make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview
) -> None:
    page = Page(contact_sheet([make_results(make_hit(shown=make_preview(width, height)))]))
    assert page.named("li")[0]["style"] == f"--ratio:{ratio}"


def test_a_picture_that_could_hold_script_is_not_shown(
    make_hit: MakeHit, make_results: MakeResults, make_preview: MakePreview
) -> None:
    vector = make_preview(media_type="image/svg+xml")
    page = contact_sheet([make_results(make_hit(shown=vector), picture=vector)])
    assert not Page(page).named("img")
    assert "no preview" in page


def test_one_search_has_its_question_as_the_heading(make_hit: MakeHit, make_results: MakeResults) -> None:
    page = Page(contact_sheet([make_results(make_hit(), question="two dogs")]))
    assert [tag for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)] == ["h1"]
    assert "two dogs" in page.texts


def test_several_searches_are_named_above_and_each_below(make_results: MakeResults) -> None:
    page = Page(contact_sheet([make_results(question=q) for q in ("dogs", "cats")], title="Both"))
    assert [tag for tag, _ in page.elements if re.fullmatch("h[1-6]", tag)] == ["h1", "h2", "h2"]
    assert {"Both", "dogs", "cats"} <= set(page.texts)


def test_a_search_by_picture_shows_the_picture(make_results: MakeResults, make_preview: MakePreview) -> None:
    page = Page(contact_sheet([make_results(picture=make_preview())]))
    assert [picture["alt"] for picture in page.named("img")] == ["The picture asked with"]


def test_a_passage_is_there_whole_with_its_place(make_hit: MakeHit, make_results: MakeResults) -> None:
    passage = "snow " * 300
    page = Page(contact_sheet([make_results(make_hit(text=passage, place=Place(characters=(5, 90))))]))
    assert passage in page.texts
    assert "text · characters 5-90" in page.texts


@pytest.mark.parametrize("text", ["# Snow\n\nIt fell.", "Snow\n====\n\nIt fell.", "It fell."])
def test_a_title_is_not_said_twice(text: str, make_hit: MakeHit, make_results: MakeResults) -> None:
    page = Page(contact_sheet([make_results(make_hit(title="Snow", text=text))]))
    assert page.texts.count("Snow") == 1
    assert "It fell." in page.texts


def test_a_passage_that_an_editor_wrapped_flows_on_a_card(make_hit: MakeHit, make_results: MakeResults) -> None:
    page = Page(contact_sheet([make_results(make_hit(text="It fell\nall night.\n\nThen it thawed."))]))
    assert "It fell all night.\n\nThen it thawed." in page.texts


def test_a_path_stands_whole_in_its_title(make_hit: MakeHit, make_results: MakeResults) -> None:
    path = "/home/ann/" + "deep/" * 30 + "a name with blanks.jpg"
    page = Page(contact_sheet([make_results(make_hit(path=path))]))
    assert [p["title"] for p in page.named("p") if p.get("class") == "path"] == [path]
    assert path in "".join(page.texts)


@pytest.mark.parametrize(
    ("score", "number", "width"), [(0.874, "0.87", "87%"), (0.0, "0.00", "0%"), (1.0, "1.00", "100%")]
)
def test_a_score_is_a_number_and_a_bar(
    score: float, number: str, width: str, make_hit: MakeHit, make_results: MakeResults
) -> None:
    page = Page(contact_sheet([make_results(make_hit(score=score))]))
    assert number in page.texts
    assert {"style": f"width:{width}"} in page.named("span")


def test_an_empty_answer_says_so(make_results: MakeResults) -> None:
    assert "Nothing found." in Page(contact_sheet([make_results()])).texts


def test_a_sheet_without_a_search_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one"):
        contact_sheet([])


def _scheme(block: str) -> dict[str, tuple[float, float, float]]:
    found = re.findall(r"--(\w+): #([0-9a-f]{6});", block)
    return {name: tuple(int(code[i : i + 2], 16) / 255 for i in (0, 2, 4)) for name, code in found}  # type: ignore[misc]


def _luminance(colour: tuple[float, float, float]) -> float:
    red, green, blue = ((c / 12.92) if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _contrast(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["page", "card", "mat"])
@pytest.mark.parametrize("ink", ["ink", "quiet", "accent"])
def test_words_stand_out_from_their_ground(dark: bool, ground: str, ink: str) -> None:
    """WCAG 2.2, level AA, for text of any size: 4.5 to 1."""
    light_block, dark_block = stylesheet().split("prefers-color-scheme: dark", 1)
    scheme = _scheme(dark_block if dark else light_block)
    assert _contrast(scheme[ink], scheme[ground]) >= 4.5


def test_keyboard_focus_is_shown() -> None:
    assert ":focus-visible { outline: 2px solid" in stylesheet()


def test_a_passage_of_a_page_is_marked_where_it_stands(make_hit, make_results, make_preview) -> None:
    found = make_hit(text="the sum", place=Place(page=3, box=(0.1, 0.25, 0.6, 0.5)), shown=make_preview(120, 160))
    page = Page(contact_sheet([make_results(found)]))
    assert [attributes["style"] for tag, attributes in page.elements if tag == "i"] == [
        "left:10.00%;top:25.00%;width:50.00%;height:25.00%"
    ]
    assert "the sum" in page.texts


def test_a_sentence_is_shown_below_the_frame_that_is_seen_then(make_hit, make_results, make_preview) -> None:
    found = make_hit(text="to be or not", place=Place(seconds=(61.0, 64.5)), shown=make_preview())
    page = Page(contact_sheet([make_results(found)]))
    assert "img" in [tag for tag, _ in page.elements]
    assert {"to be or not", "text · 1:01.0-1:04.5"} <= set(page.texts)


def test_a_text_of_its_own_stays_a_passage_without_a_picture(make_hit, make_results) -> None:
    page = Page(contact_sheet([make_results(make_hit(text="tea", place=Place(characters=(0, 3))))]))
    assert "img" not in [tag for tag, _ in page.elements]


@pytest.mark.parametrize(("media_type", "element"), [("video/mp4", "video"), ("audio/mp4", "audio")])
def test_a_clip_plays_from_inside_the_page(media_type: str, element: str, make_hit, make_results) -> None:
    clip = Clip(media_type=media_type, seconds=(1.0, 4.0), data=b"film")
    found = replace(make_hit(text="come in", place=Place(seconds=(1.0, 4.0))), clip=clip)
    page = Page(contact_sheet([make_results(found)]))
    [played] = [attributes for tag, attributes in page.elements if tag == element]
    assert played["src"] == f"data:{media_type};base64,ZmlsbQ=="
    assert "come in" in page.texts


def test_a_clip_of_a_type_that_no_page_plays_is_left_out(make_hit, make_results) -> None:
    clip = Clip(media_type="text/html", seconds=(1.0, 4.0), data=b"<script>")
    found = replace(make_hit(text="come in"), clip=clip)
    assert "text/html" not in contact_sheet([make_results(found)])
