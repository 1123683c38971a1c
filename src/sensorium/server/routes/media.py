"""Pictures, clips and the bytes of recordings: to be shown by a page, by addresses that carry their own right.

What is shown was encoded anew from pixels and samples, in the reading process. Bytes as they were added are given of
recordings and films alone, of types that are neither pages nor programs, and never anything else.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import anyio.to_thread
from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import Response, StreamingResponse

from sensorium.core.errors import BadInput
from sensorium.core.items import Item, Modality
from sensorium.library import Library
from sensorium.server.problems import Problem
from sensorium.server.routes import answers
from sensorium.server.routes.items import ItemId
from sensorium.server.routes.presenting import PLAYABLE
from sensorium.server.service import Caller, Served, Service

router = APIRouter(prefix="/v1", tags=["media"])

PieceId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_]+\.[0-9]{1,9}$")]
Signature = Annotated[str, Query(max_length=120, description="The right that came with the address")]

BLOCK = 1 << 18
PICTURE_SIDE = 1_600
KEEP = {"Cache-Control": "private, max-age=900"}
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
}

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)


@router.get("/pieces/{piece}/preview", responses={**BYTES, **answers.PROBLEMS})
async def preview(
    request: Request,
    service: Served,
    piece: PieceId,
    sig: Signature = "",
    side: Annotated[int, Query(ge=0, le=PICTURE_SIDE, description="Longest side that is wanted, in pixels")] = 0,
) -> Response:
    """A small picture; of pages, figures and pictures a larger one by `side`, while the file is as it was added."""
    caller = await _caller(request, service, sig)
    found = await service.run(partial(service.view(caller).preview, piece, side))
    if found is None:
        raise Problem(404, "no-preview", "there is no picture of it", "show its words")
    return _unless_known(request, found.data, found.media_type)


@router.get("/pieces/{piece}/clip", responses={**BYTES, **answers.PROBLEMS})
async def clip(request: Request, service: Served, piece: PieceId, sig: Signature = "") -> Response:
    """A moment to hear and see."""
    caller = await _caller(request, service, sig)
    cut = await service.run(partial(service.view(caller).clip, piece))
    return _stretch_of(request, cut.data, cut.media_type)


@router.get("/items/{item}/media", responses={**BYTES, **answers.PROBLEMS})
async def media(request: Request, service: Served, item: ItemId, sig: Signature = "") -> Response:
    """A picture whole, or a recording."""
    library = service.view(await _caller(request, service, sig))
    view = await service.run(partial(library.show, item))
    if view.item.modality is Modality.IMAGE:
        picture = await service.run(partial(library.picture, item, PICTURE_SIDE))
        return _unless_known(request, picture.data, picture.media_type)
    if view.item.media_type not in PLAYABLE:
        raise Problem(415, "not-playable", f"{view.item.media_type} is not given out", "look at its pieces")
    stored = await service.run(partial(_open, library, view.item))
    return _played(request, stored, PLAYABLE[view.item.media_type])


async def _caller(request: Request, service: Service, signature: str) -> Caller:
    """Whoever the address was signed for, else who shows a key or a token."""
    if signature:
        return service.signed_caller(request.url.path, signature)
    return await anyio.to_thread.run_sync(service.caller, request.headers.get("authorization", ""))


@dataclass(frozen=True, slots=True)
class _Stored:
    """An open file: descriptor and size."""

    descriptor: int
    size: int


def _open(library: Library, item: Item) -> _Stored:
    """The file that was added, if it is still that one."""
    try:
        descriptor = library.opened(item.id)
    except BadInput:
        raise Problem(404, "file-gone", "the file is not where it was added from", "add it again") from None
    return _Stored(descriptor, os.fstat(descriptor).st_size)


def _unless_known(request: Request, data: bytes, media_type: str) -> Response:
    """The bytes, or word that the caller has them (RFC 9110, 13.1.2)."""
    tag = f'"{hashlib.sha256(data).hexdigest()[:24]}"'
    headers = {**KEEP, "ETag": tag}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(data, headers=headers, media_type=media_type)


def stretch(header: str | None, size: int) -> tuple[int, int] | None:
    """First byte and the one after the last of a `Range` header; None for all of it. Raises Problem 416.

    One range is served; of several, and of units but bytes, none, as RFC 9110 (14.2) allows.

    >>> stretch("bytes=0-99", 1000), stretch("bytes=-10", 1000), stretch("bytes=0-1,5-6", 1000)
    ((0, 100), (990, 1000), None)
    """
    parts = _RANGE.fullmatch(header.strip()) if header else None
    if parts is None or parts.groups() == ("", ""):
        return None
    first, last = parts.groups()
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
        if last and int(last) < int(first):
            return None
    else:
        start, end = max(0, size - int(last)), size
    if start >= size or start >= end:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem(416, "no-such-range", "the file ends before", "ask for a stretch inside it", headers)
    return start, end


def _stretch_of(request: Request, data: bytes, media_type: str) -> Response:
    wanted = stretch(request.headers.get("range"), len(data))
    headers = {**KEEP, "Accept-Ranges": "bytes"}
    if wanted is None:
        return Response(data, headers=headers, media_type=media_type)
    start, end = wanted
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{len(data)}"
    return Response(data[start:end], 206, headers, media_type)


def _played(request: Request, stored: _Stored, media_type: str) -> Response:
    try:
        wanted = stretch(request.headers.get("range"), stored.size)
    except Problem:
        os.close(stored.descriptor)
        raise
    start, end = wanted or (0, stored.size)
    headers = {**KEEP, "Accept-Ranges": "bytes", "Content-Length": str(end - start)}
    if wanted is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{stored.size}"
    status = 200 if wanted is None else 206
    return StreamingResponse(_blocks(stored, start, end), status, headers, media_type)


def _blocks(stored: _Stored, start: int, end: int) -> Iterator[bytes]:
    try:
        while start < end and (block := os.pread(stored.descriptor, min(BLOCK, end - start), start)):
            start += len(block)
            yield block
    finally:
        os.close(stored.descriptor)
