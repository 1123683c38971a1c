"""`/v1/uploads` and `/v1/jobs`: files sent piece by piece, taken up again where they broke off, then added.

How they lie on the disk is `server.arriving`. A file that is complete lies in a folder of its own below `uploads/` in
the library's folder, under the name that it was sent with: it is the source of the item, as a file that was added from
the disk is.
"""

from __future__ import annotations

import os
import re
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Request
from fastapi import Path as InPath
from fastapi.responses import JSONResponse

from sensorium.core.receipts import Outcome, Receipt
from sensorium.core.scopes import Scope
from sensorium.server.arriving import Upload
from sensorium.server.jobs import Job
from sensorium.server.problems import Problem
from sensorium.server.routes import answers
from sensorium.server.routes.questions import UploadBody
from sensorium.server.service import Contributor, Served, Service

router = APIRouter(prefix="/v1", tags=["adding"])

Id = Annotated[str, InPath(min_length=1, max_length=40, pattern=r"^[a-f0-9]+$")]

_RANGE = re.compile(r"bytes (\d{1,15})-(\d{1,15})/(\d{1,15})", re.ASCII)


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
        if upload.is_complete and upload.job is None:
            _start(service, upload)
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
        await service.run(partial(_settle, service, descriptor, upload))
    finally:
        os.close(descriptor)


def _write(descriptor: int, block: bytes, at: int) -> None:
    view = memoryview(block)
    while view:
        written = os.pwrite(descriptor, view, at)
        view, at = view[written:], at + written


def _settle(service: Service, descriptor: int, upload: Upload) -> None:
    """What has come is on the disk, and then the state says so."""
    os.fsync(descriptor)
    service.uploads.keep(upload)


def resume(service: Service) -> None:
    """Adds what was complete and not added when the server ended before."""
    for upload in service.uploads.unadded():
        _start(service, upload)


def _start(service: Service, upload: Upload) -> None:
    upload.job = service.jobs.start(upload.scope, upload.name, partial(_add, service, upload.scope, upload))


def _add(service: Service, scope: Scope, upload: Upload, job: Job) -> Receipt:
    """Adds a file that is complete. In the writing thread. What the library does not keep a source of is dropped."""
    service.await_warmth()
    receipt = service.view_of(scope).add(upload.path, progress=job)
    kept = {Outcome.ADDED, Outcome.CHANGED, Outcome.MOVED, Outcome.KNOWN}
    if any(line.outcome in kept for line in receipt):
        service.uploads.added(upload)
    else:
        service.uploads.drop(upload)
    return receipt
