"""Playlists in disguise, bombs and broken recordings and films, made here: refused, or read as far as they go."""

from __future__ import annotations

import contextlib
import random
import struct
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.contents import AudioInput, Document, ImageInput, ReadRequest
from sensorium.core.errors import DamagedFile, ReaderCrashed, Refused, TookTooLong, TooLarge
from sensorium.readers.recognise import recognise
from sensorium.testing.media import film, noise, plain, recording, tones
from sensorium.testing.mutants import Chosen, check_mutants, mutated

Read = Callable[..., Document]

REQUEST = ReadRequest(
    image_inputs=(ImageInput(width=32, height=32),),
    audio_inputs=(AudioInput(rate=16_000, seconds=1.0, hop=0.5),),
    preview_side=64,
    track_rate=16_000,
)

MEDIA_TYPES = (
    *("audio/wav", "audio/mpeg", "audio/flac", "audio/ogg", "audio/aac", "audio/aiff", "audio/mp4"),
    *("video/mp4", "video/quicktime", "video/webm", "video/matroska", "video/x-msvideo", "video/ogg"),
)

MUTANTS = 150
MUTANTS_LONG = 10_000

NEIGHBOUR = "neighbour.wav"

PLAYLISTS = {
    "ffconcat": "ffconcat version 1.0\nfile {path}\nduration 10\n",
    "HLS": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\n{path}\n#EXT-X-ENDLIST\n",
    "HLS of a file": "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile://{path}\n#EXT-X-ENDLIST\n",
    "DASH": '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><Period><AdaptationSet>'
    "<Representation><BaseURL>{path}</BaseURL></Representation></AdaptationSet></Period></MPD>",
    "SDP": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio 5004 RTP/AVP 0\n",
    "lavfi": "amovie={path}",
    "subtitles": "Dialogue: {path}\n",
}


@pytest.fixture
def neighbour(tmp_path: Path) -> Path:
    path = tmp_path / NEIGHBOUR
    path.write_bytes(recording(tones(2.0)))
    return path


@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_is_recognised_as_the_text_that_it_is(name: str, neighbour: Path) -> None:
    assert recognise(PLAYLISTS[name].format(path=neighbour).encode()) in ("text/plain", "application/xml")


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
@pytest.mark.parametrize("name", PLAYLISTS)
def test_a_playlist_in_disguise_reads_no_neighbour(read: Read, name: str, media_type: str, neighbour: Path) -> None:
    """Whatever it was taken for: the demuxer of that type finds nothing in it."""
    with pytest.raises(Refused) as refusal:
        read(PLAYLISTS[name].format(path=neighbour).encode(), media_type, REQUEST)
    assert not isinstance(refusal.value, ReaderCrashed | TookTooLong)


def test_a_film_that_refers_to_another_file_does_not_get_it(read: Read, neighbour: Path) -> None:
    """Data references (ISO/IEC 14496-12, 8.7.2) name the file that holds the samples: its own samples are read."""
    url = b"file://" + bytes(neighbour)
    data = recording(noise(2.0), "audio/mp4")
    at = data.index(b"url \0\0\0\1")
    entry = struct.pack(">I", 12 + len(url) + 1) + b"url \0\0\0\0" + url + b"\0"
    grown = data[: at - 4] + entry + data[at + 8 :]
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):
        start = grown.rindex(name, 0, at) - 4
        size = int.from_bytes(grown[start : start + 4], "big") + len(entry) - 12
        grown = grown[:start] + size.to_bytes(4, "big") + grown[start + 4 :]
    own, grown_reading = (read(entry, "audio/mp4", REQUEST) for entry in (data, grown))
    assert own.track is not None
    assert grown_reading.track is not None
    assert np.array_equal(own.track.samples, grown_reading.track.samples)


@pytest.mark.parametrize("media_type", MEDIA_TYPES)
def test_a_file_of_another_format_is_not_guessed(read: Read, media_type: str) -> None:
    other = recording(tones(1.0), "audio/flac" if media_type != "audio/flac" else "audio/ogg")
    with pytest.raises(Refused):
        read(other[4:], media_type, REQUEST)


def mp4_box(name: bytes, *contents: bytes) -> bytes:
    body = b"".join(contents)
    return (8 + len(body)).to_bytes(4, "big") + name + body


def test_a_film_that_claims_to_last_for_years_is_too_large(read: Read) -> None:
    data = bytearray(film([plain(60)] * 10, "video/matroska"))
    at = data.index(b"\x44\x89\x88") + 3  # the element Duration (RFC 9559, 5.1.2.10): a float of 8 bytes, in ms
    data[at : at + 8] = struct.pack(">d", 1e12)
    with pytest.raises(TooLarge, match="seconds"):
        read(bytes(data), "video/matroska", REQUEST)


