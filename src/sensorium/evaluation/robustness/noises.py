"""Sounds as the world damages them: noise, clipping and low sampling rates in five severities each.

A waveform is float32 [samples], mono, -1..1. Each damage keeps its length.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensorium.evaluation.seeds import seeded

Waveform = npt.NDArray[np.float32]
"""float32 [samples]: one channel, -1..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """One way to damage a sound. unit: what the amounts count. amounts: of severities 1 to 5.

    apply: waveform, its sampling rate in Hz, an amount, a source of chance -> another waveform of that length.
    """

    name: str
    unit: str
    amounts: tuple[float, float, float, float, float]
    apply: Callable[[Waveform, int, float, np.random.Generator], Waveform]


def damage(waveform: Waveform, rate: int, noise: Noise, severity: int) -> Waveform:
    """A damaged copy, the same for the same sound wherever and whenever. rate: Hz. severity: 1..5.

    Silence stays silent under every damage: there is no level to measure noise against. Raises ValueError for another
    severity, a rate below 1, and for what is no waveform: empty, of another shape or type, or not finite.

    >>> tone = np.sin(np.arange(16000) / 5).astype(np.float32)
    >>> damaged = damage(tone, 16000, NOISES["white-noise"], severity=3)
    >>> round(float(10 * np.log10(np.mean(tone**2) / np.mean((damaged - tone) ** 2))))
    10
    """
    if waveform.dtype != np.float32 or waveform.ndim != 1 or waveform.size == 0:
        raise ValueError(f"expected float32 [samples], got {waveform.dtype} {list(waveform.shape)}")
    if not np.isfinite(waveform).all():
        raise ValueError("the waveform holds a number that is not finite")
    if rate < 1:
        raise ValueError(f"a rate is at least 1 Hz, got {rate}")
    if not 1 <= severity <= len(noise.amounts):
        raise ValueError(f"severity is 1 to {len(noise.amounts)}, got {severity}")
    if not waveform.any():
        return waveform.copy()
    chance = seeded(noise.name, waveform.tobytes())
    return noise.apply(waveform, rate, noise.amounts[severity - 1], chance)


def _with_white(waveform: Waveform, rate: int, decibels: float, chance: np.random.Generator) -> Waveform:
    return _mixed(waveform, chance.standard_normal(waveform.size), decibels)


def _with_pink(waveform: Waveform, rate: int, decibels: float, chance: np.random.Generator) -> Waveform:
    """Noise whose power falls with 1 / frequency, like that of rooms and streets; no constant part."""
    spectrum = np.fft.rfft(chance.standard_normal(waveform.size + 2))
    spectrum[1:] /= np.sqrt(np.arange(1, spectrum.size))
    spectrum[0] = 0
    return _mixed(waveform, np.fft.irfft(spectrum, waveform.size + 2)[: waveform.size], decibels)


def _mixed(waveform: Waveform, noise: npt.NDArray[np.float64], decibels: float) -> Waveform:
    """The noise is scaled so that the mean power of the sound is `decibels` above that of the noise.

    The sum is not clipped: clipping is another damage.
    """
    sound_power, noise_power = np.mean(waveform.astype(np.float64) ** 2), np.mean(noise**2)
    gain = np.sqrt(sound_power / (noise_power * 10 ** (decibels / 10)))
    return np.asarray(waveform + gain * noise, dtype=np.float32)


def _clipped(waveform: Waveform, rate: int, share: float, chance: np.random.Generator) -> Waveform:
    """The loudest `share` of the samples is cut off at one level, as by a microphone that is driven too hard."""
    ceiling = np.quantile(np.abs(waveform), 1 - share)
    return np.clip(waveform, -ceiling, ceiling).astype(np.float32)


def _resampled(waveform: Waveform, rate: int, kept: float, chance: np.random.Generator) -> Waveform:
    """Sampled at `kept` Hz and back: nothing above half of that is left (Shannon 1949).

    The filter is ideal, so a lower rate loses those frequencies and nothing else. At `rate` or more all is kept.
    """
    spectrum = np.fft.rfft(waveform.astype(np.float64))
    spectrum[np.fft.rfftfreq(waveform.size, 1 / rate) > kept / 2] = 0
    return np.fft.irfft(spectrum, waveform.size).astype(np.float32)


NOISES = {
    noise.name: noise
    for noise in (
        Noise(name="white-noise", unit="signal above noise in dB", amounts=(20, 15, 10, 5, 0), apply=_with_white),
        Noise(name="pink-noise", unit="signal above noise in dB", amounts=(20, 15, 10, 5, 0), apply=_with_pink),
        Noise(
            name="clipping", unit="share of the samples cut off", amounts=(0.01, 0.03, 0.1, 0.2, 0.4), apply=_clipped
        ),
        Noise(name="resampling", unit="sampling rate in Hz", amounts=(8000, 6000, 4000, 3000, 2000), apply=_resampled),
    )
}
"""By name. A further one is a function and an entry here."""
