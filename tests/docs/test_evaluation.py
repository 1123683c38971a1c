"""docs/evaluation.md: every suite that it shows is read and measured as it stands, on pictures made here."""

from __future__ import annotations

from pathlib import Path

import pytest

import sensorium
from sensorium.evaluation.measures import MEASURES, families
from sensorium.evaluation.suites import KINDS, read_suite
from sensorium.testing.encoders import HashEncoder

from .suites import PAGE, SUITES, lay


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return lay(tmp_path)


@pytest.mark.parametrize("name", SUITES)
def test_a_suite_of_the_page_is_measured(name: str, folder: Path) -> None:
    with sensorium.open(folder / "library", encoder=HashEncoder(width=64)) as library:
        report = library.evaluate_suite(folder / name).report
    assert report.kind in KINDS
    assert all(0 < task.figures["RR"].mean <= 1 for task in report.tasks)


def test_the_page_shows_a_suite_of_every_kind(folder: Path) -> None:
    assert sorted(read_suite(folder / name).kind for name in SUITES) == sorted(KINDS)


def test_every_measure_of_a_report_is_explained() -> None:
    page = PAGE.read_text("utf-8")
    told = [family.name.replace("nDCG@k", "nDCG@10") for family in families(MEASURES)]
    assert not [name for name in told if f"| `{name}` |" not in page]


def test_every_kind_has_its_section() -> None:
    page = PAGE.read_text("utf-8")
    assert not [kind for kind in KINDS if f"### {kind}: " not in page]
