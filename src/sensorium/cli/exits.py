"""What a command's exit status says. `docs/commands.md` lists them for users."""

FAILED = 1
"""A SensoriumError, told in one line on stderr; or `doctor` found something that is not mended."""

INTERRUPTED = 130
"""Ended by Ctrl-C, as shells count it: 128 + SIGINT. What was done until then is kept."""

NOBODY_READS = 141
"""The reader of a pipe went away, as `head` does: 128 + SIGPIPE."""
