"""Benchmarks: `make bench` measures and writes `results.md`; `python -m benchmarks --quick` only tries that all runs.

Each figure is a ratio to a yardstick that is measured in the same run, in turns with what it is held against, since
a ratio means the same on another machine and seconds do not. One file a subject; each has `measure(options)`.
"""
