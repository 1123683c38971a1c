"""A small film, built and looked at: what is where the plan says."""

from __future__ import annotations

import wave
from pathlib import Path

import av
import numpy as np
from benchmarks.judged.films import encode, mixed
from benchmarks.judged.frames import HEIGHT, WIDTH, still
from benchmarks.judged.listening import RATE, active, active_stretch
from benchmarks.judged.material import Noise, Photo, Words
from benchmarks.judged.plan import Film, Heard, Shot, Subtitle
from PIL import Image

LINE = Words(kind="subtitle", text="The ferry leaves.", query="when does the boat sail")
CARD = Words(kind="writing", text="WET PAINT", query="fresh paint")


def small(folder: Path, container: str = "mp4") -> Film:
    """One second of red, then a card; a beep after half a second; a line of text."""
    red = folder / "red.png"
    Image.new("RGB", (64, 64), (220, 10, 10)).save(red)
    beep = folder / "beep.wav"
    samples = np.zeros(RATE, "<i2")
    samples[RATE // 2 : RATE // 2 + RATE // 4] = 20_000
    with wave.open(str(beep), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    first, last = active(beep)
    return Film(
        name=f"small.{container}",
        shots=(
            Shot(start=0, end=1.0, source=Photo(path=red), fills=True),
            Shot(start=1.0, end=2.0, source=None, words=CARD),
        ),
        heard=(Heard(start=0.5, end=0.5 + last - first, source=Noise(path=beep, label="beep"), offset=first),),
        subtitles=(Subtitle(start=0.4, end=1.6, words=LINE),),
    )


def test_a_film_shows_each_shot_when_the_plan_says(tmp_path: Path) -> None:
    encode(small(tmp_path), tmp_path / "small.mp4")
    with av.open(str(tmp_path / "small.mp4")) as container:
        shown = {round(frame.time * 25): frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)}
    assert len(shown) == 50
    assert shown[0].shape == (HEIGHT, WIDTH, 3)
    assert shown[24].mean(axis=(0, 1))[0] > 150
    assert shown[25].mean(axis=(0, 1))[0] < 100


def test_each_container_carries_its_subtitles_with_their_seconds(tmp_path: Path) -> None:
    for name in ("mp4", "mkv", "webm"):
        encode(small(tmp_path, name), tmp_path / f"small.{name}")
        with av.open(str(tmp_path / f"small.{name}")) as container:
            stream = container.streams.subtitles[0]
            lines = [packet for packet in container.demux(stream) if LINE.text.encode() in bytes(packet)]
            assert [float(packet.pts * packet.time_base) for packet in lines] == [0.4]


def test_the_same_film_has_the_same_bytes(tmp_path: Path) -> None:
    film = small(tmp_path)
    encode(film, tmp_path / "one.mp4")
    encode(film, tmp_path / "other.mp4")
    assert (tmp_path / "one.mp4").read_bytes() == (tmp_path / "other.mp4").read_bytes()


def test_a_sound_is_heard_when_the_plan_says_without_its_silence(tmp_path: Path) -> None:
    first, last = active_stretch(mixed(small(tmp_path)))
    assert abs(first - 0.5) < 0.06
    assert abs(last - 0.89) < 0.12


def test_a_recording_of_silence_is_heard_as_a_whole() -> None:
    assert active_stretch(np.zeros(RATE, np.float32)) == (0.0, 1.0)


def test_a_still_is_small(tmp_path: Path) -> None:
    small(tmp_path)
    assert still(Photo(path=tmp_path / "red.png")).width == 320
