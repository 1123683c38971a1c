from __future__ import annotations

import io
from typing import Any

import av
import pytest

from sensorium.core.contents import ReadRequest
from sensorium.core.errors import DamagedFile, EmptyFile, TooLarge, UnknownType
from sensorium.core.settings import Settings
from sensorium.readers.media import opening as media
from sensorium.readers.media.audio import AudioReader
from sensorium.readers.media.opening import DEMUXERS, open_media
from sensorium.readers.media.video import VideoReader
from sensorium.testing.media import film, plain, recording, tones


def test_every_type_of_the_readers_has_a_demuxer() -> None:
    assert AudioReader.media_types | VideoReader.media_types == set(DEMUXERS)


def test_no_demuxer_follows_references() -> None:
    assert not set(DEMUXERS.values()) & {"hls", "concat", "dash", "sdp", "lavfi", "rtsp", "image2", "imf", "tee"}


def test_every_decoder_that_is_named_is_known_to_some_build() -> None:
    missing = media.DECODERS - av.codecs_available
    assert missing <= {"libdav1d", "libopus"}


def test_ffmpeg_gets_no_name_no_descriptor_and_no_other_file(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, Any] = {}
    opened = av.open

    def watching(file: Any, *arguments: Any, **options: Any) -> Any:
        seen.update(options, file=file)
        return opened(file, *arguments, **options)

    monkeypatch.setattr(av, "open", watching)
    with open_media(io.BytesIO(recording(tones(1.0), "audio/mp4")), "audio/mp4", Settings()):
        pass
    assert not hasattr(seen["file"], "name")
    assert not hasattr(seen["file"], "fileno")
    assert seen["format"] == "mov"
    assert seen["options"]["protocol_whitelist"] == "none"
    assert seen["options"]["enable_drefs"] == "0"
    with pytest.raises(PermissionError):
        seen["io_open"]("file:///etc/passwd", 1, {})


def test_streams_are_limited() -> None:
    data = film([plain(60)] * 5, sound=tones(1.0))
    with pytest.raises(TooLarge, match="2 streams"):
        VideoReader().read(io.BytesIO(data), "video/mp4", ReadRequest(), Settings(media_streams=1))


def test_what_no_decoder_is_allowed_for_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "SOUND_DECODERS", frozenset())
    with pytest.raises(UnknownType, match="pcm_s16le"):
        AudioReader().read(io.BytesIO(recording(tones(1.0))), "audio/wav", ReadRequest(track_rate=8_000), Settings())


def test_a_film_without_streams_is_empty() -> None:
    with pytest.raises((EmptyFile, DamagedFile)):
        VideoReader().read(
            io.BytesIO(b"\0\0\0\x10ftypisom\0\0\2\0\0\0\0\x08moov"), "video/mp4", ReadRequest(), Settings()
        )


def test_further_streams_are_named_in_a_note() -> None:
    source, file = io.BytesIO(film([plain(60)] * 10, "video/matroska", sound=tones(1.0))), io.BytesIO()
    with av.open(source) as made, av.open(file, "w", format="matroska") as container:
        copies = {0: [0], 1: [1, 2]}
        streams = [container.add_stream_from_template(made.streams[index]) for index in (0, 1, 1)]
        for packet in made.demux():
            payload = bytes(packet)
            for number in copies[packet.stream_index] if payload else ():
                copy = av.Packet(payload)
                copy.pts, copy.dts, copy.time_base = packet.pts, packet.dts, packet.time_base
                copy.stream, copy.is_keyframe = streams[number], packet.is_keyframe
                container.mux(copy)
    document = VideoReader().read(io.BytesIO(file.getvalue()), "video/matroska", ReadRequest(), Settings())
    assert document.notes == ("1 further sound streams were left out",)
