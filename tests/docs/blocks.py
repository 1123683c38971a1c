"""The code blocks of a Markdown page, run as a reader would: one after the other, in one namespace."""

from __future__ import annotations

import doctest
import re
import runpy
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r"^```(?P<language>[\w-]*)(?: (?P<name>\S+))?\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """line: where it starts on its page. name: the word after the language, such as the file that it is to be."""

    language: str
    name: str
    code: str
    line: int


def blocks(page: Path, language: str) -> list[Block]:
    """The blocks of a page in that language, in order."""
    text = page.read_text(encoding="utf-8")
    found = (
        Block(
            language=match["language"],
            name=match["name"] or "",
            code=match["code"],
            line=text.count("\n", 0, match.start()) + 2,
        )
        for match in FENCE.finditer(text)
    )
    return [block for block in found if block.language == language]


def run(page: Path, found: list[Block], folder: Path) -> int:
    """Runs the blocks in the current folder and returns how many there were; raises what they raise.

    A block with prompts is a doctest, and its failures are raised as AssertionError. folder: for files it needs.
    """
    namespace: dict[str, object] = {}
    for block in found:
        if ">>>" in block.code:
            namespace = _doctest(page, block, namespace)
        else:
            script = folder / f"block_{block.line}.py"
            script.write_text(block.code, encoding="utf-8")
            namespace |= runpy.run_path(str(script), init_globals=namespace)
    return len(found)


def _doctest(page: Path, block: Block, namespace: dict[str, object]) -> dict[str, object]:
    test = doctest.DocTestParser().get_doctest(block.code, namespace, page.name, str(page), block.line - 1)
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    said: list[str] = []
    runner.run(test, out=said.append, clear_globs=False)
    assert runner.failures == 0, "".join(said)
    return test.globs
