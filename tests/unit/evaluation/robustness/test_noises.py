"""Damaged sounds."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from sensorium.evaluation.robustness.noises import NOISES, Waveform, damage

RATE = 16_000


def tones() -> Waveform:
    """A second of 440 Hz and 3,500 Hz, equally loud."""
    time = np.arange(RATE) / RATE
    return (0.4 * np.sin(2 * np.pi * 440 * time) + 0.4 * np.sin(2 * np.pi * 3_500 * time)).astype(np.float32)


def power(waveform: Waveform) -> float:
    return float(np.mean(waveform.astype(float) ** 2))


def power_at(waveform: Waveform, low: float, high: float) -> float:
    frequencies = np.fft.rfftfreq(waveform.size, 1 / RATE)
    inside = (frequencies >= low) & (frequencies < high)
    return float((np.abs(np.fft.rfft(waveform))[inside] ** 2).sum())


@pytest.mark.parametrize("name", NOISES)
@pytest.mark.parametrize("size", [1, 2, 3, 1000])
def test_length_and_type_stay_and_so_does_the_original(name: str, size: int) -> None:
    waveform = tones()[100 : 100 + size]
    before = waveform.copy()
    for severity in range(1, 6):
        changed = damage(waveform, RATE, NOISES[name], severity)
        assert (changed.shape, changed.dtype) == (waveform.shape, np.float32)
        assert np.isfinite(changed).all()
    np.testing.assert_array_equal(waveform, before)


@pytest.mark.parametrize("name", NOISES)
def test_a_higher_severity_is_further_from_the_original(name: str) -> None:
    distances = [power(damage(tones(), RATE, NOISES[name], severity) - tones()) for severity in range(1, 6)]
    assert all(later > earlier * 0.999 for earlier, later in pairwise(distances))
    assert distances[4] > distances[0]


@pytest.mark.parametrize("name", NOISES)
def test_damage_is_the_same_every_time(name: str) -> None:
    first, again = (damage(tones(), RATE, NOISES[name], 4) for _ in range(2))
    np.testing.assert_array_equal(first, again)


@pytest.mark.parametrize("name", ["white-noise", "pink-noise"])
@pytest.mark.parametrize("severity", range(1, 6))
def test_noise_has_the_level_it_names(name: str, severity: int) -> None:
    noise = damage(tones(), RATE, NOISES[name], severity) - tones()
    decibels = 10 * np.log10(power(tones()) / power(noise))
    assert decibels == pytest.approx(NOISES[name].amounts[severity - 1], abs=0.01)


def test_white_noise_is_as_strong_in_every_octave_of_equal_width_and_pink_noise_falls() -> None:
    white, pink = (damage(tones(), RATE, NOISES[name], 5) - tones() for name in ("white-noise", "pink-noise"))
    assert power_at(white, 1000, 2000) == pytest.approx(power_at(white, 5000, 6000), rel=0.3)
    assert power_at(pink, 500, 1000) == pytest.approx(power_at(pink, 4000, 8000), rel=0.3)


@pytest.mark.parametrize("severity", range(1, 6))
def test_clipping_cuts_the_share_it_names(severity: int) -> None:
    waveform = np.random.default_rng(0).standard_normal(10_000).astype(np.float32)
    changed = damage(waveform, RATE, NOISES["clipping"], severity)
    assert np.mean(changed != waveform) == pytest.approx(NOISES["clipping"].amounts[severity - 1], abs=0.002)
    assert np.abs(changed).max() <= np.abs(waveform).max()


def test_resampling_loses_what_lies_above_half_of_the_rate() -> None:
    kept, lost = damage(tones(), RATE, NOISES["resampling"], 1), damage(tones(), RATE, NOISES["resampling"], 2)
    np.testing.assert_allclose(kept, tones(), atol=1e-5)
    assert power(lost) == pytest.approx(power(tones()) / 2, rel=0.01)
    assert power_at(lost, 3_000, 8_000) < 1e-6 * power_at(lost, 0, 3_000)


@pytest.mark.parametrize("name", NOISES)
def test_silence_stays_silent(name: str) -> None:
    assert not damage(np.zeros(100, np.float32), RATE, NOISES[name], 5).any()


@pytest.mark.parametrize(
    ("waveform", "what"),
    [
        (np.zeros(4), "expected float32"),
        (np.zeros((2, 4), np.float32), "expected float32"),
        (np.zeros(0, np.float32), "expected float32"),
        (np.array([np.nan], np.float32), "not finite"),
    ],
)
def test_what_is_no_waveform_is_an_error(waveform: Waveform, what: str) -> None:
    with pytest.raises(ValueError, match=what):
        damage(waveform, RATE, NOISES["clipping"], 1)


@pytest.mark.parametrize(("rate", "severity"), [(0, 1), (RATE, 0), (RATE, 6)])
def test_a_rate_or_severity_that_is_not_there_is_an_error(rate: int, severity: int) -> None:
    with pytest.raises(ValueError):
        damage(tones(), rate, NOISES["clipping"], severity)
