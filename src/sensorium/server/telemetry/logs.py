"""What the server writes down: one line of JSON a request, without what was asked."""

from __future__ import annotations

import sys
from typing import Any, TextIO

import structlog


class Journal:
    """The log. stream: where it goes, None for nowhere.

    A line has the request's id, its route as a pattern, status and milliseconds: neither ids of items nor words of
    questions.
    """

    def __init__(self, stream: TextIO | None) -> None:
        self._log: Any = None
        if stream is not None:
            self._log = structlog.wrap_logger(
                structlog.PrintLogger(stream),
                processors=[
                    structlog.processors.add_log_level,
                    structlog.processors.TimeStamper(fmt="iso", utc=True),
                    structlog.processors.JSONRenderer(),
                ],
            )

    @classmethod
    def to_stderr(cls) -> Journal:
        """The log of a server that a person started."""
        return cls(sys.stderr)

    def answered(self, request_id: str, method: str, route: str, status: int, seconds: float) -> None:
        """One request and what became of it."""
        if self._log is not None:
            milliseconds = round(1000 * seconds, 2)
            self._log.info(
                "request", request=request_id, method=method, route=route, status=status, milliseconds=milliseconds
            )

    def broken(self, request_id: str, error: BaseException) -> None:
        """A mistake of the server: its type and where it was made, without what it says."""
        if self._log is not None:
            at = error.__traceback__
            while at is not None and at.tb_next is not None:
                at = at.tb_next
            where = f"{at.tb_frame.f_globals.get('__name__', '')}:{at.tb_lineno}" if at is not None else ""
            self._log.error("broken", request=request_id, error=type(error).__name__, where=where)

    def said(self, event: str, **facts: Any) -> None:
        """Something besides requests: the start, the end, a job."""
        if self._log is not None:
            self._log.info(event, **facts)
