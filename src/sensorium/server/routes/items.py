"""`/v1/items`: what the library holds; one item whole; erasing it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import JSONResponse

from sensorium.server.routes import answers
from sensorium.server.routes.presenting import item_json, view_json
from sensorium.server.service import Caller, Curator, Reader, Served, Service

router = APIRouter(prefix="/v1/items", tags=["items"])

ItemId = Annotated[str, Path(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_]+$")]


@router.get(
    "",
    responses={200: {"model": answers.Items}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def items(
    service: Served,
    caller: Reader,
    cursor: Annotated[str | None, Query(max_length=64, pattern=r"^[A-Za-z0-9_]+$")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> JSONResponse:
    """Items, the one that was added last first."""
    return JSONResponse(await service.run(partial(_page, service, caller, cursor, limit)))


@router.get(
    "/{item}",
    responses={200: {"model": answers.Item}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def item(
    service: Served, caller: Reader, item: ItemId, describe: Annotated[bool, Query()] = False
) -> JSONResponse:
    """One item whole."""
    return JSONResponse(await service.run(partial(_whole, service, caller, item, describe)))


@router.delete(
    "/{item}",
    responses={200: {"model": answers.Forgotten}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def forget(service: Served, caller: Curator, item: ItemId) -> JSONResponse:
    """Erase an item with all that is derived from it."""
    # Writers of this process follow each other, so that none waits for the library's lock in vain.
    erased = await service.run(lambda: service.writer.submit(_erase, service, caller, item).result())
    return JSONResponse({"forgotten": erased})


def _erase(service: Service, caller: Caller, item: str) -> int:
    """Forgets an item, and the file that was sent for it. In the writing thread; returns how many sources it had."""
    library = service.view(caller)
    sources = library.show(item).sources
    library.forget(item)
    service.uploads.erase(sources)
    return len(sources)


def _page(service: Service, caller: Caller, cursor: str | None, limit: int) -> dict[str, Any]:
    library = service.view(caller)
    sign = partial(service.signer.signed, caller=caller.id)
    found = library.latest(before=cursor, most=limit + 1)
    page = found[:limit]
    faces = library.faces([one.id for one in page])
    said = [item_json(one, sign, faces.get(one.id)) for one in page]
    return {"items": said, "next": page[-1].id if len(found) > limit else None}


def _whole(service: Service, caller: Caller, item: str, describe: bool) -> dict[str, Any]:
    library = service.view(caller)
    view = library.describe(item) if describe else library.show(item)
    face = library.faces([view.item.id]).get(view.item.id)
    return view_json(view, partial(service.signer.signed, caller=caller.id), face)
