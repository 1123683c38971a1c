from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from sensorium.readers.media.keyframes import MOST_SLOTS, Candidate, Gathering, choose, sharpness
from sensorium.readers.media.shots import SMALL_HEIGHT, SMALL_WIDTH, CutDetector, Small


def frame(value: float, seed: int = 0) -> Small:
    """Texture around a grey value; another seed is another scene."""
    texture = np.random.default_rng(seed).integers(-40, 40, (3, SMALL_HEIGHT, SMALL_WIDTH))
    return np.clip(value + texture, 0, 255).astype(np.int16)


def cuts(frames: list[Small], rate: float = 25.0) -> list[float]:
    detector = CutDetector()
    return [round(cut, 3) for number, small in enumerate(frames) for cut in detector.push(number / rate, small)]


def test_a_cut_is_placed_at_the_first_frame_behind_it() -> None:
    assert cuts([frame(90, 1)] * 30 + [frame(90, 2)] * 30) == [1.2]


def test_every_cut_is_found() -> None:
    assert cuts([frame(90, seed) for seed in range(4) for _ in range(25)]) == [1.0, 2.0, 3.0]


def test_a_still_picture_has_no_cut() -> None:
    assert cuts([frame(90)] * 100) == []


def test_a_fast_pan_is_no_cut() -> None:
    wide = np.random.default_rng(3).integers(0, 255, (3, SMALL_HEIGHT, 1_000)).astype(np.int16)
    assert cuts([wide[:, :, 6 * at : 6 * at + SMALL_WIDTH] for at in range(100)]) == []


def test_a_flash_is_no_cut() -> None:
    assert cuts([frame(60)] * 30 + [frame(255)] + [frame(60)] * 30) == []


def test_two_cuts_in_no_time_are_one() -> None:
    assert cuts([frame(90, 1)] * 30 + [frame(90, 2)] * 5 + [frame(90, 3)] * 30) == [1.2]


def test_a_dissolve_is_a_cut_in_its_middle() -> None:
    one, two = frame(60, 1), frame(190, 2)
    mixed = [np.asarray(one + (two - one) * share, dtype=np.int16) for share in np.linspace(0, 1, 20)]
    found = cuts([one] * 50 + mixed + [two] * 50)
    assert found == [pytest.approx(2.4, abs=0.4)]


def candidate(seconds: float, value: float, sharp: float = 1.0) -> Candidate:
    return Candidate(seconds, sharp, frame(value), Image.new("RGB", (4, 4)))


def times(*candidates: Candidate, start: float = 0.0, stop: float = 10.0, most: int = 3) -> list[float]:
    return [chosen.candidate.seconds for chosen in choose(candidates, start, stop, most)]


def test_the_sharpest_frame_stands_for_a_shot_that_shows_one_thing() -> None:
    assert times(candidate(1, 90), candidate(5, 90, 9.0), candidate(8, 90)) == [5]


def test_frames_that_differ_stand_for_a_shot_that_changes() -> None:
    assert times(candidate(1, 60), candidate(5, 120, 9.0), candidate(8, 200)) == [1, 5, 8]


def test_a_short_shot_has_one_key_frame() -> None:
    assert times(candidate(0.5, 60), candidate(1.5, 200, 2.0), stop=2.0) == [1.5]


def test_the_setting_limits_key_frames() -> None:
    assert len(times(candidate(1, 60), candidate(5, 120), candidate(8, 200), most=2)) == 2


def test_frames_at_the_border_are_used_only_when_there_are_no_others() -> None:
    assert times(candidate(0.1, 60, 9.0), candidate(5, 60)) == [5]
    assert times(candidate(0.1, 60, 9.0)) == [0.1]


def test_key_frames_tile_their_shot() -> None:
    chosen = choose([candidate(1, 60), candidate(5, 120, 9.0), candidate(8, 200)], 0.0, 10.0, 3)
    assert [entry.seconds for entry in chosen] == [(0.0, 3.0), (3.0, 6.5), (6.5, 10.0)]


def test_no_candidates_no_key_frames() -> None:
    assert times() == []


def test_a_gathering_holds_few_pictures_however_long_the_shot() -> None:
    gathering, made = Gathering(0.0), []
    for number in range(2_000):
        gathering.add(number * 0.2, 1.0, frame(90), lambda: made.append(1) or Image.new("RGB", (2, 2)))  # type: ignore[func-returns-value]
    before, _ = gathering.split(400.0)
    assert MOST_SLOTS / 2 <= len(before) <= MOST_SLOTS
    assert len(made) < 1_000


def test_a_sharper_frame_takes_the_place_of_a_blurred_one_of_its_moment() -> None:
    gathering = Gathering(0.0)
    for seconds, sharp in ((0.0, 1.0), (0.2, 5.0), (0.4, 5.1)):
        gathering.add(seconds, sharp, frame(90), lambda: Image.new("RGB", (2, 2)))
    assert [entry.seconds for entry in gathering.split(9.0)[0]] == [0.2]


def test_a_cut_parts_the_candidates() -> None:
    gathering = Gathering(0.0)
    for seconds in (0.0, 1.0, 2.0):
        gathering.add(seconds, 1.0, frame(90), lambda: Image.new("RGB", (2, 2)))
    before, following = gathering.split(1.5)
    after, _ = following.split(9.0)
    assert [entry.seconds for entry in before] == [0.0, 1.0]
    assert [entry.seconds for entry in after] == [2.0]
    assert following.start == 1.5


def test_sharpness_falls_with_blur() -> None:
    sharp = np.random.default_rng(1).integers(0, 255, (40, 40)).astype(np.uint8)
    blurred = np.asarray((sharp[:-1] / 2 + sharp[1:] / 2), dtype=np.uint8)
    assert sharpness(sharp) > sharpness(blurred) > sharpness(np.full((40, 40), 7, np.uint8)) == 0


def test_a_line_has_no_sharpness() -> None:
    assert sharpness(np.zeros((1, 90), np.uint8)) == 0
