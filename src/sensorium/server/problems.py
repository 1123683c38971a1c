"""Failures as problem details (RFC 9457): a stable code, what happened, what to do; never a path of this machine."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi.responses import JSONResponse

from sensorium.core.errors import Refused, SensoriumError

MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[str, int] = {
    "bad-input": 400,
    "bad-query": 400,
    "bad-setting": 400,
    "item-not-found": 404,
    "library-busy": 503,
    "write-failed": 507,
    "extra-missing": 501,
    "changed-while-read": 409,
    "too-large": 413,
}
"""HTTP statuses by the code of an error; other refusals are 422, everything else is 500."""

TITLES: Mapping[int, str] = {
    400: "The question can not be asked as it stands",
    401: "A key is needed",
    403: "Not allowed",
    404: "Not there",
    405: "This can not be done here",
    409: "It is not as it was",
    411: "The length is missing",
    413: "Too large",
    415: "Not of a kind that is taken",
    416: "Not the stretch that is wanted",
    421: "Not the server that was meant",
    422: "It can not be read",
    429: "Too much at once",
    500: "Something went wrong",
    501: "Not installed here",
    503: "Busy",
    507: "The disk did not take it",
}

_COLUMN = re.compile(r"at column (\d+)")


class Problem(Exception):
    """A failure that is told to the caller. status: of HTTP. code: stable. what, remedy: for people, without paths."""

    def __init__(
        self, status: int, code: str, what: str, remedy: str = "", headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(what)
        self.status = status
        self.code = code
        self.what = what
        self.remedy = remedy
        self.headers = dict(headers or {})


def problem_of(error: SensoriumError) -> Problem:
    """The failure of the library as it is told outside: without its subject, which may be a path.

    >>> from sensorium.core.errors import BadQuery
    >>> problem_of(BadQuery("k is 0", subject="/home/ann")).what
    'k is 0'
    """
    status = STATUS.get(error.code, 422 if isinstance(error, Refused) else 500)
    what = error.what if status != 500 else "the library could not answer"
    remedy = error.remedy if status != 500 else "look into the log of the server, or run `sensorium doctor`"
    headers = {"Retry-After": "2"} if status == 503 else {}
    return Problem(status, error.code, what, remedy, headers)


def body_of(problem: Problem, request_id: str) -> dict[str, Any]:
    """The members of the problem's JSON. column: of a filter, where in it the mistake is, from 0."""
    body: dict[str, Any] = {
        "type": f"urn:sensorium:problem:{problem.code}",
        "title": TITLES.get(problem.status, "Something went wrong"),
        "status": problem.status,
        "detail": problem.what,
        "code": problem.code,
        "remedy": problem.remedy,
        "request_id": request_id,
    }
    if found := _COLUMN.search(problem.what):
        body["column"] = int(found[1]) - 1
    return body


def answer(problem: Problem, request_id: str = "") -> JSONResponse:
    """The response that tells of a problem."""
    headers = {"Cache-Control": "no-store", **problem.headers}
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", 'Bearer realm="sensorium"')
    return JSONResponse(body_of(problem, request_id), problem.status, headers, MEDIA_TYPE)


def not_found() -> Problem:
    """What is not there, or not there for this caller: one answer."""
    return Problem(404, "item-not-found", "no such item", "give an id that a search showed")
