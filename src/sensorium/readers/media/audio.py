"""Reads recordings: windows of sound, the sound track of each part, and the picture that a record is sold with."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import BinaryIO

import av.error
from av.audio.frame import AudioFrame

from sensorium.core.contents import AudioInput, Document, DraftPiece, ReadRequest, Samples, Track
from sensorium.core.errors import EmptyFile, Refused
from sensorium.core.items import Aspect, Clip, Modality, Place, Producer
from sensorium.core.settings import Settings
from sensorium.readers.media.clip import cut_clip
from sensorium.readers.media.decoding import Decoding, Effort, refuse_nothing
from sensorium.readers.media.opening import Media, open_media
from sensorium.readers.media.tracks import TrackCollector
from sensorium.readers.media.windows import FRAME_SECONDS, cut_windows, loudness, quietest, sounding
from sensorium.readers.pictures.image import FORMATS, ImageReader
from sensorium.readers.recognise import recognise

PRODUCER = Producer(name="reader.audio", version="1")

MARGIN = 0.5
"""Seconds decoded beyond the last window, so that the end of a part is not taken for the end of the file."""

QUIET_SHARE = 2 / 3
"""A part ends at its quietest moment behind this share of it, so that few words are cut in two."""

MEASURE_RATE = 8_000
"""Samples a second at which loudness is measured where nothing else is asked for."""

SHORT_BY = 2.0
"""Seconds by which a file may end before the time that it announces, without a note."""

_ID3_HEADER = 10
_LANGUAGE = re.compile(r"[a-z]{2,3}")


class AudioReader:
    """A recording -> sounds of the length that the towers want; of a long one, the part that begins at `start`."""

    media_types = frozenset(
        {"audio/aac", "audio/aiff", "audio/flac", "audio/mp4", "audio/mpeg", "audio/ogg", "audio/wav"}
    )

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises TooLarge, DamagedFile, UnknownType (codec), TookTooLong, or EmptyFile (silence, or nobody listens)."""
        if media_type == "audio/mpeg":
            media_type = behind_tag(stream)
        with open_media(stream, media_type, settings) as media:
            media.notes += ("its moving pictures were left out",) if media.video is not None else ()
            media.video = None
            if request.clip is not None:
                return clip_document(
                    media, Modality.AUDIO, media_type, PRODUCER, cut_clip(media, request.clip, settings)
                )
            return read_sound(media, media_type, request, settings)


def behind_tag(stream: BinaryIO) -> str:
    """What follows the ID3 tags at the start (ID3v2.4, 3.1): nearly always MP3, but AAC and FLAC carry tags too."""
    start = 0
    while (head := _read_at(stream, start, 4096)).startswith(b"ID3") and len(head) > _ID3_HEADER:
        size = sum((byte & 0x7F) << 7 * (3 - at) for at, byte in enumerate(head[6:10]))
        start += _ID3_HEADER + size
    stream.seek(0)
    try:
        found = recognise(head)
    except Refused:
        return "audio/mpeg"
    return found if found in ("audio/aac", "audio/flac") else "audio/mpeg"


def clip_document(media: Media, modality: Modality, media_type: str, reader: Producer, clip: Clip) -> Document:
    """What answers a request for a clip: no pieces."""
    return Document(
        modality=modality,
        media_type=media_type,
        title="",
        pieces=(),
        reader=reader,
        attributes=media.attributes,
        length=media.seconds,
        clip=clip,
    )


def read_sound(media: Media, media_type: str, request: ReadRequest, settings: Settings) -> Document:
    """The part of a recording that `request` asks for."""
    start = request.start
    stop = start + settings.media_part_seconds
    reach = stop + lookahead(request.audio_inputs)
    decoding = Decoding(media, settings, Effort(settings), start, video_stop=0.0, sound_stop=reach)
    collector = TrackCollector(rates_of(request), start, reach - start)
    for seconds, frame in decoding:
        if isinstance(frame, AudioFrame):
            decoding.errors += not collector.add_or_pass(seconds, frame)
    decoding.errors += collector.holes
    refuse_nothing(decoding)
    tracks = collector.finish()
    following = _end_of_part(tracks, decoding, start, stop, collector.heard)
    stop = collector.heard if following is None else following
    pieces = (cover_pieces(media, request, settings) if start == 0 else ()) + sound_pieces(
        tracks, request.audio_inputs, start, stop
    )
    track = track_of(tracks, request, start, stop)
    refuse_silence(pieces, track, following, request)
    return Document(
        modality=Modality.AUDIO,
        media_type=media_type,
        title="",
        pieces=pieces,
        reader=PRODUCER,
        attributes=media.attributes,
        track=track,
        next=following,
        length=media.seconds,
        notes=notes_of(decoding, collector.heard),
    )


