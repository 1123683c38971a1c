from __future__ import annotations

import io
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image

from sensorium.core.contents import AudioInput, Document, DraftPiece, ImageInput, ReadRequest
from sensorium.core.errors import EmptyFile, TookTooLong, TooLarge
from sensorium.core.items import Aspect, Modality
from sensorium.core.settings import Settings
from sensorium.readers.media.video import VideoReader
from sensorium.readers.recognise import recognise
from sensorium.testing.media import FILMS, Picture, film, noise, plain, recording, subtitled, tones, turned

SOUND = AudioInput(rate=16_000, seconds=2.0, hop=1.0)
REQUEST = ReadRequest(
    image_inputs=(ImageInput(width=16, height=16),), audio_inputs=(SOUND,), track_rate=16_000, preview_side=32
)


def shots(*seconds_and_values: tuple[float, int], rate: int = 10) -> list[Picture]:
    return [plain(value) for seconds, value in seconds_and_values for _ in range(round(seconds * rate))]


def read(data: bytes, media_type: str = "video/mp4", request: ReadRequest = REQUEST, **limits: float) -> Document:
    return VideoReader().read(io.BytesIO(data), media_type, request, Settings(**limits))  # type: ignore[arg-type]


def read_parts(data: bytes, media_type: str = "video/mp4", **limits: float) -> list[Document]:
    documents = [read(data, media_type, **limits)]
    while (start := documents[-1].next) is not None:
        request = ReadRequest(image_inputs=REQUEST.image_inputs, audio_inputs=(SOUND,), track_rate=16_000, start=start)
        documents.append(read(data, media_type, request, **limits))
    return documents


def of(document: Document, aspect: Aspect) -> list[DraftPiece]:
    return [piece for piece in document.pieces if piece.aspect is aspect]


def intervals(document: Document, aspect: Aspect = Aspect.SHOT) -> list[tuple[float, float]]:
    return [piece.place.seconds for piece in of(document, aspect) if piece.place.seconds is not None]


@pytest.mark.parametrize("media_type", FILMS)
def test_every_type_is_recognised_and_read(media_type: str) -> None:
    data = film(shots((2, 60), (2, 180)), media_type, sound=tones(4.0))
    assert recognise(data) == media_type
    document = read(data, media_type)
    assert document.modality is Modality.VIDEO
    # AVI counts frames, and its first one by the order of decoding
    cut = 2.0 if media_type != "video/x-msvideo" else pytest.approx(2.0, abs=0.11)
    assert intervals(document) == [(0.0, cut), (cut, pytest.approx(4.0, abs=0.2))]
    assert len(of(document, Aspect.FRAME)) == 2
    assert len(of(document, Aspect.SOUND)) >= 3
    assert document.track is not None
    assert document.length == pytest.approx(4.0, abs=0.2)
    assert (document.attributes["width"], document.attributes["height"]) == ("64", "48")
    assert document.attributes["frame_rate"] == "10.000"


def test_a_shot_comes_before_its_frames_and_has_no_rendition_of_its_own() -> None:
    shot, frame = read(film(shots((2, 60)))).pieces
    assert (shot.aspect, shot.renditions) == (Aspect.SHOT, ())
    assert (frame.aspect, frame.renditions[0].shape) == (Aspect.FRAME, (16, 16, 3))
    assert shot.preview == frame.preview
    assert shot.preview is not None
    assert max(shot.preview.width, shot.preview.height) == 32


def test_frames_show_their_shot() -> None:
    first, second = of(read(film(shots((2, 60), (2, 180)))), Aspect.FRAME)
    assert [round(float(frame.renditions[0].mean()), -1) for frame in (first, second)] == [60, 180]


def test_a_shot_that_changes_has_more_frames_and_they_tile_it() -> None:
    ramp = [plain(40 + 2 * number) for number in range(100)]
    document = read(film(ramp))
    (shot,) = intervals(document)
    frames = intervals(document, Aspect.FRAME)
    assert len(frames) == 3
    assert (frames[0][0], frames[-1][1]) == shot
    assert all(one[1] == two[0] for one, two in pairwise(frames))


