"""The one place that joins the parts of a server: `create_app`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import anyio
import anyio.to_thread
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

import sensorium
from sensorium.core.errors import BadSetting, ExtraMissing
from sensorium.encoders.together import Together
from sensorium.library import Library
from sensorium.server.access.gate import Gate, Told
from sensorium.server.access.keys import KeyRing
from sensorium.server.access.oidc import OidcOptions
from sensorium.server.access.signing import Signer
from sensorium.server.arriving import Uploads
from sensorium.server.options import ServeOptions
from sensorium.server.problems import Problem, answer
from sensorium.server.routes import answers, asking, collecting, health, items, media, narrowing, searching, uploads
from sensorium.server.routes.pages import add_page
from sensorium.server.service import Service
from sensorium.server.telemetry.logs import Journal
from sensorium.server.telemetry.metrics import Metrics
from sensorium.server.telemetry.tracing import Tracing
from sensorium.server.telemetry.watching import IndexWatch
from sensorium.server.warming import Warmth

if TYPE_CHECKING:
    from sensorium.server.access.issuer import Identities

ROUTERS = (
    searching.router,
    asking.router,
    narrowing.router,
    items.router,
    collecting.router,
    media.router,
    uploads.router,
    health.router,
)


def create_app(
    library: Library,
    options: ServeOptions | None = None,
    *,
    keys: KeyRing | None = None,
    journal: Journal | None = None,
    tracing: Tracing | None = None,
    warm: bool = False,
) -> FastAPI:
    """The server over one open library, as an ASGI application. The caller closes the library, after the server.

    keys: by default those in the library's folder. journal: the log, tracing: spans, by default none. warm: load at
    its start whatever a first question needs, and not be ready before.

    Raises BadSetting where others than this machine may reach it and there is neither a key nor an issuer of tokens,
    ExtraMissing where an issuer is named and what checks its tokens is not installed.
    """
    options = options or ServeOptions()
    keys = keys or KeyRing(library.path)
    if not options.is_loopback and not keys.keys() and options.oidc is None:
        remedy = "make one by `sensorium keys add NAME --role reader`, or listen on 127.0.0.1"
        raise BadSetting("without a key only this machine may ask", subject=options.host, remedy=remedy)
    metrics = Metrics()
    journal = journal or Journal(None)
    tracing = tracing or Tracing()
    together = library.encoding_with(
        lambda encoder: Together(encoder, metrics.batches.observe, lambda found: metrics.looked_up("vector", found))
    )
    service = Service(
        library=together,
        options=options,
        keys=keys,
        signer=Signer(options.sign_seconds),
        metrics=metrics,
        journal=journal,
        watch=IndexWatch(together.index_figures, lambda: together.generation, metrics.indexed, journal),
        tracing=tracing,
        folder=library.path / "server",
        uploads=Uploads(library.path / "uploads", options.waiting_uploads),
        identities=_identities(options.oidc),
    )
    app = described(service, warm=warm)
    app.add_middleware(
        Gate,
        options=options,
        told=Told(metrics=metrics, journal=journal, tracing=tracing),
        known=lambda id: keys.key(id) is not None,
    )
    return app


async def _get_ready(service: Service) -> None:
    """Warms the library, and takes a first look at its index once questions are answered."""
    assert service.warmth is not None
    await service.warmth.warm(service.library, service.journal)
    await anyio.to_thread.run_sync(service.watch.look)


def _identities(oidc: OidcOptions | None) -> Identities | None:
    """Who shows tokens of the issuer that is believed, if any is."""
    if oidc is None:
        return None
    try:
        from sensorium.server.access.issuer import Identities, SigningKeys
    except ImportError as error:
        remedy = "install the extra: pip install 'sensorium[serve,oidc]'"
        raise ExtraMissing(f"{error.name} is not installed", subject="oidc", remedy=remedy) from None
    return Identities(oidc, SigningKeys(oidc.jwks))


def described(service: Service | None, *, warm: bool = False) -> FastAPI:
    """The routes, with or without what answers them: the OpenAPI document needs none."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        if service is None:
            yield
            return
        service.begin()
        service.warmth = Warmth(clear=not warm)
        async with anyio.create_task_group() as group:
            uploads.resume(service)
            if warm:
                group.start_soon(_get_ready, service)
            yield
        service.end()

    app = FastAPI(
        title="Sensorium",
        version=sensorium.__version__,
        description="One library for everything you keep: any sense asks, any sense answers.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        separate_input_output_schemas=False,
    )
    app.state.service = service
    for router in ROUTERS:
        app.include_router(router)
    add_page(app)
    app.add_exception_handler(Problem, _told)
    app.add_exception_handler(RequestValidationError, _unfit)
    app.add_exception_handler(HTTPException, _refused)
    plain = app.openapi
    app.openapi = lambda: _with_problems(plain())  # type: ignore[method-assign]
    return app


def _with_problems(document: dict[str, Any]) -> dict[str, Any]:
    """The OpenAPI document with the form of problems, and without FastAPI's own."""
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["ProblemDetails"] = answers.ProblemDetails.model_json_schema()
    from sensorium.server.routes.questions import SearchBody

    for name, schema in SearchBody.model_json_schema(ref_template="#/components/schemas/{model}")["$defs"].items():
        schemas[name] = schema
    document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    document["security"] = [{"key": []}, {}]
    return document


async def _told(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, Problem)
    return answer(problem, getattr(request.state, "request_id", ""))


async def _unfit(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    return await _told(request, searching.wrong_fields(error.errors()))


async def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    codes = {404: ("not-found", "there is nothing at this address"), 405: ("method", "this can not be done here")}
    code, what = codes.get(error.status_code, ("bad-request", "the request can not be read"))
    headers = dict(error.headers or {})
    return await _told(request, Problem(error.status_code, code, what, "see /v1/openapi.json", headers))
