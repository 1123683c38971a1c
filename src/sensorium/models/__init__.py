"""Models beyond the built-in one: a table of known ones, the hub's cache, and the only door they come in by.

Nothing here knows what a model does; encoders find their files through `cache.located`. `fetch` is the one module that
reaches a network, when `sensorium models get` asks it to. To add a model, add it to `catalogue.toml`: every figure
needs its source. May import: core.
"""
