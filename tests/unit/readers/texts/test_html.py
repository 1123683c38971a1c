from __future__ import annotations

import base64
import io

import pytest

from sensorium.core.contents import Document, ImageInput, ReadRequest
from sensorium.core.errors import EmptyFile, TooLarge
from sensorium.core.items import Aspect, Modality
from sensorium.core.settings import Settings
from sensorium.readers.texts import hypertext
from sensorium.readers.texts.html import HtmlReader
from sensorium.testing.pictures import png


def read(page: str) -> Document:
    request = ReadRequest(image_inputs=(ImageInput(width=8, height=8),))
    return HtmlReader().read(io.BytesIO(page.encode()), "text/html", request, Settings())


def text(page: str) -> str:
    return "\n--\n".join(piece.text or "" for piece in read(page).pieces)


def test_the_title_is_that_of_the_page_else_its_first_heading() -> None:
    assert read("<title> The \n page </title><h1>Head</h1>").title == "The page"
    assert read("<p>x<h2>Head <b>two</b></h2>").title == "Head two"


def test_blocks_follow_their_tags_and_space_is_as_a_browser_shows_it() -> None:
    assert (
        text("<div>one\n  two<br>three</div><p>four<p>five &amp; <a href=x>six</a>")
        == "one two\nthree\n\nfour\n\nfive & six"
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>x</script>",
        "<style>x</style>",
        "<template><p>x</template>",
        "<p hidden>x</p>",
        "<div style='color:red; DISPLAY : none'><p>x</div>",
        "<span style='visibility:hidden'>x</span>",
        "<textarea>x</textarea>",
        "<select><option>x</select>",
        "<!-- x -->",
        "<iframe src='https://example.org/'>x</iframe>",
        "<svg><title>x</title></svg>",
    ],
)
def test_what_nobody_sees_is_left_out(hidden: str) -> None:
    assert text(f"<p>before</p>{hidden}<p>behind</p>") == "before\n\nbehind"


def test_lists_and_headings_keep_their_form() -> None:
    page = "<h2>Tea</h2><ul><li>leaves<li><p>a pot</p></ul><ol><li>• boil</ol>"
    assert text(page) == "Tea\n\n- leaves\n- a pot\n- boil"
    assert read(page).pieces[0].attributes["heading"] == "Tea"


def test_tables_are_rows() -> None:
    page = "<table><caption>Food</caption><tr><th>a<th>b<tr><td><p>1</p><p>x</p><td>2</table><p>end"
    document = read(page)
    assert [(piece.aspect, piece.text) for piece in document.pieces] == [
        (Aspect.CONTENT, "Food"),
        (Aspect.TABLE, "a | b\n1 x | 2"),
        (Aspect.CONTENT, "end"),
    ]


def test_tables_that_only_arrange_a_page_lose_nothing() -> None:
    page = "<table><tr><td>menu<table><tr><td>a<td>b</table>rest<td>side</table>"
    found = text(page)
    assert all(word in found for word in ("menu", "a | b", "rest", "side"))
    assert found.index("menu") < found.index("a | b") < found.index("rest")


def test_code_keeps_its_lines() -> None:
    assert text("<p>See</p><pre>if x:\n    y()\n\nz</pre>") == "See\n\nif x:\n    y()\n\nz"


def test_places_count_in_the_text_that_is_shown() -> None:
    document = read("<h1>A</h1>" + "<p>word word word word.</p>" * 100)
    ends = [piece.place.characters for piece in document.pieces]
    assert len(ends) > 2
    assert ends[0] is not None
    assert ends[0][0] == 0


def test_words_for_a_picture_elsewhere_stay_as_text() -> None:
    assert text("<p>See <img src='https://example.org/a.png' alt='a duck'> here") == "See a duck here"


def test_a_picture_that_the_page_holds_is_a_figure() -> None:
    address = "data:image/png;base64," + base64.b64encode(png((1, 2, 3), 64, 48)).decode()
    document = read(f"<p>Look</p><img alt='A field' src='{address}'><p>end</p>")
    figure = next(piece for piece in document.pieces if piece.modality is Modality.IMAGE)
    assert figure.attributes["caption"] == "A field"
    assert document.notes == ()


@pytest.mark.parametrize(
    "address", ["data:image/png;base64,%%%", "data:image/svg+xml,<svg/>", "data:text/html,x", "data:"]
)
def test_an_address_that_holds_no_picture_is_no_figure(address: str) -> None:
    assert all(piece.modality is Modality.TEXT for piece in read(f"<p>x</p><img src='{address}'>").pieces)


def test_soft_hyphens_part_no_word() -> None:
    assert text("<p>Donau\u00addampf\u200bschiff") == "Donaudampfschiff"


def test_a_long_text_is_whole() -> None:
    words = "word " * 3_000_000  # libxml2 drops a text of more than ten million bytes unless it is told not to
    place = read(f"<p>{words}").pieces[-1].place
    assert place.characters is not None
    assert place.characters[1] == len(words) - 1


def test_a_page_without_text_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read("<html><script>x</script>")


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hypertext, "MOST_ELEMENTS", 100)
    with pytest.raises(TooLarge, match="100 elements"):
        read("<p>x" * 101)
