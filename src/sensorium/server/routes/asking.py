"""`/v1/ask`: an answer in sentences, sent as it comes (server-sent events of the HTML standard)."""

from __future__ import annotations

import json
import threading
from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Any

import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from sensorium.core.answers import Answer, Pack, Sentence
from sensorium.core.errors import SensoriumError
from sensorium.server.problems import body_of, problem_of
from sensorium.server.routes import answers
from sensorium.server.routes.presenting import Sign, bare_hit, file_name, linked
from sensorium.server.routes.questions import AskBody
from sensorium.server.service import Caller, Reader, Served, Service

router = APIRouter(prefix="/v1", tags=["ask"])

Event = Pack | Sentence | Answer

STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Events `evidence`, then `sentence` for each, then `done`; or `error` with a problem",
        "content": {"text/event-stream": {}},
    }
}


@router.post(
    "/ask",
    responses={**STREAM, **answers.PROBLEMS},
    response_class=StreamingResponse,
)
async def ask(request: Request, body: AskBody, service: Served, caller: Reader) -> StreamingResponse:
    """Answer in sentences, each with what it stands on."""
    stop = threading.Event()
    events = await service.run(partial(_begun, service, caller, body, stop), answers=True)
    sign = partial(service.signer.signed, caller=caller.id)
    written = _written(events, sign, stop, request.state.request_id)
    return StreamingResponse(written, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _begun(service: Service, caller: Caller, body: AskBody, stop: threading.Event) -> Iterator[Event]:
    """The events, the first of which is there: what is wrong with the question is a problem, not a stream."""
    given = body.model_fields_set
    narrowed = {name: value for name, value in body.arguments().items() if name in given and value is not None}
    stream = service.view(caller).answer_stream(body.question, form=body.form, stop=stop, **narrowed)
    first = next(stream)

    def all_of_them() -> Iterator[Event]:
        yield first
        yield from stream

    return all_of_them()


async def _written(events: Iterator[Event], sign: Sign, stop: threading.Event, request_id: str) -> AsyncIterator[bytes]:
    """The events as text. Whoever goes away stops the writing of the answer."""
    try:
        while True:
            # Whoever goes away is not waited for: the thread ends with the sentence that it is at.
            event = await anyio.to_thread.run_sync(next, events, None, abandon_on_cancel=True)
            if event is None:
                return
            yield _line(*_said(event, sign))
    except SensoriumError as error:
        yield _line("error", body_of(problem_of(error), request_id))
    finally:
        stop.set()


def _said(event: Event, sign: Sign) -> tuple[str, Any]:
    match event:
        case Pack():
            shown = [
                {
                    **linked(bare_hit(one.hit), sign),
                    "number": one.number,
                    "excerpt": one.text,
                    "described": one.described,
                    "shortened": one.shortened,
                }
                for one in event.exhibits
            ]
            return "evidence", shown
        case Sentence():
            return "sentence", _bare(event.as_json())
        case Answer():
            return "done", {"answer": _bare(event.as_json())}


def _bare(said: Any) -> Any:
    """The same JSON with names of files in place of their paths."""
    if isinstance(said, dict):
        return {
            key: file_name(value) if key == "path" and isinstance(value, str) else _bare(value)
            for key, value in said.items()
        }
    return [_bare(one) for one in said] if isinstance(said, list) else said


def _line(event: str, data: Any) -> bytes:
    return f"event: {event}\ndata: {json.dumps(data)}\n\n".encode()
