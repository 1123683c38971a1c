"""Takes the frames of a film one after the other and gives its shots as pieces, holding little in between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from av.video.frame import VideoFrame

from sensorium.core.contents import DraftPiece, ReadRequest
from sensorium.core.items import Aspect, Modality, Place, Preview
from sensorium.core.settings import Settings
from sensorium.readers.media import frames
from sensorium.readers.media.keyframes import FLAT, Candidate, Gathering, KeyFrame, choose, sharpness
from sensorium.readers.media.shots import CutDetector
from sensorium.readers.pictures.image import SHRINK_TO, preview, rendition, scan

SCAN_SIDE = 960
"""Longest side of the pictures of a film that writing is read off, whatever is asked for: they come by the hundred."""

LEAST_STEP = 1 / 31
"""Seconds. Of films with more than some thirty frames a second, not every one is looked at."""

CANDIDATE_SECONDS = 0.2
"""Frames nearer to each other than this are not compared for sharpness."""


@dataclass(frozen=True, slots=True)
class Shot:
    """The film between two cuts, in seconds, and its pieces: the shot, then its key frames."""

    start: float
    stop: float
    pieces: tuple[DraftPiece, ...] = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the pictures in it."""
        pictures = [array for piece in self.pieces for array in (*piece.renditions, piece.scan) if array is not None]
        return sum(array.nbytes for array in pictures)


class Reel:
    """The shots of a stretch of a film. start: where it begins; None for the first frame's time.

    size: bytes of the pictures kept so far. stretch: width of a pixel by its height.
    """

    def __init__(self, request: ReadRequest, settings: Settings, start: float | None, stretch: float = 1.0) -> None:
        self._request = request
        self._most = settings.shot_frames
        self._stretch = stretch
        inputs = [max(entry.width, entry.height) for entry in request.image_inputs]
        self._scan_side = min(SCAN_SIDE, request.scan_side)
        self._side = max(64, self._scan_side, request.preview_side, SHRINK_TO * max(inputs, default=0))
        self._detector = CutDetector()
        self._start = start
        self._gathering: Gathering | None = None
        self._seen = self._compared = -np.inf
        self._shots: list[Shot] = []
        self.size = 0

    def push(self, seconds: float, frame: VideoFrame) -> None:
        """The next frame. Raises what PyAV raises for a form of pixels that it can not convert."""
        if seconds < self._seen + LEAST_STEP:
            return
        self._seen = seconds
        small = frames.small(frame)
        if self._gathering is None:
            self._gathering = Gathering(seconds if self._start is None else self._start)
        for cut in self._detector.push(seconds, small):
            self._gathering = self._close(self._gathering, cut)
        if seconds >= self._compared + CANDIDATE_SECONDS:
            self._compared = seconds
            grey = frames.grey(frame)
            if grey.std() >= FLAT:
                self._gathering.add(
                    seconds, sharpness(grey), small, lambda: frames.picture(frame, self._side, self._stretch)
                )

    def last_cut(self, after: float) -> float | None:
        """The last border between two shots that lies at or behind `after`."""
        borders = [shot.stop for shot in self._shots if shot.stop >= after]
        return max(borders, default=None)

    def finish(self, stop: float) -> Iterator[DraftPiece]:
        """The pieces of all shots up to `stop`; the one that is running ends there."""
        if self._gathering is not None and self._gathering.start < stop:
            self._close(self._gathering, stop)
        for shot in self._shots:
            if shot.stop <= stop:
                yield from shot.pieces

    def _close(self, gathering: Gathering, cut: float) -> Gathering:
        candidates, following = gathering.split(cut)
        pieces = tuple(self._pieces(candidates, round(gathering.start, 3), round(cut, 3)))
        self._shots.append(Shot(gathering.start, cut, pieces))
        self.size += self._shots[-1].size
        return following

    def _pieces(self, candidates: Sequence[Candidate], start: float, stop: float) -> Iterator[DraftPiece]:
        chosen = choose(candidates, start, stop, self._most)
        if not chosen:
            return  # nothing but black: nothing to find
        previews = [self._preview(key_frame.candidate) for key_frame in chosen]
        sharpest = max(range(len(chosen)), key=lambda number: chosen[number].candidate.sharpness)
        yield DraftPiece(
            modality=Modality.IMAGE,
            place=Place(seconds=(start, stop)),
            preview=previews[sharpest],
            aspect=Aspect.SHOT,
        )
        for key_frame, small_picture in zip(chosen, previews, strict=True):
            yield self._frame_piece(key_frame, small_picture)

    def _frame_piece(self, key_frame: KeyFrame, small_picture: Preview | None) -> DraftPiece:
        picture = key_frame.candidate.picture
        return DraftPiece(
            modality=Modality.IMAGE,
            place=Place(seconds=key_frame.seconds),
            renditions=tuple(rendition(picture, entry) for entry in self._request.image_inputs),
            preview=small_picture,
            aspect=Aspect.FRAME,
            scan=scan(picture, self._scan_side) if self._scan_side else None,
        )

    def _preview(self, candidate: Candidate) -> Preview | None:
        side = self._request.preview_side
        return preview(candidate.picture, side) if side else None