def lookahead(inputs: Sequence[AudioInput]) -> float:
    """Seconds of sound that are wanted beyond a part, for the windows that begin in it."""
    return MARGIN + max((entry.seconds for entry in inputs), default=0.0)


def rates_of(request: ReadRequest) -> tuple[int, ...]:
    """Every rate at which sound is asked for; at least one, for telling silence."""
    rates = {entry.rate for entry in request.audio_inputs} | ({request.track_rate} if request.track_rate else set())
    return tuple(sorted(rates or {MEASURE_RATE}))


def sound_pieces(
    tracks: Mapping[int, Samples], inputs: Sequence[AudioInput], start: float, stop: float
) -> tuple[DraftPiece, ...]:
    """One piece for each window that is not silent."""
    return tuple(
        DraftPiece(
            modality=Modality.AUDIO,
            place=Place(seconds=window.seconds),
            renditions=window.samples,
            aspect=Aspect.SOUND,
        )
        for window in cut_windows(tracks, inputs, start=start, stop=stop)
    )


def track_of(tracks: Mapping[int, Samples], request: ReadRequest, start: float, stop: float) -> Track | None:
    """The sound of [start, stop) as a whole; None where it is silent or nobody asked."""
    rate = request.track_rate
    if not rate:
        return None
    samples = tracks[rate][: round((stop - start) * rate)]
    return Track(samples=samples, rate=rate, start=start) if sounding(loudness(samples, rate)).any() else None


def cover_pieces(media: Media, request: ReadRequest, settings: Settings) -> tuple[DraftPiece, ...]:
    """The attached picture, read as any picture is; left out with a note where that fails."""
    if media.cover is None:
        return ()
    try:
        media.container.seek(0)  # which hands the picture out again
        packet = next(packet for packet in media.container.demux(media.cover) if packet.size)
        data = bytes(packet)
        kind = recognise(data)
        if kind not in FORMATS:
            return ()
        return ImageReader().read(io.BytesIO(data), kind, request, settings).pieces
    except (Refused, StopIteration, av.error.FFmpegError) as error:
        media.notes += (f"its attached picture was left out ({error.__class__.__name__})",)
        return ()


def notes_of(decoding: Decoding, reached: float) -> tuple[str, ...]:
    """What the receipt should say of this part."""
    media = decoding.media
    notes = list(media.notes) if decoding.start == 0 else []
    if decoding.errors:
        notes.append(f"{decoding.errors} damaged places between {decoding.start:.1f} and {reached:.1f} s")
    if decoding.ended and media.seconds and media.seconds - reached > SHORT_BY:
        notes.append(f"it ends at {reached:.1f} s, and says that it lasts {media.seconds:.1f} s")
    return tuple(notes)


def language_of(value: str | None) -> str | None:
    """The code of a stream's language (ISO 639), if it is one."""
    return value if value and _LANGUAGE.fullmatch(value) and value != "und" else None


def refuse_silence(
    pieces: Sequence[DraftPiece], track: Track | None, following: float | None, request: ReadRequest
) -> None:
    """Raises EmptyFile when nothing is left of a whole file: nothing of it could ever be found."""
    if pieces or track is not None or following is not None or request.start > 0:
        return
    listened = bool(request.audio_inputs or request.track_rate)
    what = "nothing but silence" if listened else "a recording, and nothing that is in use here can search sounds"
    remedy = "nothing to do, there is nothing to find in it" if listened else "use an encoder that takes sounds"
    raise EmptyFile(what, remedy=remedy)


def _end_of_part(
    tracks: Mapping[int, Samples], decoding: Decoding, start: float, stop: float, heard: float
) -> float | None:
    """Where the next part begins; None when the file ends here. What little lies behind the part is taken along."""
    if decoding.ended:
        return None
    if decoding.cut_short and heard < stop:
        return round(heard, 3)
    rate, samples = next(iter(tracks.items()))
    loud = loudness(samples, rate)
    length = stop - start
    return round(start + quietest(loud, max(QUIET_SHARE * length, FRAME_SECONDS), length), 3)


def _read_at(stream: BinaryIO, start: int, size: int) -> bytes:
    stream.seek(start)
    return stream.read(size)
