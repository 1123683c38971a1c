from __future__ import annotations

import numpy as np
import pytest

from sensorium.core.contents import AudioInput, Samples
from sensorium.readers.media.windows import cut_windows, loudness, quietest, sounding

RATE = 1_000
INPUT = AudioInput(rate=RATE, seconds=2.0, hop=1.0)


def sound(*stretches: tuple[float, int]) -> Samples:
    """Stretches of (seconds, loudness)."""
    parts = [loud * np.resize([1, -1], round(seconds * RATE)) for seconds, loud in stretches]
    return np.concatenate(parts).astype(np.int16)


def windows(
    samples: Samples, *inputs: AudioInput, start: float = 0.0, stop: float = 100.0
) -> list[tuple[float, float]]:
    return [window.seconds for window in cut_windows({RATE: samples}, inputs or (INPUT,), start=start, stop=stop)]


def test_windows_lie_a_hop_apart_and_the_last_one_is_whole() -> None:
    assert windows(sound((5.5, 5_000))) == [(0, 2), (1, 3), (2, 4), (3, 5), (3.5, 5.5)]


def test_a_sound_shorter_than_a_window_is_one_window() -> None:
    found = list(cut_windows({RATE: sound((0.7, 5_000))}, (INPUT,), start=0.0, stop=9.0))
    assert [window.seconds for window in found] == [(0, 0.7)]
    assert len(found[0].samples[0]) == 700


def test_silence_makes_no_window() -> None:
    assert windows(sound((3, 0), (2, 5_000), (4, 0))) == [(3, 5)]


def test_the_place_is_where_the_sound_is_and_not_the_window() -> None:
    assert windows(sound((0.5, 0), (0.5, 5_000), (4, 0))) == [(0.5, 1.0)]


def test_the_edge_of_a_sound_that_the_next_window_has_whole_is_left_out() -> None:
    assert windows(sound((1.8, 0), (1.5, 5_000), (3, 0)))[0] == (1.8, 3.0)


def test_noise_below_60_db_is_silence_unless_the_recording_is_that_quiet() -> None:
    assert windows(sound((2, 5_000), (4, 20))) == [(0, 2)]
    assert len(windows(sound((2, 60), (4, 20)))) == 5


def test_windows_belong_to_the_part_that_they_begin_in() -> None:
    whole = sound((10, 5_000))
    first = windows(whole[:7_000], stop=5.0)
    second = windows(whole[5_000:], start=5.0, stop=10.0)
    assert first == [(0, 2), (1, 3), (2, 4), (3, 5), (4, 6)]
    assert second == [(5, 7), (6, 8), (7, 9), (8, 10)]


def test_every_input_gets_its_own_length_and_rate() -> None:
    other = AudioInput(rate=500, seconds=3.0, hop=9.0)
    tracks = {RATE: sound((6, 5_000)), 500: sound((3, 5_000))}
    found = next(cut_windows(tracks, (INPUT, other), start=0.0, stop=6.0))
    assert [len(samples) for samples in found.samples] == [2_000, 1_500]


@pytest.mark.parametrize("samples", [sound((0, 0)), sound((3, 0))])
def test_nothing_gives_nothing(samples: Samples) -> None:
    assert windows(samples) == []


def test_without_an_input_there_are_no_windows() -> None:
    assert list(cut_windows({RATE: sound((3, 5_000))}, (), start=0.0, stop=3.0)) == []


def test_loudness_of_the_rest_is_not_diluted() -> None:
    assert loudness(sound((0.06, 1_000)), RATE).tolist() == [1_000.0, 1_000.0]


def test_full_scale_does_not_overflow() -> None:
    assert loudness(np.full(100, -32_768, np.int16), RATE).tolist() == [32_768.0, 32_768.0]


def test_nothing_is_loud_in_an_empty_sound() -> None:
    assert not sounding(loudness(sound((0, 0)), RATE)).any()


def test_a_cut_is_made_in_the_pause() -> None:
    loud = loudness(sound((5, 5_000), (0.6, 0), (3, 5_000)), RATE)
    assert quietest(loud, 3.0, 8.0) == pytest.approx(5.3, abs=0.06)


def test_a_stretch_too_short_for_a_pause_is_cut_at_its_end() -> None:
    assert quietest(loudness(sound((5, 5_000)), RATE), 4.9, 5.0) == 5.0
