"""Opens recordings and films with PyAV: which demuxer, which decoders, which streams, within which limits.

FFmpeg would guess the format, follow playlists and open what they name. Here it is handed a stream, never a name; the
demuxer follows from the recognised type; whatever else it wants to open is refused. So a playlist that is called a
film is a broken film.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO, NoReturn

import av
import av.container
import av.error
from av.audio.stream import AudioStream
from av.stream import Disposition, Stream
from av.subtitles.stream import SubtitleStream
from av.video.stream import VideoStream

from sensorium.core.errors import DamagedFile, EmptyFile, TooLarge, UnknownType
from sensorium.core.settings import Settings

DEMUXERS = {
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "audio/flac": "flac",
    "audio/mp4": "mov",
    "audio/mpeg": "mp3",
    "audio/ogg": "ogg",
    "audio/wav": "wav",
    "video/matroska": "matroska",
    "video/mp4": "mov",
    "video/ogg": "ogg",
    "video/quicktime": "mov",
    "video/webm": "matroska",
    "video/x-msvideo": "avi",
}
"""FFmpeg's demuxer for each media type. None of these follows references to other files unless it is told to."""

VIDEO_DECODERS = frozenset(
    {"av1", "h263", "h264", "hevc", "libdav1d", "mjpeg", "mpeg1video", "mpeg2video", "mpeg4", "msmpeg4v2", "msmpeg4",
     "prores", "theora", "vc1", "vp6", "vp8", "vp9", "wmv2", "wmv3"}
)  # fmt: skip

SOUND_DECODERS = frozenset(
    {"aac", "ac3", "adpcm_ima_qt", "adpcm_ima_wav", "adpcm_ms", "alac", "eac3", "flac", "libopus", "mp2", "mp2float",
     "mp3", "mp3float", "opus", "pcm_alaw", "pcm_f32be", "pcm_f32le", "pcm_f64be", "pcm_f64le", "pcm_mulaw",
     "pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le", "pcm_s32be", "pcm_s32le", "pcm_s8", "pcm_u8", "vorbis"}
)  # fmt: skip

SUBTITLE_DECODERS = frozenset({"ass", "mov_text", "srt", "ssa", "subrip", "text", "webvtt"})
"""Those whose cues are texts; subtitles that are pictures are left out."""

DECODERS = VIDEO_DECODERS | SOUND_DECODERS | SUBTITLE_DECODERS
"""What people keep. FFmpeg has some five hundred decoders, most of them for formats that nobody has tested in years."""

PROBE_BYTES = 5_000_000
MICROSECONDS = 1_000_000

RESTORE = "open it in another program and save it anew, or restore it from its source"


@dataclass(slots=True, kw_only=True)
class Media:
    """An open recording or film. zero: seconds that the file's own clock shows when the first thing is seen or heard.

    seconds: how long it says it is, where it says so. cover: an attached picture. notes: what was left out and why.
    """

    container: av.container.InputContainer = field(repr=False)
    video: VideoStream | None
    sound: AudioStream | None
    subtitles: SubtitleStream | None
    cover: VideoStream | None
    zero: float
    seconds: float | None
    notes: tuple[str, ...]

    @property
    def attributes(self) -> Mapping[str, str]:
        """Facts by their declared names; no tag of the file is among them. Sizes are as seen, turned upright later."""
        facts: dict[str, str] = {} if self.seconds is None else {"seconds": f"{self.seconds:.3f}"}
        if self.video is not None:
            rate = self.video.guessed_rate or self.video.average_rate
            facts["video_codec"] = self.video.codec_context.codec.canonical_name
            facts |= {"frame_rate": f"{float(rate):.3f}"} if rate else {}
        if self.sound is not None:
            facts["audio_codec"] = self.sound.codec_context.codec.canonical_name
            facts["sample_rate"] = str(self.sound.sample_rate)
            facts["channels"] = str(self.sound.channels)
        return facts


@contextlib.contextmanager
def open_media(stream: BinaryIO, media_type: str, settings: Settings) -> Iterator[Media]:
    """The recording or film in `stream`, closed again at the end.

    Raises DamagedFile (also for anything that is not what `media_type` says), TooLarge (streams, duration, side),
    UnknownType (nothing in it that can be decoded) or EmptyFile (no pictures and no sound).
    """
    with contextlib.ExitStack() as stack:
        try:
            container = stack.enter_context(_open(stream, DEMUXERS[media_type], settings))
            media = _look_over(container, settings)
        except av.error.FFmpegError as error:
            raise damaged(error) from error
        yield media


def damaged(error: Exception) -> DamagedFile:
    """The refusal for what FFmpeg could not read: its own words, short."""
    words = getattr(error, "strerror", None) or type(error).__name__
    return DamagedFile(f"not a whole recording or film ({str(words)[:120]})", remedy=RESTORE)


