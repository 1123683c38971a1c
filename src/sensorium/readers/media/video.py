"""Reads films: shots with their key frames, the sound under them, and what is written under them."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

import av.error
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from sensorium.core.contents import Document, ReadRequest
from sensorium.core.errors import EmptyFile
from sensorium.core.items import Modality, Producer
from sensorium.core.settings import Settings
from sensorium.readers.media.audio import (
    clip_document,
    language_of,
    lookahead,
    notes_of,
    rates_of,
    read_sound,
    sound_pieces,
    track_of,
)
from sensorium.readers.media.clip import cut_clip
from sensorium.readers.media.decoding import Decoding, Effort, refuse_nothing
from sensorium.readers.media.frames import quarter_turns, stretch_of
from sensorium.readers.media.opening import Media, open_media
from sensorium.readers.media.reel import Reel
from sensorium.readers.media.subtitles import Cue, cue_of_packet, subtitle_pieces
from sensorium.readers.media.tracks import TrackCollector

PRODUCER = Producer(name="reader.video", version="1")

SHOT_SHARE = 2 / 3
"""A part ends at its last cut behind this share of it, so that shots stay whole."""

MOST_PICTURE_BYTES = 100_000_000
"""Of one part; one that has more ends early."""

AFTER_FRAME = 0.001
"""Seconds behind a part's last frame at which the next part may begin."""


class VideoReader:
    """A film -> for each shot a piece and its key frames, sounds and subtitles; of a long one, the part at `start`.

    A file that holds no pictures is read as the recording that it is. clock: CPU seconds of this process.
    """

    media_types = frozenset(
        {"video/matroska", "video/mp4", "video/ogg", "video/quicktime", "video/webm", "video/x-msvideo"}
    )

    def __init__(self, clock: Callable[[], float] = time.process_time) -> None:
        self._clock = clock

    def read(self, stream: BinaryIO, media_type: str, request: ReadRequest, settings: Settings) -> Document:
        """Raises TooLarge, DamagedFile, UnknownType (codecs), TookTooLong or EmptyFile."""
        with open_media(stream, media_type, settings) as media:
            if request.clip is not None:
                clip = cut_clip(media, request.clip, settings)
                modality = Modality.AUDIO if media.video is None else Modality.VIDEO
                return clip_document(media, modality, media_type, PRODUCER, clip)
            if media.video is None:
                return read_sound(media, media_type.replace("video/", "audio/"), request, settings)
            effort = Effort(settings, self._clock)
            return _Film(media, media.video, request, settings, effort).read(media_type)


@dataclass(slots=True)
class _Film:
    """One part of a film while it is read."""

    media: Media
    video: VideoStream
    request: ReadRequest
    settings: Settings
    effort: Effort
    cues: list[Cue] = field(default_factory=list)
    turns: int = 0

    def read(self, media_type: str) -> Document:
        request, start = self.request, self.request.start
        stop = start + self.settings.media_part_seconds
        reach = stop + lookahead(request.audio_inputs)
        decoding = Decoding(self.media, self.settings, self.effort, start, video_stop=stop, sound_stop=reach)
        sound = TrackCollector(rates_of(request), start, reach - start)
        reel = Reel(request, self.settings, start or None, stretch_of(self.video.sample_aspect_ratio))
        self._look_and_listen(decoding, reel, sound)
        refuse_nothing(decoding)
        following = self._end_of_part(decoding, reel, sound.heard)
        last = decoding.reached + self._frame_seconds
        pictured = min(last, following or last) if not decoding.saw_stop else following or last
        heard = sound.heard if following is None else min(following, sound.heard)
        tracks = sound.finish()
        cues = [cue for cue in self.cues if start <= cue.start < (following or float("inf"))]
        pieces = (
            *reel.finish(pictured),
            *sound_pieces(tracks, request.audio_inputs, start, heard),
            *subtitle_pieces(cues, request.chunk_characters, self._language),
        )
        track = track_of(tracks, request, start, heard)
        if not pieces and track is None and following is None and start == 0:
            raise EmptyFile("nothing but black and silence", remedy="nothing to do, there is nothing to find in it")
        return Document(
            modality=Modality.VIDEO,
            media_type=media_type,
            title="",
            pieces=pieces,
            reader=PRODUCER,
            attributes={**self.media.attributes, **self._form},
            track=track,
            next=following,
            length=self.media.seconds,
            notes=notes_of(decoding, max(decoding.reached, sound.heard)),
        )

    def _look_and_listen(self, decoding: Decoding, reel: Reel, sound: TrackCollector) -> None:
        for seconds, found in decoding:
            if isinstance(found, AudioFrame):
                decoding.errors += not sound.add_or_pass(seconds, found)
            elif isinstance(found, VideoFrame):
                self.turns = quarter_turns(found.rotation)
                try:
                    reel.push(seconds, found)
                except (av.error.FFmpegError, ValueError):  # pixels of a form that can not be converted
                    decoding.errors += 1
                if reel.size > MOST_PICTURE_BYTES:
                    decoding.stop()
            elif cue := cue_of_packet(found, seconds):
                self.cues.append(cue)

        decoding.errors += sound.holes

    def _end_of_part(self, decoding: Decoding, reel: Reel, heard: float) -> float | None:
        """Where the next part begins: at the last cut if there is one far enough in; None when the file ends here."""
        if decoding.ended:
            return None
        start, stop = decoding.start, decoding.video_stop
        if decoding.cut_short:
            stop = decoding.reached + AFTER_FRAME
            if self.media.sound is not None and heard > start:
                stop = min(stop, heard)
        cut = reel.last_cut(start + SHOT_SHARE * (stop - start))
        return cut if cut is not None and cut < stop else stop

    @property
    def _frame_seconds(self) -> float:
        rate = self.video.guessed_rate or self.video.average_rate
        return 1 / float(rate) if rate and rate >= 1 else 0.04

    @property
    def _language(self) -> str | None:
        stream = self.media.subtitles
        return language_of(stream.language) if stream is not None else None

    @property
    def _form(self) -> dict[str, str]:
        """Width and height as a viewer sees them."""
        width = round(self.video.width * stretch_of(self.video.sample_aspect_ratio))
        sides = (width, self.video.height) if self.turns % 2 == 0 else (self.video.height, width)
        return {"width": str(sides[0]), "height": str(sides[1]), "rotation": str(self.turns * 90)}
