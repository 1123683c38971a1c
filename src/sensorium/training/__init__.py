"""Pairs in, towers out: how the shipped encoder is made. Needs the train extra. May import: core."""
