"""Small recordings and films for tests, made with PyAV: nobody's files are needed to test what reads them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

RATE = 16_000

RECORDINGS = {
    "audio/wav": ("wav", "pcm_s16le", 16_000),
    "audio/mpeg": ("mp3", "libmp3lame", 16_000),
    "audio/flac": ("flac", "flac", 16_000),
    "audio/ogg": ("ogg", "libopus", 48_000),
    "audio/mp4": ("ipod", "aac", 16_000),
    "audio/aac": ("adts", "aac", 16_000),
    "audio/aiff": ("aiff", "pcm_s16be", 16_000),
}
"""How each type is written: muxer, encoder, samples a second."""

FILMS = {
    "video/mp4": ("mp4", "libx264", "aac"),
    "video/quicktime": ("mov", "libx264", "aac"),
    "video/matroska": ("matroska", "libx264", "libopus"),
    "video/webm": ("webm", "libvpx", "libopus"),
    "video/x-msvideo": ("avi", "mpeg4", "libmp3lame"),
}

Sound = npt.NDArray[np.int16]
Picture = npt.NDArray[np.uint8]


def tones(seconds: float, *, every: float = 1.0, rate: int = RATE, loudness: int = 8_000) -> Sound:
    """Another tone for every stretch of `every` seconds, so that a place in the sound can be told by its pitch."""
    times = np.arange(round(seconds * rate)) / rate
    pitch = 300.0 + 50.0 * np.floor(times / every)
    return np.asarray(loudness * np.sin(2 * np.pi * np.cumsum(pitch) / rate), dtype=np.int16)


def noise(seconds: float, *, rate: int = RATE, seed: int = 1) -> Sound:
    """Noise without high notes, no stretch of which is like another: lossy codecs keep it, and it fits in one place."""
    steps = np.random.default_rng(seed).normal(size=round(seconds * rate) + 7)
    return np.asarray(9_000 * np.convolve(steps, np.ones(8) / 8, "valid"), dtype=np.int16)


def recording(sound: Sound, media_type: str = "audio/wav", *, tags: dict[str, str] | None = None) -> bytes:
    """A file of one channel at `RATE`."""
    form, encoder, rate = RECORDINGS[media_type]
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        container.metadata.update(tags or {})
        stream = _sound_stream(container, encoder, rate)
        _encode(container, stream, sound, rate)
    return file.getvalue()


def film(  # noqa: PLR0913 - what a film is made of
    pictures: Sequence[Picture],
    media_type: str = "video/mp4",
    *,
    rate: int = 10,
    sound: Sound | None = None,
    tags: dict[str, str] | None = None,
    encoder: str = "",
    key_frames: int = 20,
) -> bytes:
    """A film of these pictures (all of one size, even sides), `rate` of them a second.

    encoder: in place of the usual one. key_frames: how far apart, in frames.
    """
    form, usual, sound_encoder = FILMS[media_type]
    encoder = encoder or usual
    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        container.metadata.update(tags or {})
        options = {"threads": "1", "g": str(key_frames), "preset": "ultrafast"}
        video = container.add_stream(encoder, rate=rate, options=options if encoder == "libx264" else {})
        assert isinstance(video, VideoStream)
        video.height, video.width = pictures[0].shape[:2]
        video.pix_fmt = "yuvj420p" if encoder == "mjpeg" else "yuv420p"
        video.codec_context.gop_size = key_frames
        video.codec_context.bit_rate = 500_000
        audio = None if sound is None else _sound_stream(container, sound_encoder, 48_000)
        packets = [
            packet
            for number, array in enumerate(pictures)
            for packet in video.encode(_frame(array, number, rate, video.pix_fmt))
        ]
        container.mux([*packets, *video.encode(None)])
        if audio is not None and sound is not None:
            _encode(container, audio, sound, 48_000)
    return file.getvalue()


def plain(value: int, width: int = 64, height: int = 48) -> Picture:
    """A picture of squares around a grey value: sharp, and unlike one of another value."""
    squares = (np.indices((height, width)) // 8).sum(0) % 2 * 40 - 20
    return np.asarray(np.clip(value + squares, 0, 255)[:, :, None].repeat(3, 2), dtype=np.uint8)


def turned(data: bytes, matrix: tuple[int, int, int, int]) -> bytes:
    """An MP4 whose first track is shown turned: (a, b, c, d) of its matrix (ISO/IEC 14496-12, 8.3.2)."""
    changed = bytearray(data)
    at = changed.index(b"tkhd") + 4 + 40
    a, b, c, d = (value << 16 for value in matrix)
    values = (a, b, 0, c, d, 0, 0, 0, 1 << 30)
    changed[at : at + 36] = b"".join(value.to_bytes(4, "big", signed=True) for value in values)
    return bytes(changed)


def _sound_stream(container: OutputContainer, encoder: str, rate: int) -> AudioStream:
    stream: Any = container.add_stream(encoder, rate=rate)
    stream.codec_context.layout = "mono"
    assert isinstance(stream, AudioStream)
    return stream


def _encode(container: OutputContainer, stream: AudioStream, sound: Sound, rate: int) -> None:
    wanted = stream.codec_context.format.name
    size = stream.codec_context.frame_size or 1_024
    resampler = av.AudioResampler(format=wanted, layout="mono", rate=rate, frame_size=size)
    made = AudioFrame.from_ndarray(sound[None], format="s16", layout="mono")
    made.sample_rate, made.pts, made.time_base = RATE, 0, Fraction(1, RATE)
    for frame in [*resampler.resample(made), *resampler.resample(None)]:
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _frame(array: Picture, number: int, rate: int, form: str) -> VideoFrame:
    frame = VideoFrame.from_ndarray(array, format="rgb24").reformat(format=form, threads=1)
    frame.pts, frame.time_base = number, Fraction(1, rate)
    return frame


def subtitled(
    pictures: Sequence[Picture], lines: Sequence[tuple[float, float, str]], *, rate: int = 10, language: str = "eng"
) -> bytes:
    """A Matroska film with SubRip subtitles in it. lines: start and end in seconds, and text."""
    blocks = [
        f"{number}\n{_clock(start)} --> {_clock(stop)}\n{text}\n" for number, (start, stop, text) in enumerate(lines)
    ]
    written, file = io.BytesIO("\n".join(blocks).encode()), io.BytesIO()
    source = io.BytesIO(film(pictures, "video/matroska", rate=rate))
    with (
        av.open(source) as made,
        av.open(written, format="srt") as cues,
        av.open(file, "w", format="matroska") as container,
    ):
        packets: list[Any] = []
        for stream in (made.streams[0], cues.streams[0]):
            copy = container.add_stream_from_template(stream)
            copy.metadata["language"] = language
            for packet in stream.container.demux(stream):
                if packet.size:
                    packet.stream = copy
                    packets.append(packet)
        for packet in sorted(packets, key=lambda entry: (entry.dts or 0) * entry.time_base):
            container.mux(packet)
    return file.getvalue()


def _clock(seconds: float) -> str:
    return f"00:00:{seconds:06.3f}".replace(".", ",")
