"""Work that outlasts a request: files that are being added, one after the other, with how far each is."""

from __future__ import annotations

import secrets
import threading
from collections import Counter, OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sensorium.core.errors import SensoriumError
from sensorium.core.receipts import Receipt, ReceiptLine
from sensorium.core.scopes import Scope
from sensorium.server.routes.presenting import file_name

REMEMBERED = 1_000
"""Jobs that can be asked for; the oldest that have ended go first."""


class State(StrEnum):
    """Where a job is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class Job:
    """One piece of work. Fits `ProgressListener`. progress: 0..1. error: why it failed, "" where it did not."""

    id: str
    scope: Scope
    name: str
    state: State = State.WAITING
    progress: float = 0.0
    error: str = ""
    lines: list[ReceiptLine] = field(default_factory=list)
    found: int = 0

    @property
    def is_waiting(self) -> bool:
        """Whether nobody has begun with it."""
        return self.state is State.WAITING

    def discovered(self, files: int) -> None:
        """How many files were found so far."""
        self.found = files

    def advanced(self, source: str, reached: float, length: float | None) -> None:
        """A long file is kept up to `reached`."""
        if length and self.found <= 1:
            self.progress = max(self.progress, min(0.99, reached / length))

    def settled(self, line: ReceiptLine) -> None:
        """One file has its outcome."""
        self.lines.append(line)
        self.progress = max(self.progress, min(0.99, len(self.lines) / max(1, self.found)))

    def as_json(self) -> dict[str, Any]:
        """The job as it is told outside."""
        return {
            "id": self.id,
            "name": self.name,
            "state": str(self.state),
            "progress": round(self.progress, 4),
            "receipt": [_line_json(line) for line in list(self.lines)],
            "error": self.error or None,
        }


def _line_json(line: ReceiptLine) -> dict[str, Any]:
    return {
        "source": file_name(line.source),
        "outcome": str(line.outcome),
        "item": line.item_id,
        "reason": line.reason,
        "code": line.code,
    }


class Jobs:
    """All jobs of a server. submit: how work gets into the one thread that writes. counted: told how many there are in
    each state. Safe across threads."""

    def __init__(self, submit: Callable[[Callable[[], None]], object], counted: Callable[[str, int], None]) -> None:
        self._submit = submit
        self._counted = counted
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._lock = threading.Lock()

    def start(self, scope: Scope, name: str, work: Callable[[Job], Receipt]) -> Job:
        """A job that does `work` when its turn comes."""
        job = Job(id=secrets.token_hex(8), scope=scope, name=name)
        with self._lock:
            self._jobs[job.id] = job
            ended = [id for id, one in self._jobs.items() if one.state in (State.DONE, State.FAILED)]
            for id in ended[: max(0, len(self._jobs) - REMEMBERED)]:
                del self._jobs[id]
        self._tell()
        self._submit(lambda: self._do(job, work))
        return job

    def of(self, scope: Scope) -> list[Job]:
        """The jobs of a caller, the last one first."""
        with self._lock:
            return [job for job in reversed(self._jobs.values()) if job.scope == scope]

    def job(self, scope: Scope, id: str) -> Job | None:
        """A job of a caller; None where it has none of this id."""
        with self._lock:
            job = self._jobs.get(id)
        return job if job is not None and job.scope == scope else None

    @property
    def unfinished(self) -> int:
        """How many wait or run."""
        with self._lock:
            return sum(job.state in (State.WAITING, State.RUNNING) for job in self._jobs.values())

    def _do(self, job: Job, work: Callable[[Job], Receipt]) -> None:
        job.state = State.RUNNING
        self._tell()
        try:
            job.lines = list(work(job).lines)
            job.progress, job.state = 1.0, State.DONE
        except SensoriumError as error:
            job.error, job.state = error.public, State.FAILED
        except Exception:  # noqa: BLE001 - the edge of the writing thread: the job has to end, whatever it was
            job.error, job.state = "the server made a mistake", State.FAILED
        self._tell()

    def _tell(self) -> None:
        with self._lock:
            counts = Counter(str(job.state) for job in self._jobs.values())
        for state in State:
            self._counted(state, counts[state])
