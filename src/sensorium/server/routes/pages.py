"""The page at `/` and what it is made of at `/page/`: files of this package and no others."""

from __future__ import annotations

import hashlib

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sensorium.server.page import asset
from sensorium.server.problems import Problem


def add_page(app: Starlette) -> None:
    """Adds the routes of the page."""
    app.router.routes.append(Route("/", _file, methods=["GET", "HEAD"]))
    app.router.routes.append(Route("/page/{name:path}", _file, methods=["GET", "HEAD"]))


async def _file(request: Request) -> Response:
    """The file, asked for again each time and not sent again while it is the same (RFC 9110, 13.1.2)."""
    found = asset(request.url.path.removeprefix("/"))
    if found is None:
        raise Problem(404, "not-found", "there is no such file", "open the page at /")
    headers = {"Cache-Control": "no-cache", "ETag": f'"{hashlib.sha256(found.data).hexdigest()[:20]}"'}
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(found.data, headers=headers, media_type=found.media_type)
