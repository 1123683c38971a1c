"""The same calls as the library's, for a shell; the one room that prints. May import: library, present, core.

To add a command, write its function into the module of its subject and name it in `app.py`; `docs/commands.md` must
say what it does. A command imports what it needs when it runs, so that each one starts as fast as it can.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sensorium.cli.session import Opener


def main(arguments: Sequence[str] | None = None, *, opener: Opener | None = None) -> int:
    """Runs one command and returns its exit status.

    arguments: those of this process by default. opener: what opens a library, `sensorium.open` by default.

    >>> main(["--version"])
    sensorium 0.1.0
    0
    """
    from sensorium.cli.app import app
    from sensorium.cli.output import never_fail_on_a_character
    from sensorium.cli.session import Session

    never_fail_on_a_character()
    session = Session(opener=opener) if opener else Session()
    try:
        app(args=arguments, prog_name="sensorium", obj=session)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    return 0
