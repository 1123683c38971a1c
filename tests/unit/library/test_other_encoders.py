"""A library that is filled and asked by an encoder of ONNX files, from pixels in the reading process to hits."""

import socket
from pathlib import Path

import pytest
from PIL import Image

import sensorium
from sensorium.core.settings import Settings

MICRO = Path(__file__).resolve().parents[1] / "encoders" / "micro"


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here may so much as look a name up."""

    def refuse(*args: object, **options: object) -> None:
        raise AssertionError("the network was asked for")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "things"
    made.mkdir()
    for name in ("red", "blue"):
        Image.new("RGB", (40, 24), name).save(made / f"{name}.png")
    (made / "heron.txt").write_text("an oil tanker, a red fox and a heron")
    (made / "bus.txt").write_text("A red bus waits in front of the old theatre!")
    return made


@pytest.mark.parametrize("kind", ["clip", "siglip"])
def test_it_is_filled_and_asked(kind: str, folder: Path, tmp_path: Path) -> None:
    settings = Settings(encoder=f"onnx:{MICRO / kind}", threads=1, writing=0, speech=0)
    with sensorium.open(tmp_path / "library", settings=settings) as library:
        receipt = library.add(folder)
        assert not library.refused(), receipt
        (space,) = library.info().spaces
        assert space.name == kind
        found = library.search("a red bus waits in front of the old theatre!", modalities=["text"], k=1)
        assert found[0].path.endswith("bus.txt")
        assert library.search(image=str(folder / "blue.png"), modalities=["image"], k=1)[0].path.endswith("blue.png")
        assert library.doctor().healthy


def test_the_score_of_a_picture_is_the_model_s_own(folder: Path, tmp_path: Path) -> None:
    settings = Settings(encoder=f"onnx:{MICRO / 'siglip'}", threads=1, writing=0, speech=0)
    with sensorium.open(tmp_path / "library", settings=settings) as library:
        library.add(folder)
        hits = library.search("a heron", modalities=["image"], k=2)
        assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
        assert all(0 <= hit.score <= 1 for hit in hits)
