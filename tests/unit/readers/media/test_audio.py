from __future__ import annotations

import io
import struct

import numpy as np
import pytest

from sensorium.core.contents import AudioInput, Document, ImageInput, ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile, TooLarge
from sensorium.core.items import Aspect, Modality
from sensorium.core.settings import Settings
from sensorium.readers.media.audio import AudioReader
from sensorium.readers.recognise import recognise
from sensorium.testing.media import RECORDINGS, noise, recording, tones

INPUT = AudioInput(rate=16_000, seconds=2.0, hop=1.0)
REQUEST = ReadRequest(audio_inputs=(INPUT,), track_rate=16_000)


def read(data: bytes, media_type: str = "audio/wav", request: ReadRequest = REQUEST, **limits: float) -> Document:
    return AudioReader().read(io.BytesIO(data), media_type, request, Settings(**limits))  # type: ignore[arg-type]


def read_parts(data: bytes, media_type: str, **limits: float) -> list[Document]:
    documents = [read(data, media_type, **limits)]
    while documents[-1].next is not None:
        request = ReadRequest(audio_inputs=(INPUT,), track_rate=16_000, start=documents[-1].next)
        documents.append(read(data, media_type, request, **limits))
    return documents


def samples(document: Document) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    assert document.track is not None
    return document.track.samples


@pytest.mark.parametrize("media_type", RECORDINGS)
def test_every_type_is_recognised_and_read(media_type: str) -> None:
    data = recording(tones(3.0), media_type)
    assert recognise(data) == media_type
    document = read(data, media_type)
    assert document.modality is Modality.AUDIO
    assert document.length == pytest.approx(3.0, abs=0.2)
    assert document.next is None
    assert {piece.aspect for piece in document.pieces} == {Aspect.SOUND}
    assert 2 <= len(document.pieces) <= 3  # some encoders add a little silence
    assert document.attributes["channels"] == "1"
    assert len(samples(document)) == pytest.approx(48_000, abs=3_000)


@pytest.mark.parametrize("media_type", RECORDINGS)
def test_parts_follow_each_other_without_gap_or_overlap(media_type: str) -> None:
    data = recording(noise(17.3), media_type)
    whole = samples(read(data, media_type)).astype(int)
    parts = read_parts(data, media_type, media_part_seconds=5)
    assert len(parts) > 3
    joined = np.concatenate([samples(part) for part in parts]).astype(int)
    assert len(joined) == len(whole)
    assert np.abs(joined - whole).mean() < 0.05 * np.abs(whole).mean()


def test_a_part_ends_in_a_pause() -> None:
    sound = np.concatenate([tones(4.2), np.zeros(8_000, np.int16), tones(4.0)])
    first, *_ = read_parts(recording(sound), "audio/wav", media_part_seconds=5)
    assert first.next == pytest.approx(4.45, abs=0.1)


def test_a_rest_that_is_no_longer_than_a_window_is_taken_along() -> None:
    assert len(read_parts(recording(tones(6.0)), "audio/wav", media_part_seconds=5)) == 1


def test_silent_windows_are_left_out_and_places_count_from_the_start() -> None:
    sound = np.concatenate([np.zeros(32_000, np.int16), tones(1.0), np.zeros(64_000, np.int16)])
    assert [piece.place.seconds for piece in read(recording(sound)).pieces] == [(2.0, 3.0), (2.0, 3.0)]


def test_a_silent_recording_is_empty() -> None:
    with pytest.raises(EmptyFile, match="silence"):
        read(recording(np.zeros(32_000, np.int16)))


def test_a_recording_is_refused_where_nobody_listens() -> None:
    with pytest.raises(EmptyFile, match="nothing that is in use here"):
        read(recording(tones(1.0)), request=ReadRequest())


def test_a_track_alone_is_enough() -> None:
    document = read(recording(tones(1.0)), request=ReadRequest(track_rate=8_000))
    assert document.pieces == ()
    assert len(samples(document)) == 8_000


def test_every_input_gets_its_rate() -> None:
    inputs = (INPUT, AudioInput(rate=32_000, seconds=1.0, hop=1.0))
    document = read(recording(tones(3.0)), request=ReadRequest(audio_inputs=inputs))
    assert [len(rendition) for rendition in document.pieces[0].renditions] == [32_000, 32_000]


def stereo_wav() -> bytes:
    """16-bit WAV, 8 kHz, written by hand: its two channels have no names."""
    sound = tones(2.0, rate=8_000)
    both = np.stack([sound, np.zeros_like(sound)], 1).tobytes()
    form = struct.pack("<HHIIHH", 1, 2, 8_000, 32_000, 4, 16)
    head = b"RIFF" + struct.pack("<I", 36 + len(both)) + b"WAVEfmt \x10\0\0\0" + form
    head += b"data" + struct.pack("<I", len(both))
    return head + both


