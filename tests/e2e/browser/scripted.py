"""A server that is a script: it answers the page from a table, without a socket, and remembers what it was asked.

What the page and the server say to each other is written down here once; the tests of the server hold the server to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Request, Route

from sensorium.server.page import HEADERS, asset

DEMO = Path(__file__).resolve().parents[3] / "demo"
ORIGIN = "http://localhost:9"
"""An address that browsers trust with a microphone. Nothing listens there: every request is answered here."""

FILM = DEMO / "media" / "films" / "bear-zoo.webm"
BARK = DEMO / "questions" / "bark.ogg"
PICTURE = DEMO / "media" / "pictures" / "animals" / "owl.jpg"
MEDIA_TYPES = {".jpg": "image/jpeg", ".webm": "video/webm", ".ogg": "audio/ogg"}

Answer = tuple[int, str, bytes]
"""Status, media type, body."""


def hit(number: int, kind: str = "image", **changes: Any) -> dict[str, Any]:
    """One hit of a search as the server gives it."""
    item = f"it_{number:020x}"
    base = {
        "item": item,
        "piece": f"{item}.0",
        "path": f"{kind}-{number}.jpg",
        "title": f"{kind} {number}",
        "modality": kind if kind in ("text", "image", "audio") else "image",
        "kind": kind,
        "aspect": "content",
        "attributes": {},
        "media_type": "image/jpeg",
        "place": {},
        "score": max(0.01, 0.99 - number / 100),
        "matches": True,
        "text": None,
        "evidence": [
            {"route": "vectors:compact", "raw": 0.31, "rank": number + 1, "looks": [{"name": "late", "raw": 0.4}]}
        ],
        "preview_size": [256, 192],
        "links": {
            "item": f"/v1/items/{item}",
            "preview": f"/v1/pieces/{item}.0/preview",
            "media": f"/v1/items/{item}/media",
        },
    }
    return base | changes


def every_medium() -> list[dict[str, Any]]:
    """A picture, a moment of a film, a page with a box, a sound, a text, a picture with writing."""
    film, page, sound, text = hit(1, "video"), hit(2, "document"), hit(3, "audio"), hit(4, "text")
    film |= {
        "place": {"seconds": [2.0, 4.0]},
        "aspect": "speech",
        "modality": "text",
        "text": "Look, a bear behind bars.",
    }
    film["links"] |= {"clip": f"/v1/pieces/{film['piece']}/clip"}
    page |= {
        "place": {"page": 3, "box": [0.1, 0.2, 0.9, 0.5]},
        "modality": "text",
        "text": "A self-locking nut holds.",
        "preview_size": [180, 256],
    }
    sound |= {"place": {"seconds": [0.0, 5.0]}, "aspect": "sound", "preview_size": None}
    sound["links"] = {"item": sound["links"]["item"], "clip": f"/v1/pieces/{sound['piece']}/clip"}
    text |= {
        "place": {"characters": [0, 40]},
        "text": "# text 4\n\nA nut that holds by itself,\nand a bear.",
        "preview_size": None,
    }
    text["links"] = {"item": text["links"]["item"]}
    writing = hit(5, place={"box": [0.2, 0.2, 0.6, 0.4]}, aspect="writing", modality="text", text="EXIT")
    return [hit(0), film, page, sound, text, writing]


def sse(*events: tuple[str, Any]) -> bytes:
    """Server-sent events."""
    return "".join(f"event: {name}\ndata: {json.dumps(data)}\n\n" for name, data in events).encode()


@dataclass(slots=True)
class Asked:
    """One request that the page made. body: of JSON, or the text of anything else."""

    method: str
    path: str
    query: dict[str, list[str]]
    body: Any


@dataclass(slots=True)
class Script:
    """What the server has: hits in order, and answers that a test puts in place of its own by `method path`."""

    hits: list[dict[str, Any]] = field(default_factory=every_medium)
    items: dict[str, int] = field(
        default_factory=lambda: {"image": 2, "video": 1, "document": 1, "audio": 1, "text": 1}
    )
    answers: dict[str, Callable[[Asked], Answer]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)
    uploads: dict[str, int] = field(default_factory=dict)

    def route(self, route: Route) -> None:
        """Answers a request of the browser; one for another host is noted and ends there."""
        request = route.request
        parts = urlsplit(request.url)
        if f"{parts.scheme}://{parts.netloc}" != ORIGIN:
            self.foreign.append(request.url)
            route.abort()
            return
        status, media_type, body = self._answer(request, parts.path)
        headers = {"Content-Type": media_type, **HEADERS}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", "")):
            start, end, whole = int(wanted[1]), int(wanted[2] or len(body) - 1) + 1, len(body)
            status, body = 206, body[start:end]
            headers |= {"Accept-Ranges": "bytes", "Content-Range": f"bytes {start}-{start + len(body) - 1}/{whole}"}
        route.fulfill(status=status, body=body, headers=headers)

    def searches(self) -> list[dict[str, Any]]:
        """The queries of all searches, whether they came as JSON or as a form."""
        return [_query(asked.body) for asked in self.of("POST /v1/search")]

    def of(self, call: str) -> list[Asked]:
        """All requests to `method path`."""
        return [one for one in self.asked if f"{one.method} {one.path}" == call]

    def _answer(self, request: Request, path: str) -> Answer:
        if not path.startswith("/v1/"):
            found = asset(path.lstrip("/"))
            return (200, found.media_type, found.data) if found else (404, "text/plain", b"")
        one = Asked(request.method, path, parse_qs(urlsplit(request.url).query), _body(request))
        self.asked.append(one)
        for pattern, answer in (self.answers | _defaults(self)).items():
            if re.fullmatch(pattern, f"{one.method} {path}"):
                return self.answers.get(pattern, answer)(one)
        return problem(404, "there is no such address")


def _defaults(script: Script) -> dict[str, Callable[[Asked], Answer]]:
    return {
        "POST /v1/search": lambda one: okay(_page(script.hits, _query(one.body))),
        "POST /v1/ask": lambda one: (200, "text/event-stream", _told(script.hits)),
        "GET /v1/info": lambda _: okay(
            {"items": script.items, "pieces": script.items, "refused": 0, "bytes_on_disk": 1_500_000}
        ),
        "GET /v1/doctor": lambda _: okay({"findings": FINDINGS}),
        "GET /v1/facets": lambda _: okay({"facets": FACETS}),
        "GET /v1/items": lambda _: okay({"items": [_item(one) for one in script.hits]}),
        r"GET /v1/items/\w+": lambda one: okay(_whole(script.hits, one.path.rpartition("/")[2])),
        r"GET /v1/items/\w+/media": lambda one: _file(_source(script.hits, one.path.split("/")[3])),
        r"GET /v1/pieces/[\w.]+/preview": lambda _: _file(PICTURE),
        r"GET /v1/pieces/[\w.]+/clip": lambda one: _file(_source(script.hits, one.path.split("/")[3].split(".")[0])),
        "GET /v1/collections": lambda _: okay({"collections": [{"name": "Trip", "items": 3}]}),
        "POST /v1/collections": lambda one: okay({"name": one.body["name"], "added": 1, "removed": 0}),
        "POST /v1/feedback": lambda _: (204, "text/plain", b""),
        "POST /v1/uploads": lambda one: okay(_begun(script, one)),
        r"PUT /v1/uploads/\w+": lambda one: okay({"job": one.path.rpartition("/")[2]}),
        r"GET /v1/jobs/\w+": lambda one: okay({"state": "done", "receipt": [{"outcome": "added"}]}),
    }


def okay(value: Any) -> Answer:
    """JSON."""
    return 200, "application/json", json.dumps(value).encode()


def problem(status: int, detail: str, **more: Any) -> Answer:
    """A failure as RFC 9457 has it."""
    return status, "application/problem+json", json.dumps({"status": status, "detail": detail, **more}).encode()


FINDINGS = [
    {"check": "store", "healthy": True, "message": "every item has its pieces", "remedy": "", "mended": False},
    {"check": "index", "healthy": False, "message": "it lags", "remedy": "run doctor --mend", "mended": False},
]


def _value(name: str, value: str, count: int) -> dict[str, Any]:
    return {"label": value, "count": count, "where": {"name": name, "op": "=", "value": value}}


FACETS = [
    {"name": "colour", "kind": "text", "values": [_value("colour", "blue", 12), _value("colour", "dark red", 3)]},
    {"name": "price", "kind": "number", "low": 3, "high": 99, "values": []},
]


def _page(hits: list[dict[str, Any]], query: dict[str, Any]) -> dict[str, Any]:
    start = int(query.get("cursor") or 0)
    end = start + query["k"]
    found = [one for one in hits if one["kind"] in query.get("modalities", [one["kind"]])]
    wanted = query.get("explain", [])
    found = [explained(one) if one["piece"] in wanted else one for one in found]
    return {
        "schema": "sensorium.search/1",
        "question": query.get("text", ""),
        "hits": found[start:end],
        "next": str(end) if end < len(found) else None,
        "query_id": "query-1",
        "trace": [{"stage": "recall", "milliseconds": 12.5, "counts": {"visible": len(hits)}}],
    }


def explained(one: dict[str, Any]) -> dict[str, Any]:
    """A hit with its explanation: of a picture the right half, of the text a word of the question."""
    region = None
    if one["modality"] == "image":
        cell = {"word": "bear", "box": [0.8, 0.2, 0.9, 0.3], "score": 0.61}
        region = {
            "piece": one["piece"],
            "box": [0.5, 0.0, 1.0, 1.0],
            "name": "the right half",
            "seconds": None,
            "page": None,
            "words": [cell],
        }
    at = (one["text"] or "").find("nut")
    terms = [{"word": "nut", "characters": [at, at + 3]}] if at >= 0 else []
    words = ["It says 'nut'." if terms else "It looks like your words: the closest of 207 pictures."]
    told = {"words": words, "numbers": {"score": 0.9, "among": 207.0}, "terms": terms, "region": region}
    links = one["links"] | ({"region": f"/v1/pieces/{one['piece']}/preview"} if region else {})
    return one | {"explanation": told, "links": links}


def _told(hits: list[dict[str, Any]]) -> bytes:
    evidence = [{"number": number, **one} for number, one in enumerate(hits, start=1)]
    return sse(
        ("evidence", evidence),
        ("sentence", {"text": "A nut can hold by itself.", "citations": [3, 5], "supported": True}),
        ("sentence", {"text": "Bears like nuts.", "citations": [2], "supported": False}),
        ("done", {"answer": {}}),
    )


def _item(one: dict[str, Any]) -> dict[str, Any]:
    return {name: one[name] for name in ("path", "title", "modality", "media_type", "preview_size", "links")} | {
        "id": one["item"],
        "kind": one["kind"],
    }


def _whole(hits: list[dict[str, Any]], item: str) -> dict[str, Any]:
    one = next(one for one in hits if one["item"] == item)
    pieces = [{name: one[name] for name in ("piece", "modality", "aspect", "place", "text", "links")}]
    if one["place"].get("seconds"):
        pieces.append(
            pieces[0] | {"piece": f"{item}.1", "place": {"seconds": [3.0, 4.0]}, "text": "And there it goes."}
        )
    return _item(one) | {"pieces": pieces}


def _source(hits: list[dict[str, Any]], item: str) -> Path:
    kind = next(one["kind"] for one in hits if one["item"] == item)
    return {"video": FILM, "audio": BARK}.get(kind, PICTURE)


def _file(path: Path) -> Answer:
    return 200, MEDIA_TYPES[path.suffix], path.read_bytes()


def _begun(script: Script, one: Asked) -> dict[str, Any]:
    script.uploads[one.body["name"]] = one.body["size"]
    return {"id": f"up{len(script.uploads)}"}


def _body(request: Request) -> Any:
    data = request.post_data_buffer or b""
    if "json" in request.headers.get("content-type", ""):
        return json.loads(data)
    return data.decode("latin-1")


def _query(body: Any) -> dict[str, Any]:
    if isinstance(body, dict):
        return body
    found = re.search(r'name="query"\r\n\r\n(.*?)\r\n', body, re.DOTALL)
    assert found, "a form without a query"
    query: dict[str, Any] = json.loads(found[1])
    return query


def files_of(body: str) -> list[tuple[str, str, str]]:
    """The files of a form: name of the field, name of the file, media type."""
    pattern = r'name="(\w+)"; filename="([^"]*)"\r\nContent-Type: ([^\r]*)'
    return [(field, name, kind) for field, name, kind in re.findall(pattern, body)]


def many(number: int) -> Iterable[dict[str, Any]]:
    """Hits of all shapes, as a large library gives them."""
    shapes = ([256, 192], [256, 170], [192, 256], [256, 144])
    return (hit(i, preview_size=shapes[i % 4], score=0.5) for i in range(number))
