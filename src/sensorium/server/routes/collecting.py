"""`/v1/collections`: items put together under a name."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import APIRouter
from fastapi.responses import JSONResponse

from sensorium.server.routes import answers
from sensorium.server.routes.questions import CollectBody
from sensorium.server.service import Caller, Contributor, Reader, Served, Service

router = APIRouter(prefix="/v1/collections", tags=["items"])


@router.get("", responses={200: {"model": answers.Collections}, **answers.PROBLEMS}, response_class=JSONResponse)
async def collections(service: Served, caller: Reader) -> JSONResponse:
    """The collections of which anything is visible, the largest first."""
    return JSONResponse(await service.run(lambda: _listed(service, caller)))


@router.post("", responses={200: {"model": answers.Collected}, **answers.PROBLEMS}, response_class=JSONResponse)
async def collect(service: Served, caller: Contributor, body: CollectBody) -> JSONResponse:
    """Put items into a collection, and take others out."""
    # Writers of this process follow each other, so that none waits for the library's lock in vain.
    change = partial(_changed, service, caller, body)
    return JSONResponse(await service.run(lambda: service.writer.submit(change).result()))


def _listed(service: Service, caller: Caller) -> dict[str, Any]:
    known = service.view(caller).collections()
    return {"collections": [{"name": name, "items": count} for name, count in known.items()]}


def _changed(service: Service, caller: Caller, body: CollectBody) -> dict[str, Any]:
    library = service.view(caller)
    return {
        "name": body.name,
        "added": library.collect(body.name, *body.add) if body.add else 0,
        "removed": library.uncollect(body.name, *body.remove) if body.remove else 0,
    }
