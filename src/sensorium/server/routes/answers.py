"""What comes back, for the OpenAPI document: fields may be added, so programs ignore those that they do not know."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

from sensorium.server.problems import MEDIA_TYPE
from sensorium.server.routes.questions import SearchBody


class Open(BaseModel):
    """What may have further fields."""

    model_config = ConfigDict(extra="allow")


class ProblemDetails(Open):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    remedy: str
    request_id: str
    column: int | None = None


class Links(Open):
    """Addresses; those of previews, clips and media carry a right that ends."""

    item: str | None = None
    preview: str | None = None
    clip: str | None = None
    media: str | None = None
    region: str | None = None


class Hit(Open):
    """As in `docs/json.md`; path: the name of the file alone."""

    item: str
    piece: str
    path: str
    title: str
    modality: str
    kind: str
    aspect: str
    attributes: dict[str, str]
    media_type: str
    place: dict[str, Any]
    score: float
    matches: bool
    text: str | None
    evidence: list[dict[str, Any]]
    rules: list[dict[str, Any]] = []
    folded: list[dict[str, Any]] = []
    explanation: dict[str, Any] | None = None
    links: Links


class Search(Open):
    """What a search found; see `docs/json.md`."""

    schema_: str | None = None
    question: str
    matching: int
    matching_by_modality: dict[str, int]
    nothing_matches: bool
    language: str | None
    suggestions: list[dict[str, Any]]
    hits: list[Hit]
    query_id: str
    next: str | None


class Facets(Open):
    """Values and how many items have each."""

    items: int
    capped: bool
    facets: list[dict[str, Any]]


class Items(Open):
    """A page of items; next: the cursor of the following one."""

    items: list[dict[str, Any]]
    next: str | None


class Item(Open):
    """One item whole."""

    id: str
    title: str
    path: str
    kind: str
    media_type: str
    links: Links
    pieces: list[dict[str, Any]]


class Info(Open):
    """The library in numbers."""

    items: dict[str, int]
    pieces: dict[str, int]
    spaces: list[dict[str, Any]]
    refused: int
    generation: int


class Health(Open):
    """What the checks of the library found."""

    healthy: bool
    findings: list[dict[str, Any]]


class Upload(Open):
    """How much of a file has come; job: what adds it, once all is there."""

    id: str
    size: int
    received: int
    state: str
    job: str | None


class Job(Open):
    """Something that goes on: an upload that is being added."""

    id: str
    state: str
    progress: float
    receipt: list[dict[str, Any]]
    error: str | None


class Jobs(Open):
    """The jobs that a caller may see."""

    jobs: list[Job]


class Collections(Open):
    """The collections, each with its name and how many items it holds."""

    collections: list[dict[str, Any]]


class Collected(Open):
    """How many items a change put in, and took out."""

    name: str
    added: int
    removed: int


class Forgotten(Open):
    """How many items were erased."""

    forgotten: int


_PROBLEM: dict[str, Any] = {
    "description": "What went wrong (RFC 9457)",
    "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemDetails"}}},
}
_STATUSES = (400, 401, 403, 404, 409, 411, 413, 415, 416, 421, 422, 429, 500, 501, 503, 507)
PROBLEMS: dict[int | str, dict[str, Any]] = dict.fromkeys(_STATUSES, _PROBLEM)

SEARCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": SearchBody.model_json_schema(ref_template="#/components/schemas/{model}")},
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "query": {"type": "string", "contentMediaType": "application/json"},
                        "like": {"type": "array", "maxItems": 4, "items": {"type": "string", "format": "binary"}},
                        "spoken": {"type": "string", "format": "binary"},
                    },
                }
            },
        },
    }
}
SEARCH_BODY["requestBody"]["content"]["application/json"]["schema"].pop("$defs", None)
