"""A server over a library, to be killed. Run as a program: `served.py LIBRARY [held]` prints its address and serves.

held: what is complete is not added, as if the writer were busy until the end.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import sensorium
from sensorium.library import Library
from sensorium.server.options import ServeOptions
from sensorium.server.running import Serving
from sensorium.testing.encoders import HashEncoder


def main(folder: Path, held: bool) -> None:
    if held:
        never = threading.Event()
        Library.add = lambda *_, **__: never.wait()  # type: ignore[assignment, method-assign]
    with sensorium.open(folder, encoder=HashEncoder()) as library:
        serving = Serving(library, ServeOptions(port=0, a_minute=60_000), warm=False)
        with serving.listening() as address:
            sys.stdout.write(address + "\n")
            sys.stdout.flush()
            serving.run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), "held" in sys.argv[2:])
