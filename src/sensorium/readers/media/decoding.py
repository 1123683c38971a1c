"""Decodes a stretch of an open recording or film: its frames in order, with the seconds at which they are due.

Times count from the first thing that is seen or heard. What is damaged is passed over for as long as something comes
behind it.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

import av.error
from av.audio.frame import AudioFrame
from av.packet import Packet as _Packet
from av.video.frame import VideoFrame

from sensorium.core.errors import DamagedFile, TookTooLong
from sensorium.core.settings import Settings
from sensorium.readers.media.opening import MICROSECONDS, Media, check_frame, check_seconds, damaged

if TYPE_CHECKING:
    Packet = _Packet[Any]

PREROLLS = (1.0, 12.0, math.inf)
"""Seconds before the start to which is gone back, until what comes first is early enough: decoders of sound need some
packets to settle, and many files find their place only roughly."""

LATE = 0.3
"""Seconds after the start at which the first packet may lie: frames and packets have a length."""

STRAY_SECONDS = 10.0
"""How far other streams may be ahead before the one that is missing is taken to have ended."""

MOST_ERRORS = 200
"""Broken packets in a row after which the rest is given up."""

SHARE_OF_CPU = 0.5
"""What decoding may take of the CPU limit; the rest is for what is made of it."""

LEAST_PROGRESS = 0.5
"""Seconds of media time that a part must have; one that has less would make a film of a million parts."""

EVERY_FRAME_BELOW = 30_000_000
"""Pixels a second (720p at 30 frames) above which frames that no other depends on are not decoded: about half of the
work is saved, and a cut is placed up to a tenth of a second off."""

MOST_PIXELS = 2_000_000_000
"""Decoded for one part, some eight seconds of H.264 on one core; a part that would need more ends early, wherever it
is read."""


@dataclass(slots=True)
class Effort:
    """How much of the CPU limit is used. clock: seconds of CPU time of this process."""

    settings: Settings
    clock: Callable[[], float] = time.process_time
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()

    @property
    def is_spent(self) -> bool:
        return self.clock() - self.began > SHARE_OF_CPU * self.settings.worker_cpu_seconds


@dataclass(slots=True)
class Decoding:
    """One pass over a stretch of a film. It yields pictures, sounds and packets of subtitles, with their seconds.

    start: where the stretch begins. video_stop, sound_stop: how far each stream is wanted. ended: True when the file
    was read to its end. errors: packets that were broken. decoded: frames so far. reached: the seconds of the last
    picture, else sound. cut_short: True when a limit ended the pass before that. saw_stop: True when pictures go on
    behind the stretch.
    """

    media: Media
    settings: Settings
    effort: Effort
    start: float
    video_stop: float
    sound_stop: float
    ended: bool = False
    errors: int = 0
    decoded: int = 0
    pixels: int = 0
    reached: float = 0.0
    cut_short: bool = False
    saw_stop: bool = False
    _broken_in_a_row: int = 0
    _done: set[int] = field(default_factory=set)
    _last: dict[int, float] = field(default_factory=dict)

    def __iter__(self) -> Iterator[tuple[float, VideoFrame | AudioFrame | Packet]]:
        """Raises DamagedFile when nothing can be decoded, TooLarge, TookTooLong when the start is out of reach."""
        self._choose_pace()
        for packet in self._packets():
            yield from self._tolerantly(packet)
            if self.ended or self.cut_short or self._done >= self._wanted():
                return
        self.ended = True

    def stop(self) -> None:
        """Ends the pass early, as a limit does: the caller has as much as it can hold."""
        self.cut_short = True

    def _wanted(self) -> set[int]:
        return {entry.index for entry in (self.media.video, self.media.sound) if entry is not None}

    def _choose_pace(self) -> None:
        video = self.media.video
        if video is not None:
            rate = float(video.guessed_rate or video.average_rate or 25)
            if video.width * video.height * rate > EVERY_FRAME_BELOW:
                video.codec_context.skip_frame = "NONREF"

    def _packets(self) -> Iterator[Packet]:
        """Packets from a point early enough; errors of the container end them, as the file's end does."""
        packets: Iterator[Packet] = iter(())
        for preroll in PREROLLS if self.start > 0 else (math.inf,):
            packets = self._seek(max(0.0, self.start - preroll))
            seen: list[Packet] = []
            first: float | None = None
            for packet in packets:
                seen.append(packet)
                first = self._seconds_of(packet)
                if first is not None:
                    break
            packets = chain(seen, packets)
            if first is not None and first <= max(0.0, self.start - min(preroll, 1.0)) + LATE:
                break
        yield from packets

    def _seek(self, seconds: float) -> Iterator[Packet]:
        media = self.media
        streams = [entry for entry in (media.video, media.sound, media.subtitles) if entry is not None]
        try:
            if self.start > 0:
                media.container.seek(int((seconds + media.zero) * MICROSECONDS), backward=True)
            yield from media.container.demux(*streams)
        except (av.error.FFmpegError, OSError):
            self.errors += 1

    def _seconds_of(self, packet: Packet) -> float | None:
        ticks = packet.pts if packet.pts is not None else packet.dts
        return None if ticks is None else float(ticks * packet.time_base) - self.media.zero

    def _tolerantly(self, packet: Packet) -> Iterator[tuple[float, VideoFrame | AudioFrame | Packet]]:
        """What is in a packet; when it is broken, as much as could be had."""
        try:
            for frame in self._decode(packet):
                self._broken_in_a_row = 0
                yield frame
        except av.error.FFmpegError as error:
            if isinstance(error, MemoryError):
                raise
            self.errors += 1
            self._broken_in_a_row += 1
            self.ended = self._broken_in_a_row > MOST_ERRORS
            if self.ended and not self.decoded:
                raise damaged(error) from error

    def _decode(self, packet: Packet) -> Iterator[tuple[float, VideoFrame | AudioFrame | Packet]]:
        index = packet.stream_index
        seconds = self._seconds_of(packet)
        if seconds is not None:
            check_seconds(seconds, self.settings)
            if seconds > max(self.video_stop, self.sound_stop) + STRAY_SECONDS:
                self._done |= self._wanted()
                return
        if self.media.subtitles is not None and index == self.media.subtitles.index:
            if seconds is not None and packet.size:
                yield seconds, packet
            return
        if index in self._done:
            return
        for frame in packet.decode():
            if isinstance(frame, VideoFrame | AudioFrame):
                yield from self._due(index, frame)

    def _due(self, index: int, frame: VideoFrame | AudioFrame) -> Iterator[tuple[float, VideoFrame | AudioFrame]]:
        """The frame with its seconds, unless it lies before the start or marks the stream's stop."""
        is_picture = isinstance(frame, VideoFrame)
        self.decoded += 1
        seconds = self._seconds_of_frame(index, frame)
        check_seconds(seconds, self.settings)
        if isinstance(frame, VideoFrame):
            check_frame(frame.width, frame.height, self.settings)
        if seconds >= (self.video_stop if is_picture else self.sound_stop):
            self._done.add(index)
            self.saw_stop |= is_picture
            return
        if is_picture and seconds < self.start - 1e-4:
            self._look_at_the_clock()
            return
        yield seconds, frame
        if is_picture or self.media.video is None:
            self.reached = max(self.reached, seconds)
        if isinstance(frame, VideoFrame):
            self.pixels += frame.width * frame.height
        self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if self.pixels > MOST_PIXELS or self.decoded > self.settings.video_frames or self.effort.is_spent:
            self.cut_short = True
            if self.reached < self.start + LEAST_PROGRESS:
                remedy = "make its pictures smaller, or raise SENSORIUM_WORKER_CPU_SECONDS and SENSORIUM_VIDEO_FRAMES"
                raise TookTooLong("half a second of it takes all the time there is", remedy=remedy)

    def _seconds_of_frame(self, index: int, frame: VideoFrame | AudioFrame) -> float:
        """AVI and damaged files have frames without a time: their order of decoding stands in, then the one before."""
        seconds = frame.time
        if seconds is None and frame.dts is not None and frame.time_base:
            seconds = float(frame.dts * frame.time_base)
        if seconds is None:
            seconds = self._last.get(index, self.media.zero - 0.04) + 0.04
        self._last[index] = seconds
        return max(0.0, seconds - self.media.zero)


def refuse_nothing(decoding: Decoding) -> None:
    """Raises DamagedFile when a file that promises pictures or sound gave none, from its start."""
    if not decoding.decoded and decoding.start == 0:
        what = "nothing of it can be decoded" if decoding.errors else "it ends before its first picture or sound"
        raise DamagedFile(what, remedy="open it in another program and save it anew, or restore it from its source")
