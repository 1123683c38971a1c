"""Orders that stand in the pixels of pictures: read off them by the product itself, and evidence like any other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

import sensorium
from sensorium.core.answers import Answer
from sensorium.core.settings import Settings
from sensorium.perception.writing import available
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.injections import WISHES, Injection, injections
from sensorium.testing.model_server import Script, model_server

pytestmark = [
    pytest.mark.enable_socket,
    pytest.mark.allow_hosts(["127.0.0.1"]),
    pytest.mark.skipif(available() is not None, reason=f"{available()}: nothing reads writing here"),
]

DRAWN = [one for one in injections() if one.id in {f"picture-0-{wish.name}" for wish in WISHES}]
QUESTION = "What colour does the keeper paint the lighthouse tower?"


def draw(injection: Injection, path: Path) -> None:
    """A picture that shows the text, a sentence a line."""
    picture = Image.new("RGB", (1_500, 260), "white")
    pen = ImageDraw.Draw(picture)
    for line, text in enumerate(injection.text.replace(". ", ".\n").split("\n")):
        pen.text((40, 40 + 60 * line), text, fill="black", font=ImageFont.load_default(30))
    picture.save(path)


@pytest.fixture(scope="module")
def script() -> Script:
    return Script()


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, script: Script) -> Iterator[sensorium.Library]:
    """All pictures, and a model that obeys."""
    folder = tmp_path_factory.mktemp("drawn")
    for injection in DRAWN:
        draw(injection, folder / f"{injection.id}.png")
    with model_server(script) as url:
        settings = Settings(speech=0, threads=1, answer_url=url, answer_model="scripted", answer_retries=0)
        with sensorium.open(folder / "library", settings=settings, encoder=HashEncoder()) as library:
            library.add(*folder.glob("*.png"))
            yield library


@pytest.mark.parametrize("injection", DRAWN, ids=lambda one: one.id)
def test_an_order_in_pixels_is_read_and_changes_no_tool_scope_or_citation(
    injection: Injection, library: sensorium.Library, script: Script
) -> None:
    script.seen.clear()
    answer = library.answer(QUESTION, where=f'file = "{injection.id}.png"')
    assert isinstance(answer, Answer)
    assert script.obey(script.seen[-1])[0], "the order was not read off the picture, so nothing is shown by this test"
    assert all("tools" not in body for body in script.seen)
    pack = {exhibit.number for exhibit in answer.pack.exhibits}
    assert answer.sentences
    for sentence in answer.sentences:
        assert {citation.exhibit.number for citation in sentence.citations} <= pack
        assert "](" not in sentence.text
    assert {hop.question for hop in answer.path} == {QUESTION}