def test_black_is_not_a_shot() -> None:
    black = [np.zeros((48, 64, 3), np.uint8)] * 20
    assert intervals(read(film([*shots((2, 90)), *black, *shots((2, 90))]))) == [(0.0, 2.0), (4.0, 6.0)]


@pytest.mark.parametrize("media_type", FILMS)
def test_parts_follow_each_other_without_gap_or_overlap(media_type: str) -> None:
    data = film(shots(*((2, value) for value in (60, 180, 100, 220, 40, 140, 60, 200))), media_type, sound=noise(16.0))
    parts = read_parts(data, media_type, media_part_seconds=5)
    assert len(parts) >= 4
    found = [interval for part in parts for interval in intervals(part)]
    assert [round(start, 1) for start, _ in found] == [0, 2, 4, 6, 8, 10, 12, 14]
    tracks = [part.track for part in parts if part.track is not None]
    for one, two in pairwise(tracks):
        assert abs(one.start + len(one.samples) / one.rate - two.start) < 0.001


def test_a_part_ends_at_a_cut_so_that_shots_stay_whole() -> None:
    first, second = read_parts(film(shots((4.5, 60), (3, 180))), media_part_seconds=6)
    assert first.next == pytest.approx(4.5, abs=0.01)
    assert intervals(second) == [(pytest.approx(4.5, abs=0.01), 7.5)]


def test_a_shot_without_an_end_is_cut_at_the_part() -> None:
    first, second = read_parts(film(shots((8, 60))), media_part_seconds=6)
    assert first.next == 6.0
    assert intervals(first) == [(0.0, 6.0)]
    assert intervals(second) == [(6.0, 8.0)]


def test_a_part_that_meets_a_limit_ends_early() -> None:
    data = film(shots((2, 60), (2, 180), (2, 60)))
    parts = read_parts(data, video_frames=30)
    assert len(parts) > 1
    assert {round(start) for part in parts for start, _ in intervals(part)} >= {0, 2, 4}


def test_a_part_that_meets_the_clock_ends_early_or_is_refused() -> None:
    data = film(shots((6, 60)))

    def ticking(step: float) -> VideoReader:
        ticks = iter(np.arange(0, 1e6, step))
        return VideoReader(clock=lambda: float(next(ticks)))

    document = ticking(0.5).read(io.BytesIO(data), "video/mp4", REQUEST, Settings())
    assert document.next is not None
    assert 1 < document.next < 6
    with pytest.raises(TookTooLong, match="SENSORIUM_WORKER_CPU_SECONDS"):
        ticking(10.0).read(io.BytesIO(data), "video/mp4", REQUEST, Settings())


def test_a_turned_film_is_set_upright() -> None:
    halves = plain(60)
    halves[:, 32:] = 255  # the right half is white
    document = read(turned(film([halves] * 20), (0, 1, -1, 0)))  # a quarter turn with the clock: right becomes bottom
    pixels = of(document, Aspect.FRAME)[0].renditions[0]
    assert (document.attributes["width"], document.attributes["height"]) == ("48", "64")
    assert document.attributes["rotation"] == "270"
    assert pixels[13].mean() > 200 > pixels[3].mean()


def test_a_film_without_sound_has_no_track() -> None:
    document = read(film(shots((2, 60))))
    assert document.track is None
    assert "audio_codec" not in document.attributes


def test_a_silent_track_says_nothing() -> None:
    document = read(film(shots((2, 60)), sound=np.zeros(32_000, np.int16)))
    assert document.track is None
    assert of(document, Aspect.SOUND) == []


def test_sound_goes_on_when_the_pictures_end() -> None:
    document = read(film(shots((1, 60)), sound=tones(5.0)))
    assert intervals(document) == [(0.0, 1.0)]
    assert of(document, Aspect.SOUND)[-1].place.seconds == pytest.approx((3.0, 5.0), abs=0.1)


