"""`/v1/uploads` and `/v1/jobs`: files sent piece by piece, taken up again where they broke off, then added.

A file that is complete lies in a folder of its own below `uploads/` in the library's folder, under the name that it
was sent with: it is the source of the item, as a file that was added from the disk is.
"""

from __future__ import annotations

import os
import re
import secrets
import shutil
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import JSONResponse

from sensorium.core.receipts import Outcome, Receipt
from sensorium.core.scopes import Scope
from sensorium.server import answers
from sensorium.server.jobs import Job
from sensorium.server.problems import Problem
from sensorium.server.questions import UploadBody
from sensorium.server.service import Caller, Contributor, Served, Service

router = APIRouter(prefix="/v1", tags=["adding"])

Id = Annotated[str, InPath(min_length=1, max_length=40, pattern=r"^[a-f0-9]+$")]

WHOLE_DAYS = 7
"""An upload that nobody goes on with for so long is thrown away."""

MOST_FOLDERS = 12
MARK = ".receiving"
"""A file of this name lies beside what is not complete."""

_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)


@dataclass(slots=True, kw_only=True)
class Upload:
    """A file on its way. path: where its bytes are put. job: what adds it, once it is complete."""

    id: str
    scope: Scope
    name: str
    size: int
    path: Path
    received: int = 0
    job: Job | None = None
    touched: float = field(default_factory=time.monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def as_json(self) -> dict[str, Any]:
        """The upload as it is told outside."""
        complete = self.received == self.size
        return {
            "id": self.id,
            "name": self.name,
            "size": self.size,
            "received": self.received,
            "state": "complete" if complete else "receiving",
            "job": self.job.id if self.job is not None else None,
        }


class Uploads:
    """The uploads of a server. folder: where they lie."""

    def __init__(self, folder: Path, most: int) -> None:
        self._folder = folder
        self._most = most
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()
        for mark in folder.glob(f"*/{MARK}"):  # what another run of the server did not get to the end of
            shutil.rmtree(mark.parent, ignore_errors=True)

    def begin(self, scope: Scope, name: str, size: int) -> Upload:
        """An upload that waits for its bytes. Raises Problem where too many wait, or the disk has no room."""
        with self._lock:
            self._forget_old()
            waiting = sum(upload.received < upload.size for upload in self._uploads.values())
            if waiting >= self._most:
                headers = {"Retry-After": "30"}
                raise Problem(429, "too-many-uploads", "too many uploads wait", "finish some first", headers)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < 2 * size:
                raise Problem(507, "disk-full", "there is no room for it", "make room and send it again")
            id = secrets.token_hex(12)
            path = self._folder / id / plain_path(name)
            path.parent.mkdir(mode=0o700, parents=True)
            path.touch(mode=0o600)
            (self._folder / id / MARK).touch(mode=0o600)
            upload = self._uploads[id] = Upload(id=id, scope=scope, name=name, size=size, path=path)
            return upload

    def upload(self, scope: Scope, id: str) -> Upload:
        """An upload of a caller. Raises Problem 404."""
        with self._lock:
            upload = self._uploads.get(id)
        if upload is None or upload.scope != scope:
            raise Problem(404, "upload-not-found", "there is no such upload", "begin it anew")
        upload.touched = time.monotonic()
        return upload

    def complete(self, upload: Upload) -> None:
        """All of it is here, and is the source of an item from now on."""
        (self._folder / upload.id / MARK).unlink(missing_ok=True)

    def drop(self, upload: Upload) -> None:
        """Throws away the bytes of an upload."""
        shutil.rmtree(self._folder / upload.id, ignore_errors=True)

    def erase(self, sources: Sequence[str]) -> None:
        """Throws away those files that were sent here, after the item is forgotten that they were the sources of."""
        folder = self._folder.resolve()
        for source in map(Path, sources):
            if folder in source.parents:
                shutil.rmtree(folder / source.relative_to(folder).parts[0], ignore_errors=True)

    def _forget_old(self) -> None:
        now = time.monotonic()
        for upload in [one for one in self._uploads.values() if now - one.touched > WHOLE_DAYS * 86_400]:
            if upload.received < upload.size:
                self.drop(upload)
            del self._uploads[upload.id]


def plain_path(name: str) -> PurePosixPath:
    """The name that was sent, with its folders, as one that stays where it is put.

    >>> str(plain_path("../a/./b\\\\..\\\\c.txt")), str(plain_path(".ssh/x")), str(plain_path("/"))
    ('a/b/c.txt', '_ssh/x', 'file')
    """
    parts = []
    for part in name.replace("\\", "/").split("/"):
        kept = "".join(letter for letter in part if letter.isprintable() and letter not in ':*?"<>|').strip()
        while len(kept.encode("utf-8", "replace")) > 200:
            kept = kept[1:]
        if kept.strip("."):
            parts.append("_" + kept[1:] if kept.startswith(".") else kept)
    return PurePosixPath(*parts[-MOST_FOLDERS:]) if parts else PurePosixPath("file")


@router.post(
    "/uploads",
    status_code=201,
    responses={201: {"model": answers.Upload}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def begin(body: UploadBody, service: Served, caller: Contributor) -> JSONResponse:
    """Begin to send a file."""
    if body.size > service.options.upload_bytes:
        what = f"more than {service.options.upload_bytes:,} bytes"
        raise Problem(413, "too-large", what, "send a smaller file, or add it by `sensorium add`")
    if body.size == 0:
        raise Problem(422, "empty", "it holds no bytes", "send a file with something in it")
    upload = await service.run(partial(service.uploads.begin, caller.scope, body.name, body.size))
    return JSONResponse(upload.as_json(), 201, {"Location": f"/v1/uploads/{upload.id}"})


@router.get(
    "/uploads/{id}",
    responses={200: {"model": answers.Upload}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def upload(id: Id, service: Served, caller: Contributor) -> JSONResponse:
    """How much of a file is here."""
    return JSONResponse(service.uploads.upload(caller.scope, id).as_json())


@router.put(
    "/uploads/{id}",
    responses={200: {"model": answers.Upload}, **answers.PROBLEMS},
    response_class=JSONResponse,
    openapi_extra={
        "parameters": [{"name": "Content-Range", "in": "header", "required": False, "schema": {"type": "string"}}],
        "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
    },
)
async def send(request: Request, id: Id, service: Served, caller: Contributor) -> JSONResponse:
    """Send a stretch of a file, as `Content-Range` says."""
    upload = service.uploads.upload(caller.scope, id)
    start, end = _stretch(request.headers.get("content-range"), upload)
    if not upload.lock.acquire(blocking=False):
        raise Problem(409, "upload-busy", "another stretch of it is on its way", "send one after the other")
    try:
        if start != upload.received:
            raise _elsewhere(upload)
        await _take(request, service, upload, end)
        if upload.received == upload.size and upload.job is None:
            service.uploads.complete(upload)
            upload.job = service.jobs.start(caller.scope, upload.name, partial(_add, service, caller, upload))
    finally:
        upload.lock.release()
    return JSONResponse(upload.as_json())


@router.get(
    "/jobs",
    responses={200: {"model": answers.Jobs}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def jobs(service: Served, caller: Contributor) -> JSONResponse:
    """Files that are or were being added."""
    return JSONResponse({"jobs": [job.as_json() for job in service.jobs.of(caller.scope)[:100]]})


@router.get(
    "/jobs/{id}",
    responses={200: {"model": answers.Job}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def job(id: Id, service: Served, caller: Contributor) -> JSONResponse:
    """How far a job is, and what became of its files."""
    found = service.jobs.job(caller.scope, id)
    if found is None:
        raise Problem(404, "job-not-found", "there is no such job", "list them at /v1/jobs")
    return JSONResponse(found.as_json())


def _stretch(header: str | None, upload: Upload) -> tuple[int, int]:
    """First byte and the one after the last; without a header all of the file. Raises Problem."""
    if header is None:
        return 0, upload.size
    found = _RANGE.fullmatch(header.strip())
    if found is None:
        raise Problem(400, "bad-range", "the range can not be read", "write `bytes 0-999/5000`")
    first, last, size = map(int, found.groups())
    if size != upload.size or not first <= last < size:
        raise Problem(416, "bad-range", "the range does not fit the file", f"the file has {upload.size} bytes")
    return first, last + 1


def _elsewhere(upload: Upload) -> Problem:
    headers = {"Upload-Offset": str(upload.received)}
    return Problem(409, "wrong-offset", f"{upload.received} bytes are here", "go on from there", headers)


async def _take(request: Request, service: Service, upload: Upload, end: int) -> None:
    """Writes the body as it comes; what came before it broke off is kept. Raises Problem for a byte too many."""
    descriptor = os.open(upload.path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        async for block in request.stream():
            if upload.received + len(block) > end:
                raise Problem(400, "bad-range", "more bytes came than the range says", "send as many as it says")
            await service.run(partial(_write, descriptor, block, upload.received))
            upload.received += len(block)
        if upload.received < end:
            raise Problem(400, "cut-off", "fewer bytes came than the range says", "ask how many are here, and go on")
        await service.run(partial(os.fsync, descriptor))
    finally:
        os.close(descriptor)


def _write(descriptor: int, block: bytes, at: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written


def _add(service: Service, caller: Caller, upload: Upload, job: Job) -> Receipt:
    """Adds a file that is complete. In the writing thread. What the library does not keep a source of is dropped."""
    receipt = service.view(caller).add(upload.path, progress=job)
    kept = {Outcome.ADDED, Outcome.CHANGED, Outcome.MOVED, Outcome.KNOWN}
    if not any(line.outcome in kept for line in receipt):
        service.uploads.drop(upload)
    return receipt
