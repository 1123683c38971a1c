"""What every test run needs, wherever the tests lie."""

import os
from importlib.util import find_spec

# Reading writing and hearing speech take seconds for each library; the tests of them ask for them by name.
for name in ("SENSORIUM_WRITING", "SENSORIUM_SPEECH"):
    os.environ.setdefault(name, "0")

# `pytest` without torch still runs the examples of all other modules; `make test-train` runs those of training.
collect_ignore = [] if find_spec("torch") else ["src/sensorium/training", "tests/unit/training", "tests/parity"]
