"""How a process says that it gave a content up, and what its parent makes of that, or of its death."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sensorium.core.errors import ReaderCrashed, Refused, TookTooLong, TooLarge
from sensorium.processes.channel import Channel, Malformed, Oversized
from sensorium.processes.child import OUT_OF_TIME, cause_of_death
from sensorium.processes.greeting import Ready
from sensorium.processes.warm import Died, WarmProcess

Answer = TypeVar("Answer")

MOST_CAUSE = 100
"""Characters of a cause, and one more."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A content was given up. cause: a word for a program, such as the name of an exception."""

    cause: str


def pack_failure(cause: str) -> bytes:
    """What a worker answers for a content that it gave up.

    >>> unpack_failure(json.loads(pack_failure("MemoryError")))
    Failed(cause='MemoryError')
    """
    return json.dumps({"failed": cause}).encode()


def unpack_failure(answer: Any) -> Failed | None:
    """The inverse, of an answer out of its JSON; None where it is none."""
    match answer:
        case {"failed": str(cause)} if len(answer) == 1 and cause.isidentifier() and len(cause) < MOST_CAUSE:
            return Failed(cause)
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """How one kind of process fails, in words. process: its name. work: what it does to a content. The rest says what
    to do: with a content that it fails on, for more time, for more memory."""

    process: str
    work: str
    report: str
    more_time: str
    more_memory: str

    def ask(
        self,
        process: WarmProcess[Ready],
        exchange: Callable[[Channel, Ready], Answer | Failed],
        seconds: float,
    ) -> Answer:
        """What `exchange` makes of a talk with `process`; see `WarmProcess.ask`.

        Raises TookTooLong, TooLarge or ReaderCrashed where there is no answer to this content.
        """
        try:
            answer = process.ask(exchange, seconds)
        except TimeoutError:
            raise self._too_long() from None
        except (Malformed, Oversized) as error:
            raise ReaderCrashed(f"the {self.process} answered nonsense ({error})", remedy=self.report) from None
        except Died as death:
            raise self._of_death(death.status) from None
        if isinstance(answer, Failed):
            raise self._of_failure(answer.cause)
        return answer

    def _too_long(self) -> TookTooLong:
        return TookTooLong(f"{self.work} reached the limit of time", remedy=self.more_time)

    def _of_death(self, status: int) -> Refused:
        if status in OUT_OF_TIME:
            return self._too_long()
        return ReaderCrashed(f"the {self.process} died on it ({cause_of_death(status)})", remedy=self.report)

    def _of_failure(self, cause: str) -> Refused:
        if cause in ("MemoryError", "bad_alloc"):
            return TooLarge(f"{self.work} needs more memory than it may use", remedy=self.more_memory)
        return ReaderCrashed(f"the {self.process} failed on it ({cause})", remedy=self.report)
