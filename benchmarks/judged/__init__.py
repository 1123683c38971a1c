"""Judged sets: questions on documents and films with known moments, and what measures on them."""