def _open(stream: BinaryIO, demuxer: str, settings: Settings) -> av.container.InputContainer:
    options = {
        "protocol_whitelist": "none",
        "format_whitelist": ",".join({*DEMUXERS.values(), "mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}),
        "codec_whitelist": ",".join(sorted(DECODERS)),
        "max_streams": str(4 * settings.media_streams),
        "probesize": str(PROBE_BYTES),
        "threads": "1",
    }
    if demuxer == "mov":
        options |= {"enable_drefs": "0", "use_absolute_path": "0"}
    return av.open(
        _Bytes(stream), "r", format=demuxer, options=options, metadata_errors="replace", io_open=_refuse_to_open
    )


class _Bytes:
    """What PyAV may know of a stream: no name, no descriptor."""

    def __init__(self, stream: BinaryIO) -> None:
        self.read, self.seek, self.tell = stream.read, stream.seek, stream.tell


def _refuse_to_open(url: str, flags: int, options: Mapping[str, Any]) -> NoReturn:
    raise PermissionError("a film opens no other file")


def _look_over(container: av.container.InputContainer, settings: Settings) -> Media:
    """Chooses the streams and checks what the header claims. Nothing was decoded but what the header needs."""
    streams = list(container.streams)
    if len(streams) > settings.media_streams:
        raise TooLarge(f"{len(streams)} streams", remedy="keep fewer, or raise SENSORIUM_MEDIA_STREAMS")
    moving, covers = _by_disposition([entry for entry in streams if isinstance(entry, VideoStream)])
    films = [entry for entry in moving if _name(entry) in VIDEO_DECODERS]
    sounds = [entry for entry in streams if isinstance(entry, AudioStream) and _name(entry) in SOUND_DECODERS]
    texts = [entry for entry in streams if isinstance(entry, SubtitleStream)]
    readable = [entry for entry in texts if _name(entry) in SUBTITLE_DECODERS]
    heard = [entry for entry in streams if isinstance(entry, AudioStream)]
    if not films and not sounds:
        _refuse_without(moving + heard)
    for entry in films:
        _check_side(entry.width, entry.height, settings)
    seconds = container.duration / MICROSECONDS if container.duration else None
    check_seconds(seconds or 0.0, settings)
    video = max(films, key=lambda entry: entry.width * entry.height, default=None)
    sound, subtitles = _preferred(sounds), _preferred(readable)
    kept = [entry for entry in (video, sound, subtitles) if entry is not None]
    notes = [
        f"{count} further {words}"
        for count, words in (
            (len(moving) - bool(video), "picture streams were left out"),
            (len(heard) - bool(sound), "sound streams were left out"),
            (len(texts) - bool(subtitles), "subtitle streams were left out"),
        )
        if count > 0
    ]
    for entry in kept:
        _prepare(entry, settings)
    return Media(
        container=container,
        video=video,
        sound=sound,
        subtitles=subtitles,
        cover=covers[0] if covers and not video else None,
        zero=_zero([entry for entry in kept if entry is not subtitles]),
        seconds=seconds,
        notes=tuple(notes),
    )


def _by_disposition(streams: list[VideoStream]) -> tuple[list[VideoStream], list[VideoStream]]:
    covers = [entry for entry in streams if entry.disposition & Disposition.attached_pic]
    return [entry for entry in streams if entry not in covers], covers


def _name(stream: Stream) -> str:
    """Of its decoder; "" where FFmpeg has none."""
    context = stream.codec_context
    return context.name if context is not None else ""


def _refuse_without(undecodable: list[Any]) -> NoReturn:
    if not undecodable:
        raise EmptyFile("neither pictures nor sound are in it", remedy="nothing to do, there is nothing to find in it")
    names = ", ".join(sorted({_name(entry) or "unknown" for entry in undecodable}))
    raise UnknownType(f"no decoder for what is in it ({names[:80]})", remedy="convert it to H.264 and AAC")


def _check_side(width: int, height: int, settings: Settings) -> None:
    if max(width, height) > settings.video_side:
        what = f"frames of {width} x {height} pixels"
        raise TooLarge(what, remedy="make them smaller, or raise SENSORIUM_VIDEO_SIDE")


def check_frame(width: int, height: int, settings: Settings) -> None:
    """A decoded frame may be larger than the header said. Raises TooLarge."""
    _check_side(width, height, settings)


def check_seconds(seconds: float, settings: Settings) -> None:
    """Raises TooLarge above the limit of duration, whether announced or met while reading."""
    if seconds > settings.media_seconds:
        what = f"it lasts {seconds:.0f} seconds"
        raise TooLarge(what, remedy="split it, or raise SENSORIUM_MEDIA_SECONDS")


def _preferred(streams: list[Any]) -> Any | None:
    """The stream that a player would take: the first that is marked so, else the first."""
    marked = [entry for entry in streams if entry.disposition & Disposition.default]
    return next(iter(marked or streams), None)


def _prepare(stream: VideoStream | AudioStream | SubtitleStream, settings: Settings) -> None:
    """One thread, since a reading process has no others to give; frames no larger than the limit."""
    context = stream.codec_context
    if context is not None and not isinstance(stream, SubtitleStream):
        context.thread_count = 1
        context.thread_type = "NONE"
        if isinstance(stream, VideoStream):
            context.options = {**context.options, "max_pixels": str(settings.video_side**2)}


def _zero(streams: list[Any]) -> float:
    starts = [
        float(entry.start_time * entry.time_base)
        for entry in streams
        if entry.start_time is not None and entry.time_base
    ]
    return min(starts, default=0.0)
