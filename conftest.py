"""What every test run needs, wherever the tests lie."""

from importlib.util import find_spec

# `pytest` without torch still runs the examples of all other modules; `make test-train` runs those of training.
collect_ignore = [] if find_spec("torch") else ["src/sensorium/training", "tests/unit/training"]
