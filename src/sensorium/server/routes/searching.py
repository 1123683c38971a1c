"""`/v1/search`: a question in JSON, or in a form with files; its hits page by page."""

from __future__ import annotations

import hashlib
import json
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePath
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from pydantic import ValidationError
from starlette.datastructures import FormData, UploadFile

from sensorium.server.problems import Problem
from sensorium.server.routes import answers
from sensorium.server.routes.presenting import bare_results, linked
from sensorium.server.routes.questions import SearchBody
from sensorium.server.service import Caller, Reader, Served, Service

router = APIRouter(prefix="/v1", tags=["search"])

MOST_LIKE = 4
"""Files that one question may be like."""


@dataclass(frozen=True, slots=True)
class Files:
    """The files of a question, where they were put down for the reading process."""

    like: tuple[Path, ...] = ()
    spoken: Path | None = None

    def __bool__(self) -> bool:
        return bool(self.like) or self.spoken is not None


@router.post(
    "/search",
    responses={200: {"model": answers.Search}, **answers.PROBLEMS},
    response_class=JSONResponse,
    openapi_extra=answers.SEARCH_BODY,
)
async def search(request: Request, service: Served, caller: Reader) -> JSONResponse:
    """Find what fits words, files and stored pieces."""
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        async with request.form(max_files=MOST_LIKE + 1, max_fields=4, max_part_size=1_000_000) as form:
            body = body_of(str(form.get("query") or "{}"))
            with tempfile.TemporaryDirectory(prefix="sensorium-") as folder:
                files = await _put_down(form, Path(folder))
                return JSONResponse(await service.run(partial(found, service, caller, body, files)))
    body = body_of(await request.body())
    asks_nobody = not service.library.settings.rank_server
    return JSONResponse(await service.run(partial(found, service, caller, body, Files()), computes=asks_nobody))


def body_of(text: str | bytes) -> SearchBody:
    """The question that was sent. Raises Problem."""
    try:
        return SearchBody.model_validate_json(text)
    except ValidationError as error:
        raise wrong_fields(error.errors()) from None


def wrong_fields(errors: Sequence[Any]) -> Problem:
    """The problem of a body that does not fit: the first field that is wrong, without what it says."""
    first = errors[0]
    where = ".".join(str(part) for part in first.get("loc", ()))
    return Problem(
        422, "bad-body", f"{where or 'the body'}: {first.get('msg', 'it does not fit')}", "see /v1/openapi.json"
    )


async def _put_down(form: FormData, folder: Path) -> Files:
    """Writes the files of a form into `folder`. Raises Problem for more or others than are taken."""
    like: list[Path] = []
    spoken = None
    for number, (name, part) in enumerate(form.multi_items()):
        if not isinstance(part, UploadFile):
            continue
        if name not in ("like", "spoken") or (name == "spoken" and spoken) or len(like) == MOST_LIKE:
            remedy = f"send at most {MOST_LIKE} files `like` and one `spoken`"
            raise Problem(422, "bad-body", "there is a file too many, or of an unknown name", remedy)
        # The name is the caller's: only its last part is kept, in a folder of its own, so that labels stay readable.
        place = folder / str(number)
        place.mkdir()
        path = place / _plain_name(part.filename or "")
        with path.open("wb") as file:
            while block := await part.read(1 << 20):
                file.write(block)
        if name == "spoken":
            spoken = path
        else:
            like.append(path)
    return Files(tuple(like), spoken)


def _plain_name(name: str) -> str:
    last = PurePath(name.replace("\\", "/")).name[-100:]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in "/\0")
    return kept if kept.strip(". ") else "file"


def found(service: Service, caller: Caller, body: SearchBody, files: Files) -> dict[str, Any]:
    """The answer to a question, from memory where nothing changed. In a thread."""
    offset = _offset(body)
    arguments = {**body.arguments(), "k": min(offset + body.k, service.library.settings.query_k)}
    if offset + 1 > service.library.settings.query_k:
        raise Problem(400, "bad-query", "there is no page so far down", "narrow the question")

    def make() -> dict[str, Any]:
        results = service.view(caller).search(**arguments, like=files.like, spoken=files.spoken)
        service.searched(results.trace)
        return bare_results(results)

    whole = make() if files else service.remembered(caller, arguments, make)
    sign = partial(service.signer.signed, caller=caller.id)
    page = whole["hits"][offset:]
    if body.explain:
        page = _explained(service, caller, arguments, page, body.explain, files)
    hits = [linked(hit, sign) for hit in page]
    more = len(whole["hits"]) == arguments["k"] < service.library.settings.query_k
    said = {**whole, "hits": hits, "query_id": secrets.token_urlsafe(9)}
    said["next"] = _cursor(body, arguments["k"]) if more else None
    if not body.explain:
        del said["trace"]
    return said


def _explained(
    service: Service,
    caller: Caller,
    arguments: dict[str, Any],
    page: Sequence[dict[str, Any]],
    wanted: bool | list[str],
    files: Files,
) -> list[dict[str, Any]]:
    """The hits of a page with explanations, of all or of these pieces; remembered by themselves."""
    there = [hit["piece"] for hit in page if isinstance(wanted, bool) or hit["piece"] in wanted]

    def make() -> dict[str, Any]:
        results = service.view(caller).search(**arguments, like=files.like, spoken=files.spoken, explain=there)
        return {hit.piece.id: hit.explanation.as_json() for hit in results if hit.explanation is not None}

    told = make() if files else service.remembered(caller, {**arguments, "explain": there}, make)
    return [{**hit, "explanation": told[hit["piece"]]} if hit["piece"] in told else dict(hit) for hit in page]


def _cursor(body: SearchBody, offset: int) -> str:
    return f"{offset}.{_digest(body)}"


def _offset(body: SearchBody) -> int:
    """Where the page begins. Raises Problem for a cursor of another question."""
    if body.cursor is None:
        return 0
    offset, _, digest = body.cursor.partition(".")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 7) or digest != _digest(body):
        raise Problem(400, "bad-cursor", "this cursor belongs to another question", "ask from the start")
    return int(offset)


def _digest(body: SearchBody) -> str:
    """What tells questions apart, however long their pages are."""
    said = body.model_dump(mode="json", exclude={"cursor", "k", "explain"})
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:16]
