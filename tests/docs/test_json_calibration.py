"""The section on `evaluate calibration` of docs/json.md: the same fields as a real report, of the type it says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from sensorium.core.items import Modality
from sensorium.evaluation.answered import Answered, Answers
from sensorium.evaluation.calibration import CALIBRATION_SCHEMA, CalibrationReport

from .documents import SECTIONS, as_read, fits, tables

REPORT, PAIR, BIN, VERDICT, STATEMENT = tables("evaluate calibration")


@pytest.fixture
def document() -> dict[str, Any]:
    table = np.array([[0.9, 0.1], [0.2, 0.1]])
    answers = Answers(
        asked=Modality.TEXT,
        found=Modality.IMAGE,
        looks=("late",),
        scores=table,
        raw=table,
        matches=table > 0.5,
        right=table > 0.8,
        groups=np.arange(2),
        right_answers=np.ones(2, dtype=np.int64),
        pictures=2,
        pieces=2,
    )
    found = Answered(known={"text->image": answers}, foreign={})
    report = CalibrationReport.of(found, split="dev", space_id="a-1-b", seconds=1.0)
    return as_read(report.as_json())


def test_a_report_says_what_the_page_says(document: dict[str, Any]) -> None:
    [pair] = document["pairs"]
    assert fits(REPORT, document)
    assert fits(PAIR, pair)
    assert fits(BIN, pair["bins"][0])
    assert fits(VERDICT, pair["nothing_matches"])
    assert fits(STATEMENT, pair["nothing_matches"]["removed"])
    assert fits(STATEMENT, pair["nothing_matches"]["foreign"])


def test_the_page_names_the_schema_of_the_code() -> None:
    assert f"`{CALIBRATION_SCHEMA}`" in SECTIONS["evaluate calibration"]


def test_a_field_too_few_is_noticed(document: dict[str, Any]) -> None:
    assert not fits(REPORT, {name: value for name, value in document.items() if name != "labels"})
