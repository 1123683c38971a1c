"""What tells near duplicates of a picture: 64 bits that a copy shares, made where pictures are decoded."""

from __future__ import annotations

FINGERPRINT = "fingerprint"
"""The attribute of a piece that holds it: 16 hexadecimal digits, "" for a picture without anything to tell it by."""

NEAR_BITS = 10
"""Bits in which the fingerprints of near duplicates differ at most. `python -m benchmarks.folds` measures it."""
