"""Spans of requests and searches, as an exporter in this process gets them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode
from starlette.testclient import TestClient

from sensorium.library import Library
from sensorium.server.access.keys import KeyRing
from sensorium.server.app import create_app
from sensorium.server.telemetry.tracing import Tracing

from ..conftest import HOST, QUICK

CANARY = "xyzzyplugh"
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def client(shared: tuple[Library, Path], tmp_path: Path, spans: InMemorySpanExporter) -> Iterator[TestClient]:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracing = Tracing(provider.get_tracer("test"))
    app = create_app(shared[0], keys=KeyRing(tmp_path, hasher=QUICK), tracing=tracing)
    with TestClient(app, base_url=HOST, raise_server_exceptions=False) as client:
        yield client


def named(spans: InMemorySpanExporter, name: str) -> ReadableSpan:
    return next(span for span in spans.get_finished_spans() if span.name == name)


def test_a_request_is_a_span_of_its_route(client: TestClient, spans: InMemorySpanExporter) -> None:
    answer = client.get("/v1/items")
    span = named(spans, "GET /v1/items")
    assert span.kind is SpanKind.SERVER
    assert span.attributes is not None
    assert span.attributes["http.response.status_code"] == 200
    assert span.attributes["sensorium.request_id"] == answer.headers["X-Request-ID"]


def test_the_stages_of_a_search_lie_inside_its_request(client: TestClient, spans: InMemorySpanExporter) -> None:
    client.post("/v1/search", json={"text": "red"})
    request, recall = named(spans, "POST /v1/search"), named(spans, "search recall")
    assert recall.parent is not None
    assert recall.parent.span_id == request.context.span_id
    stages = [span for span in spans.get_finished_spans() if span.name.startswith("search ")]
    assert [span.end_time for span in stages[:-1]] == [span.start_time for span in stages[1:]]


def test_the_caller_may_name_the_span_above(client: TestClient, spans: InMemorySpanExporter) -> None:
    client.get("/v1/items", headers={"traceparent": PARENT})
    span = named(spans, "GET /v1/items")
    assert span.parent is not None
    assert f"{span.parent.trace_id:032x}-{span.parent.span_id:016x}" in PARENT


def test_a_failure_is_marked_and_nothing_that_was_asked_is_told(
    client: TestClient, spans: InMemorySpanExporter, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(CANARY)

    client.post("/v1/search", json={"text": CANARY})
    client.get(f"/v1/{CANARY}")
    monkeypatch.setattr(Library, "latest", broken)
    client.get("/v1/items")
    assert named(spans, "GET /v1/items").status.status_code is StatusCode.ERROR
    assert CANARY not in "".join(span.to_json() for span in spans.get_finished_spans())


def test_without_an_address_nothing_of_it_is_loaded() -> None:
    program = "import sys, sensorium.server.app; print([n for n in sys.modules if n.startswith('opentelemetry.sdk')])"
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_an_address_is_taken_and_what_is_left_is_let_go_of() -> None:
    tracing = Tracing.to("http://127.0.0.1:9/v1/traces")
    tracing.close()
