"""The kinds of suites: how the tables of each become tasks. May import: what `sensorium.evaluation` may."""
