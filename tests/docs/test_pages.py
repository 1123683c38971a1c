"""What the pages show runs, and what they name is there."""

import re
import shutil
from pathlib import Path

import pytest

from .blocks import blocks, run

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "demo" / "README.md"])
LINK = re.compile(r"\]\((?!https?:|#)(?P<target>[^)#\s]+)")


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks to the pages like a clone: the demo media are there, a library is not."""
    (tmp_path / "demo").symlink_to(ROOT / "demo")
    photos = tmp_path / "photos"
    shutil.copytree(ROOT / "demo" / "media" / "pictures" / "animals", photos)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SENSORIUM_LIBRARY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    return tmp_path


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md", "docs/tour.md"])
def test_the_python_of_a_page_runs(page: str, checkout: Path) -> None:
    assert run(ROOT / page, blocks(ROOT / page, "python"), checkout) > 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(page.read_text(encoding="utf-8"))]
    assert not [target for target in targets if not (page.parent / target).exists()]


def test_make_targets_that_pages_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {name for page in PAGES for name in re.findall(r"`make ([a-z-]+)", page.read_text(encoding="utf-8"))}
    assert named <= targets


def test_a_block_that_is_wrong_fails(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```python\n>>> 1 + 1\n3\n```\n")
    with pytest.raises(AssertionError, match="Expected"):
        run(page, blocks(page, "python"), tmp_path)
