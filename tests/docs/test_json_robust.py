"""docs/json.md against real answers of `evaluate robust`, `evaluate bias` and `evaluate hubs`."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sensorium.evaluation.bias import BIAS_SCHEMA, audit
from sensorium.evaluation.hubness.report import HUBS_SCHEMA, Corrected, HubOptions, HubReport
from sensorium.evaluation.intervals import Interval
from sensorium.evaluation.robustness.report import ROBUST_SCHEMA, Curve, Negation, Point, RobustReport

from .documents import as_read, example, fits, tables

ROBUST, CURVE, POINT, NEGATION = tables("evaluate robust")
BIAS, GROUP = tables("evaluate bias")
HUBS, CORRECTION = tables("evaluate hubs")

RANKS, CLUSTERS = np.array([1, 2, 6, 11]), np.array([0, 0, 1, 1])
SHARE = Interval(mean=0.5, low=0.25, high=0.75)


def robust() -> dict[str, Any]:
    point = Point.of(1, 0.5, RANKS, CLUSTERS)
    report = RobustReport(
        split="dev",
        space_id="a-1-b",
        pictures=20,
        questions=4,
        clean=point,
        curves=(Curve.of("blur", "pictures", "px", (point,), point),),
        negation=Negation(pairs=3, things=2, accuracy=SHARE, affirmed=SHARE),
        skipped=("clipping: it is no sound",),
        seconds=1.0,
    )
    return as_read(report.as_json())


def bias() -> dict[str, Any]:
    groups = {"a": "one", "b": "two", "c": "one"}
    return as_read(audit(["x", "y"], groups, 2, lambda query: ["a", "b"]).as_json())


def hubs() -> dict[str, Any]:
    report = HubReport(
        options=HubOptions(bank_split="train"),
        space_id="a-1-b",
        pictures=3,
        questions=4,
        bank_questions=5,
        ways=(Corrected.of("as found", RANKS, RANKS, CLUSTERS, np.array([4, 0, 0])),),
        hubs=(("a.jpg", 4),),
        flagged=("a.jpg",),
        seconds=1.0,
    )
    return as_read(report.as_json())


@pytest.mark.parametrize("document", [robust(), example("evaluate robust")], ids=["real", "shown"])
def test_a_report_of_damage_is_as_the_page_says(document: dict[str, Any]) -> None:
    assert fits(ROBUST, document)
    assert all(fits(CURVE, curve) for curve in document["curves"])
    assert all(fits(POINT, point) for point in (document["clean"], *document["curves"][0]["points"]))
    assert fits(NEGATION, document["negation"])
    assert document["schema"] == ROBUST_SCHEMA


@pytest.mark.parametrize("document", [bias(), example("evaluate bias")], ids=["real", "shown"])
def test_an_audit_is_as_the_page_says(document: dict[str, Any]) -> None:
    assert fits(BIAS, document)
    assert all(fits(GROUP, group) for group in document["groups"])
    assert all(set(entry) == {"query", "ndkl"} for entry in document["unequal"])
    assert document["schema"] == BIAS_SCHEMA


@pytest.mark.parametrize("document", [hubs(), example("evaluate hubs")], ids=["real", "shown"])
def test_a_report_of_hubs_is_as_the_page_says(document: dict[str, Any]) -> None:
    assert fits(HUBS, document)
    assert all(fits(CORRECTION, entry) for entry in document["corrections"])
    assert all(set(entry) == {"item", "count"} for entry in document["hubs"])
    assert document["schema"] == HUBS_SCHEMA
