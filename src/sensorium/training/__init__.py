"""Pairs in, towers out: how the shipped encoder is made. Needs the train extra.

`python -m sensorium.training compact` makes the built-in encoder. May import: core, encoders. To add an encoder, write
its recipe beside `compact.py`; pairs, features, heads, tuning, export, golden vectors and calibration serve any.
"""