def test_a_film_that_holds_sound_alone_is_a_recording() -> None:
    document = read(recording(tones(2.0), "audio/mp4"))
    assert (document.modality, document.media_type) == (Modality.AUDIO, "audio/mp4")


def test_scans_are_made_when_asked_for_and_stay_small() -> None:
    data = film([plain(60, 1_280, 720)] * 10)
    (frame,) = of(read(data, request=ReadRequest(scan_side=1_600)), Aspect.FRAME)
    assert frame.scan is not None
    assert frame.scan.shape == (540, 960, 3)
    assert of(read(data), Aspect.FRAME)[0].scan is None


def test_subtitles_within_are_pieces_with_their_seconds() -> None:
    data = subtitled(shots((6, 60)), [(0.5, 2.0, "Where are"), (2.0, 3.0, "<i>you going?</i>")], language="ger")
    (piece,) = of(read(data, "video/matroska"), Aspect.SUBTITLE)
    assert piece.text == "Where are you going?"
    assert piece.place.seconds == pytest.approx((0.5, 3.0), abs=0.01)
    assert piece.attributes == {"language": "ger"}


def test_subtitles_belong_to_the_part_that_they_begin_in() -> None:
    lines = [(number + 0.5, number + 1.4, f"Line {number}.") for number in range(9)]
    parts = read_parts(subtitled(shots((9, 60)), lines), "video/matroska", media_part_seconds=5)
    assert " ".join(piece.text or "" for part in parts for piece in of(part, Aspect.SUBTITLE)) == " ".join(
        text for _, _, text in lines
    )


def test_no_tag_of_the_source_is_copied() -> None:
    for media_type in FILMS:
        data = film(shots((1, 60)), media_type, tags={"title": "NEEDLE", "location": "NEEDLE", "comment": "NEEDLE"})
        assert b"NEEDLE" in data
        document = read(data, media_type)
        assert "NEEDLE" not in repr(document)
        assert document.pieces[0].preview is not None
        assert b"NEEDLE" not in document.pieces[0].preview.data


def test_half_a_film_is_read_as_far_as_it_goes() -> None:
    data = film(shots((2, 60), (2, 180), (2, 60), (2, 180)), "video/matroska")
    document = read(data[: len(data) * 2 // 3], "video/matroska")
    assert len(intervals(document)) >= 2
    assert any("says that it lasts" in note for note in document.notes)


def test_a_film_of_nothing_but_black_is_empty() -> None:
    with pytest.raises(EmptyFile):
        read(film([np.zeros((48, 64, 3), np.uint8)] * 20))


def test_a_side_beyond_the_limit_is_refused() -> None:
    with pytest.raises(TooLarge, match="SENSORIUM_VIDEO_SIDE"):
        read(film(shots((1, 60))), video_side=48)


def test_a_clip_is_a_film_of_its_own() -> None:
    data = film(shots((2, 60), (2, 180), (2, 60)), sound=tones(6.0), tags={"title": "NEEDLE"})
    clip = read(data, request=ReadRequest(clip=(1.0, 3.0))).clip
    assert clip is not None
    assert (clip.media_type, clip.seconds) == ("video/mp4", (1.0, 3.0))
    assert b"NEEDLE" not in clip.data
    document = read(clip.data)
    assert intervals(document) == [
        (0.0, pytest.approx(1.0, abs=0.11)),
        (pytest.approx(1.0, abs=0.11), pytest.approx(2.0, abs=0.2)),
    ]
    assert document.track is not None
    assert len(document.track.samples) == pytest.approx(32_000, rel=0.05)


def test_previews_are_pictures() -> None:
    preview = read(film(shots((1, 60)))).pieces[0].preview
    assert preview is not None
    with Image.open(io.BytesIO(preview.data)) as image:
        assert image.size == (preview.width, preview.height)
