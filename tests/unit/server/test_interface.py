"""The interface as it is described, and whether the server keeps to it: questions made up by schemathesis."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

import sensorium
from sensorium.server.access.keys import KeyRing
from sensorium.server.app import create_app, described
from sensorium.server.options import ServeOptions
from sensorium.testing.encoders import HashEncoder
from sensorium.testing.pictures import write_png

from .conftest import HOST

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
TRIES = 8
Interface = Any

OPERATIONS = [
    (path, method.upper())
    for path, methods in described(None).openapi()["paths"].items()
    for method in methods
    if method in ("get", "post", "put", "delete")
]


@pytest.fixture(scope="module")
def interface(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Interface]:
    folder = tmp_path_factory.mktemp("interface")
    (folder / "note.txt").write_text("a red fox sleeps")
    write_png(folder / "red.png", (200, 20, 20))
    with sensorium.open(folder / "library", encoder=HashEncoder()) as library:
        library.add(folder / "note.txt", folder / "red.png")
        app = create_app(library, ServeOptions(a_minute=1_000_000), keys=KeyRing(folder))
        yield schemathesis.openapi.from_asgi("/v1/openapi.json", app, headers={"Host": "localhost"})


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_server_keeps_to_what_is_described(interface: Interface, path: str, method: str) -> None:
    @given(case=interface[path][method].as_strategy())
    @settings(max_examples=TRIES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    def ask(case: schemathesis.Case) -> None:
        case.call_and_validate(checks=CHECKS, base_url=HOST)

    ask()


def test_the_description_is_of_openapi_3_1() -> None:
    assert described(None).openapi()["openapi"].startswith("3.1.")


def test_every_route_may_answer_with_a_problem() -> None:
    for path, methods in described(None).openapi()["paths"].items():
        for method, route in methods.items():
            if path not in ("/healthz", "/readyz"):
                assert "application/problem+json" in json.dumps(route["responses"]), (method, path)
