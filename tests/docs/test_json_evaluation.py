"""docs/json.md against real reports of suites, comparisons and whole systems."""

from __future__ import annotations

from typing import Any

import pytest

import sensorium
from sensorium.evaluation.comparison import COMPARE_SCHEMA, compare
from sensorium.evaluation.reports import SUITE_SCHEMA
from sensorium.evaluation.saving import read_report, save_report
from sensorium.evaluation.system.report import SYSTEM_SCHEMA
from sensorium.testing.encoders import HashEncoder

from .documents import as_read, example, fits, tables
from .suites import lay

SUITE, SYSTEM, TASK = tables("evaluate suite")
COMPARISON, DIFFERENCE = tables("evaluate compare")
WHOLE, STAGE, RECALL, LATENCY = tables("evaluate system")

Document = dict[str, Any]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Document]:
    """One of each, made of the suites that docs/evaluation.md shows."""
    folder = lay(tmp_path_factory.mktemp("suites"))
    with sensorium.open(folder / "library", encoder=HashEncoder(width=64)) as library:
        report = library.evaluate_suite(folder / "photos.toml").report
        system = library.evaluate_system(folder / "photos.toml")
    saved = read_report(save_report(report, folder / "out"))
    return {
        "evaluate suite": as_read(report.as_json()),
        "evaluate compare": as_read(compare(saved, saved).as_json()),
        "evaluate system": as_read(system.as_json()),
    }


def test_a_suite_is_reported_as_the_page_says(documents: dict[str, Document]) -> None:
    for document in (documents["evaluate suite"], example("evaluate suite")):
        assert fits(SUITE, document)
        assert fits(SYSTEM, document["system"])
        assert all(fits(TASK, task) for task in document["tasks"])


def test_a_comparison_is_told_as_the_page_says(documents: dict[str, Document]) -> None:
    for document in (documents["evaluate compare"], example("evaluate compare")):
        assert fits(COMPARISON, document)
        assert all(fits(DIFFERENCE, difference) for difference in document["differences"])


def test_a_system_is_reported_as_the_page_says(documents: dict[str, Document]) -> None:
    for document in (documents["evaluate system"], example("evaluate system")):
        assert fits(WHOLE, document)
        assert fits(SYSTEM, document["system"])
        assert all(fits(STAGE, stage) for stage in document["stages"])
        assert all(fits(RECALL, row) for row in document["index_recall"])
        assert all(fits(LATENCY, row) for row in document["latency"])


def test_the_page_names_the_schemas_of_the_code(documents: dict[str, Document]) -> None:
    schemas = {"evaluate suite": SUITE_SCHEMA, "evaluate compare": COMPARE_SCHEMA, "evaluate system": SYSTEM_SCHEMA}
    assert {section: example(section)["schema"] for section in schemas} == schemas
    assert {section: document["schema"] for section, document in documents.items()} == schemas
