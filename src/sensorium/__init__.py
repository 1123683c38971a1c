"""Sensorium: one library for everything you keep, found by meaning, across media, offline."""