def test_a_million_streams_are_refused(read: Read) -> None:
    header = mp4_box(b"tkhd", bytes(84))
    media = mp4_box(b"mdhd", bytes(12) + b"\0\0\3\xe8" + bytes(8)) + mp4_box(b"hdlr", bytes(8) + b"soun" + bytes(13))
    track = mp4_box(b"trak", header, mp4_box(b"mdia", media))
    data = mp4_box(b"ftyp", b"isom\0\0\2\0isom") + mp4_box(b"moov", mp4_box(b"mvhd", bytes(100)), track * 200_000)
    with pytest.raises(Refused) as refusal:
        read(data, "video/mp4", REQUEST)
    assert not isinstance(refusal.value, ReaderCrashed | TookTooLong)


def test_more_streams_than_allowed_are_refused(read: Read) -> None:
    data = film([plain(60)] * 5)
    start = data.index(b"trak") - 4
    size = int.from_bytes(data[start : start + 4], "big")
    track = data[start : start + size]
    at = data.index(b"moov") - 4
    grown = int.from_bytes(data[at : at + 4], "big") + 20 * size
    many = data[:at] + grown.to_bytes(4, "big") + data[at + 4 : start] + track * 20 + data[start:]
    with pytest.raises(TooLarge, match="streams"):
        read(many, "video/mp4", REQUEST)


@pytest.mark.parametrize("sides", [(30_000, 16), (16, 30_000), (30_000, 30_000)])
def test_frames_of_30000_pixels_are_refused(read: Read, sides: tuple[int, int]) -> None:
    data = bytearray(film([plain(60)] * 5, "video/x-msvideo", encoder="mjpeg"))
    start = data.index(b"\xff\xc0\0\x11\x08")  # the header of a frame of JPEG tells its size
    while start >= 0:
        data[start + 5 : start + 9] = struct.pack(">HH", *sides)
        start = data.find(b"\xff\xc0\0\x11\x08", start + 1)
    with pytest.raises((TooLarge, DamagedFile)):
        read(bytes(data), "video/x-msvideo", REQUEST)


@pytest.mark.parametrize("name", [b"mvhd", b"mdhd"])
def test_a_clock_that_stands_still_ends_as_a_refusal_or_a_film(read: Read, name: bytes) -> None:
    data = bytearray(film([plain(60)] * 10))
    at = data.index(name) + 4 + 12
    data[at : at + 4] = bytes(4)
    with contextlib.suppress(DamagedFile, TooLarge):
        assert read(bytes(data), "video/mp4", REQUEST).pieces


def test_a_wav_of_four_gigahertz_is_refused_or_read(read: Read) -> None:
    data = bytearray(recording(tones(1.0)))
    data[24:28] = b"\xff\xff\xff\xff"
    with pytest.raises(Refused) as refusal:
        read(bytes(data), "audio/wav", REQUEST)
    assert not isinstance(refusal.value, ReaderCrashed | TookTooLong)


def test_a_recording_that_unfolds_is_read_in_parts(read: Read) -> None:
    """Silence and a click: an hour and a half of sound in some kilobytes."""
    sound = np.zeros(16_000 * 1_500, np.int16)
    sound[:16_000] = tones(1.0)
    bomb = recording(sound, "audio/flac")
    assert len(bomb) < sound.nbytes // 100
    document = read(bomb, "audio/flac", REQUEST)
    assert document.next is not None
    assert document.next <= 60


def seeds() -> dict[str, bytes]:
    sound, pictures = noise(1.0), [plain(60)] * 8 + [plain(180)] * 8
    recordings = ("audio/wav", "audio/mpeg", "audio/flac", "audio/ogg", "audio/aac", "audio/mp4")
    films = ("video/mp4", "video/matroska", "video/webm", "video/x-msvideo")
    return {
        **{media_type: recording(sound, media_type) for media_type in recordings},
        **{media_type: film(pictures, media_type, sound=sound) for media_type in films},
    }


def check(read: Read, count: int, seed: int) -> None:
    whole = seeds()

    def mutant(chance: random.Random) -> Chosen:
        media_type = chance.choice(list(whole))
        return mutated(chance, whole[media_type], (1, 2, 4, 64, 512)), whole[media_type], media_type

    check_mutants(partial(read, request=REQUEST), mutant, count=count, seed=seed)


def test_mutated_media_are_read_or_refused(read: Read) -> None:
    check(read, MUTANTS, seed=6)


@pytest.mark.long
def test_many_mutated_media_are_read_or_refused(read: Read) -> None:
    check(read, MUTANTS_LONG, seed=7)
