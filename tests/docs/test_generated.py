"""Pages that are made from code are as fresh as the code."""

import runpy
from pathlib import Path

import pytest

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = runpy.run_path(str(DOCS / "generate.py"))["PAGES"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_fresh(name: str) -> None:
    written = (DOCS / name).read_text(encoding="utf-8") if (DOCS / name).is_file() else ""
    assert written == PAGES[name](), "run `make docs` and commit what it writes"
