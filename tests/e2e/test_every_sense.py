"""Every kind of question against every kind of item, over the built-in encoder and some of the demo media."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import sensorium
from sensorium.perception.speech import available

DEMO = Path(__file__).resolve().parents[2] / "demo"
MEDIA, QUESTIONS = DEMO / "media", DEMO / "questions"

HELD = (
    "notes/animals/puppy-class.txt",
    "notes/kitchen/seasoning-iron.md",
    "pictures/animals/kitten-with-wool.jpg",
    "pictures/animals/shepherd-dog.jpg",
    "pictures/animals/owl.jpg",
    "sounds/recording-1.ogg",
    "sounds/recording-3.ogg",
    "sounds/recording-5.ogg",
    "films/worker-warehouse.webm",
    "films/bear-zoo.webm",
    "documents/jfk-inaugural-1961.pdf",
    "documents/usgs-abrasives-2011.pdf",
)
CHAINSAW, BARK, RAIN = (f"recording-{number}.ogg" for number in (1, 3, 5))

KINDS = ("text", "image", "audio", "video", "document")
ASKED: dict[str, dict[str, Any]] = {
    "words": {"text": "a dog"},
    "picture": {"image": QUESTIONS / "tabby.jpg"},
    "sound": {"like": [QUESTIONS / "bark.ogg"]},
    "film": {"like": [MEDIA / "films/tractor-field.webm"]},
    "page": {"like": [MEDIA / "documents/docling-word-sample.docx"]},
    "picture of a film": {"image": QUESTIONS / "still.jpg"},
    "words and picture": {"text": "outside", "image": QUESTIONS / "tabby.jpg"},
}
"""None of these files is in the library."""

KNOWN = (
    ("words", "image", "shepherd-dog.jpg"),
    ("words", "text", "puppy-class.txt"),
    ("words", "audio", BARK),
    ("picture", "image", "kitten-with-wool.jpg"),
    ("picture of a film", "video", "worker-warehouse.webm"),
    ("sound", "audio", BARK),
    ("sound", "image", "shepherd-dog.jpg"),
    ("sound", "text", "puppy-class.txt"),
)
"""What has to come first, where that is beyond doubt."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sensorium.Library]:
    with sensorium.open(tmp_path_factory.mktemp("senses") / "library") as opened:
        receipt = opened.add(*(MEDIA / name for name in HELD))
        assert receipt.counts == {"added": len(HELD)}
        yield opened


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("asked", ASKED)
def test_every_question_finds_items_of_every_kind(library: sensorium.Library, asked: str, kind: str) -> None:
    hits = library.search(**ASKED[asked], modalities=[kind], k=2)
    assert len(hits) == 2
    assert {hit.item.modality for hit in hits} == {kind}
    assert all(0 <= hit.score <= 1 for hit in hits)


@pytest.mark.parametrize(("asked", "kind", "first"), KNOWN)
def test_what_is_beyond_doubt_comes_first(library: sensorium.Library, asked: str, kind: str, first: str) -> None:
    assert Path(library.search(**ASKED[asked], modalities=[kind], k=1)[0].path).name == first


@pytest.mark.parametrize("asked", ASKED)
def test_one_list_holds_several_kinds(library: sensorium.Library, asked: str) -> None:
    hits = library.search(**ASKED[asked], k=len(HELD))
    assert {hit.item.modality for hit in hits} == set(KINDS)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.skipif(available() is not None, reason=f"speech is not written down here: {available()}")
@pytest.mark.parametrize("kind", KINDS)
def test_a_spoken_question_finds_items_of_every_kind(library: sensorium.Library, kind: str) -> None:
    hits = library.search(spoken=MEDIA / "speech/printing-1.ogg", modalities=[kind], k=2)
    assert {hit.item.modality for hit in hits} == {kind}
