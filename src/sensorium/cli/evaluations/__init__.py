"""The commands below `evaluate`, one a module. May import: what `sensorium.cli` may.

To add one, write its function into a module here, named after it, and name it in `sensorium.cli.evaluating`.
"""
