"""How the library and the server are: `/v1/info`, `/v1/doctor`, and what watchers ask."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, PlainTextResponse, Response

from sensorium.server.problems import Problem
from sensorium.server.routes import answers
from sensorium.server.routes.presenting import diagnosis_json, info_json
from sensorium.server.service import Curator, Reader, Served

router = APIRouter(tags=["health"])


@router.get(
    "/v1/info",
    responses={200: {"model": answers.Info}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def info(service: Served, caller: Reader) -> JSONResponse:
    """The library in numbers."""
    said = info_json(await service.run(service.view(caller).info))
    return JSONResponse({**said, "role": str(caller.role)})


@router.get(
    "/v1/doctor",
    responses={200: {"model": answers.Health}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def doctor(service: Served, caller: Curator) -> JSONResponse:
    """What is well with the library, and what is not."""
    diagnosis = await service.run(service.view(caller).doctor)
    return JSONResponse(diagnosis_json(diagnosis, str(service.library.path.absolute())))


@router.get("/healthz", response_class=PlainTextResponse)
async def healthz() -> PlainTextResponse:
    """Whether the process lives."""
    return PlainTextResponse("ok\n")


@router.get(
    "/readyz",
    response_class=PlainTextResponse,
    responses={503: answers.PROBLEMS[503]},
)
async def readyz(service: Served) -> PlainTextResponse:
    """Whether it takes questions: everything that a first one needs is loaded."""
    if service.draining:
        raise Problem(503, "draining", "the server is about to end", "ask another one", {"Retry-After": "10"})
    if service.warmth is not None:
        service.warmth.require()
    await anyio.to_thread.run_sync(lambda: service.library.generation)
    return PlainTextResponse("ready\n")


@router.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse, responses=answers.PROBLEMS)
async def metrics(request: Request, service: Served) -> Response:
    """Open to whoever reaches loopback while there are no keys; else for the role admin."""
    from sensorium.server.access.keys import Role

    caller = await anyio.to_thread.run_sync(service.caller, request.headers.get("authorization", ""))
    if not caller.role.may(Role.ADMIN):
        raise Problem(403, "not-allowed", "this needs the role admin", "ask whoever keeps the library")
    if await anyio.to_thread.run_sync(lambda: service.watch.is_due):
        service.watch.begin()
    return Response(service.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
