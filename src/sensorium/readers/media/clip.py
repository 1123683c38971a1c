"""Cuts a stretch out of a recording or film and encodes it anew, in memory: to be heard and seen, with no metadata."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import OutputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sensorium.core.contents import Samples
from sensorium.core.errors import EmptyFile, TooLarge
from sensorium.core.items import Clip
from sensorium.core.settings import Settings
from sensorium.readers.media import frames
from sensorium.readers.media.decoding import Decoding, Effort
from sensorium.readers.media.frames import stretch_of
from sensorium.readers.media.opening import Media
from sensorium.readers.media.tracks import TrackCollector

VIDEO_ENCODERS = ("libx264", "libopenh264", "libvpx")
"""The first that this build of FFmpeg has is used; with the last, the clip is a WebM."""

SIDE = 720
"""Longest side of a clip's pictures."""

FRAME_RATE = 25
RATE = 48_000
SOUND_BIT_RATE = 96_000
FRAME_SAMPLES = 1_024
CLOCK = Fraction(1, 1_000)


def cut_clip(media: Media, seconds: tuple[float, float], settings: Settings) -> Clip:
    """A stretch of an open recording or film: H.264 and AAC in an MP4, or VP8 and Opus in a WebM.

    It is cut at `settings.clip_seconds`, and shorter where decoding reaches its share of the CPU limit. Raises as
    readers do; EmptyFile where the stretch holds nothing, TooLarge above `clip_bytes`.
    """
    start, stop = seconds
    stop = min(max(start, stop), start + settings.clip_seconds)
    decoding = Decoding(media, settings, Effort(settings), start, video_stop=stop, sound_stop=stop)
    collector = TrackCollector((RATE,), start, stop - start)
    film = _Film(media, start) if media.video is not None else None
    for due, frame in decoding:
        if isinstance(frame, AudioFrame):
            collector.add_or_pass(due, frame)
        elif isinstance(frame, VideoFrame) and film is not None:
            film.add(due, frame)
    sound = collector.finish()[RATE]
    if film is not None and film.count:
        data, kind = film.finish(sound), film.media_type
    elif len(sound):
        data, kind = _recording(sound), "audio/mp4"
    else:
        raise EmptyFile("nothing is heard or seen there", remedy="choose another stretch")
    if len(data) > settings.clip_bytes:
        raise TooLarge(f"a clip of {len(data)} bytes", remedy="cut a shorter one, or raise SENSORIUM_CLIP_BYTES")
    reached = decoding.reached if decoding.cut_short else stop
    return Clip(media_type=kind, seconds=(start, max(start, reached)), data=data)


@dataclass(slots=True)
class _Film:
    """Encodes pictures as they come; the sound is added at the end."""

    media: Media
    start: float
    count: int = 0
    media_type: str = "video/mp4"
    _file: io.BytesIO = field(default_factory=io.BytesIO)
    _container: OutputContainer | None = None
    _video: VideoStream | None = None
    _sound: AudioStream | None = None
    _last: int = -1

    def add(self, due: float, frame: VideoFrame) -> None:
        """The next picture; at most `FRAME_RATE` a second are taken."""
        ticks = max(0, round((due - self.start) / CLOCK))
        if ticks < self._last + 0.9 / FRAME_RATE / CLOCK and self.count:
            return
        ratio = self.media.video.sample_aspect_ratio if self.media.video is not None else None
        picture = frames.picture(frame, SIDE, stretch_of(ratio))
        if self._container is None:
            self._open(picture.width // 2 * 2 or 2, picture.height // 2 * 2 or 2)
        assert self._container is not None
        assert self._video is not None
        size = self._video.width, self._video.height
        if picture.size != size:
            picture = picture.resize(size)
        made = VideoFrame.from_ndarray(np.asarray(picture), format="rgb24").reformat(format="yuv420p", threads=1)
        made.pts, made.time_base = ticks, CLOCK
        self._container.mux(self._video.encode(made))
        self._last = ticks
        self.count += 1

    def finish(self, sound: Samples) -> bytes:
        assert self._container is not None
        assert self._video is not None
        self._container.mux(self._video.encode(None))
        if self._sound is not None:
            _encode_sound(self._container, self._sound, sound)
        self._container.close()
        return self._file.getvalue()

    def _open(self, width: int, height: int) -> None:
        name = next(name for name in VIDEO_ENCODERS if name in av.codecs_available)
        form, sound = ("webm", "libopus") if name == "libvpx" else ("mp4", "aac")
        self.media_type = f"video/{form}"
        self._container = _container(self._file, form)
        stream = self._container.add_stream(name, rate=FRAME_RATE, options=_options(name))
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.time_base = stream.codec_context.time_base = CLOCK
        stream.codec_context.thread_count = 1
        self._video = stream
        if self.media.sound is not None:
            self._sound = _sound_stream(self._container, sound)


def _options(name: str) -> dict[str, str]:
    """Fast, and good enough to recognise what is there."""
    if name == "libx264":
        return {"preset": "veryfast", "crf": "27", "threads": "1", "x264-params": "threads=1:lookahead-threads=1"}
    return {"threads": "1"} | ({"deadline": "realtime", "crf": "20", "b": "1M"} if name == "libvpx" else {})


def _container(file: io.BytesIO, form: str) -> OutputContainer:
    container: OutputContainer = av.open(file, "w", format=form, container_options={"fflags": "+bitexact"})
    return container


def _sound_stream(container: OutputContainer, encoder: str) -> AudioStream:
    stream = container.add_stream(encoder, rate=RATE)
    assert isinstance(stream, AudioStream)
    stream.codec_context.layout = "mono"
    stream.codec_context.bit_rate = SOUND_BIT_RATE
    stream.codec_context.thread_count = 1
    return stream


def _recording(sound: Samples) -> bytes:
    file = io.BytesIO()
    with _container(file, "mp4") as container:
        _encode_sound(container, _sound_stream(container, "aac"), sound)
    return file.getvalue()


def _encode_sound(container: OutputContainer, stream: AudioStream, sound: Samples) -> None:
    for frame in _sound_frames(sound):
        container.mux(stream.encode(frame))
    container.mux(stream.encode(None))


def _sound_frames(sound: Samples) -> Iterator[AudioFrame]:
    for start in range(0, len(sound), FRAME_SAMPLES):
        frame = AudioFrame.from_ndarray(sound[None, start : start + FRAME_SAMPLES], format="s16", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = RATE, start, Fraction(1, RATE)
        yield frame