def test_channels_are_mixed_and_rates_changed() -> None:
    document = read(stereo_wav())
    assert len(samples(document)) == 32_000
    assert np.abs(samples(document)).max() == pytest.approx(4_000, rel=0.1)


def test_half_a_recording_is_read_as_far_as_it_goes() -> None:
    data = recording(noise(20.0), "audio/mpeg")
    document = read(data[: len(data) // 2], "audio/mpeg")
    assert len(samples(document)) == pytest.approx(160_000, rel=0.1)


def test_a_wav_that_ends_early_says_so() -> None:
    data = recording(noise(20.0))
    document = read(data[: len(data) // 2])
    assert len(samples(document)) == pytest.approx(160_000, rel=0.02)


def test_damage_in_the_middle_is_passed_over_with_a_note() -> None:
    data = bytearray(recording(noise(10.0), "audio/flac"))
    data[len(data) // 2 : len(data) // 2 + 4_000] = bytes(4_000)
    document = read(bytes(data), "audio/flac")
    assert len(samples(document)) > 100_000
    assert any("damaged" in note for note in document.notes)


def test_noise_instead_of_a_recording_is_damaged() -> None:
    with pytest.raises(DamagedFile, match="not a whole recording"):
        read(b"RIFF\x24\0\0\0WAVEjunk" + bytes(200))


def test_a_recording_that_is_too_long_is_refused() -> None:
    with pytest.raises(TooLarge, match="SENSORIUM_MEDIA_SECONDS"):
        read(recording(tones(5.0)), media_seconds=2)


def test_aac_and_flac_behind_an_id3_tag_are_found() -> None:
    tag = b"ID3\x04\0\0\0\0\0\x0a" + bytes(10)
    for media_type in ("audio/aac", "audio/flac"):
        document = read(tag + recording(tones(2.0), media_type), "audio/mpeg")
        assert document.media_type == media_type


def test_a_cover_is_a_picture_of_its_own() -> None:
    from PIL import Image

    png = io.BytesIO()
    Image.new("RGB", (60, 60), "red").save(png, "PNG")
    picture = png.getvalue()
    block = (3).to_bytes(4, "big") + (9).to_bytes(4, "big") + b"image/png" + bytes(4)
    block += b"".join(value.to_bytes(4, "big") for value in (60, 60, 24, 0, len(picture))) + picture
    data = recording(tones(2.0), "audio/flac")
    # a metadata block of kind 6 behind STREAMINFO, whose 38 bytes follow the magic (RFC 9639, 8.8)
    covered = (
        data[:4] + bytes([data[4] & 0x7F]) + data[5:42] + b"\x06" + len(block).to_bytes(3, "big") + block + data[42:]
    )
    request = ReadRequest(audio_inputs=(INPUT,), image_inputs=(ImageInput(width=8, height=8),))
    cover, *sounds = read(covered, "audio/flac", request).pieces
    assert (cover.modality, cover.aspect) == (Modality.IMAGE, Aspect.CONTENT)
    assert cover.renditions[0][4, 4].tolist() == [255, 0, 0]
    assert {piece.aspect for piece in sounds} == {Aspect.SOUND}


def test_no_tag_of_the_source_is_copied() -> None:
    for media_type in ("audio/mpeg", "audio/ogg", "audio/flac", "audio/mp4"):
        data = recording(tones(1.0), media_type, tags={"title": "NEEDLE", "artist": "NEEDLE", "comment": "NEEDLE"})
        assert b"NEEDLE" in data
        document = read(data, media_type)
        assert "NEEDLE" not in repr(document)
        assert set(document.attributes) == {"seconds", "audio_codec", "sample_rate", "channels"}


def test_a_clip_is_a_recording_of_its_own() -> None:
    data = recording(tones(8.0), "audio/mpeg", tags={"title": "NEEDLE"})
    clip = read(data, "audio/mpeg", ReadRequest(clip=(2.0, 5.0))).clip
    assert clip is not None
    assert (clip.media_type, clip.seconds) == ("audio/mp4", (2.0, 5.0))
    assert b"NEEDLE" not in clip.data
    assert read(clip.data, "audio/mp4").length == pytest.approx(3.0, abs=0.1)


def test_a_clip_has_a_limit() -> None:
    data = recording(tones(8.0))
    clip = read(data, request=ReadRequest(clip=(2.0, 8.0)), clip_seconds=1.0).clip
    assert clip is not None
    assert clip.seconds == (2.0, 3.0)
    with pytest.raises(TooLarge, match="SENSORIUM_CLIP_BYTES"):
        read(data, request=ReadRequest(clip=(0.0, 8.0)), clip_bytes=2_000)
    with pytest.raises(EmptyFile):
        read(data, request=ReadRequest(clip=(20.0, 25.0)))
