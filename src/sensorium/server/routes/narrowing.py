"""`/v1/facets` and `/v1/feedback`: what a question can be narrowed by, and what people think of what it found."""

from __future__ import annotations

import json
import os
import time
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from sensorium.core.items import Modality
from sensorium.server.problems import Problem
from sensorium.server.routes import answers
from sensorium.server.routes.questions import FeedbackBody, Name
from sensorium.server.service import Caller, Reader, Served, Service

router = APIRouter(prefix="/v1", tags=["search"])

FILE = "feedback.jsonl"
MOST_BYTES = 64 * 1024 * 1024
"""Of all feedback; beyond it none is kept."""


@router.get(
    "/facets",
    responses={200: {"model": answers.Facets}, **answers.PROBLEMS},
    response_class=JSONResponse,
)
async def facets(  # noqa: PLR0913 - what can be said of facets, each by its name
    service: Served,
    caller: Reader,
    where: Annotated[str | None, Query(max_length=10_000)] = None,
    text: Annotated[str | None, Query(max_length=4_096)] = None,
    modalities: Annotated[list[Modality] | None, Query(max_length=8)] = None,
    fields: Annotated[list[Name] | None, Query(max_length=50)] = None,
    most: Annotated[int, Query(ge=1, le=100)] = 12,
) -> JSONResponse:
    """What values items have, and how many have each."""
    asked: dict[str, Any] = {
        "where": where or None,
        "text": text or None,
        "modalities": [str(one) for one in modalities] if modalities else None,
        "fields": fields or None,
        "most": most,
    }

    def count() -> dict[str, Any]:
        said: dict[str, Any] = service.view(caller).facets(**asked).as_json()
        return said

    return JSONResponse(await service.run(partial(service.remembered, caller, {"facets": asked}, count), computes=True))


@router.post(
    "/feedback",
    status_code=204,
    responses=answers.PROBLEMS,
    response_class=Response,
)
async def feedback(body: FeedbackBody, service: Served, caller: Reader) -> Response:
    """Say what you think of a hit."""
    await service.run(partial(_keep, service, caller, body))
    return Response(status_code=204)


def _keep(service: Service, caller: Caller, body: FeedbackBody) -> None:
    """Appends a line to the feedback of the library. Raises ItemNotFound for what the caller can not see."""
    service.view(caller).show(body.piece.rpartition(".")[0])
    line = {"at": round(time.time(), 3), "tenant": caller.scope.tenant, "by": caller.id, **body.model_dump()}
    service.folder.mkdir(mode=0o700, exist_ok=True)
    with service.feedback:
        descriptor = os.open(service.folder / FILE, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            if os.fstat(descriptor).st_size > MOST_BYTES:
                raise Problem(507, "feedback-full", "no more feedback is kept", "use what is there, then remove it")
            os.write(descriptor, json.dumps(line).encode() + b"\n")
        finally:
            os.close(descriptor)
