"""What a user may call says what it does."""

import ast
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "src" / "sensorium"

Documented = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def test_every_public_function_and_class_of_a_module_says_what_it_is() -> None:
    silent = [
        f"{path.relative_to(PACKAGE)}: {node.name}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, Documented) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert not silent


def test_every_module_says_what_lives_in_it() -> None:
    modules = list(PACKAGE.rglob("*.py"))
    assert not [str(m.relative_to(PACKAGE)) for m in modules if not ast.get_docstring(ast.parse(m.read_text("utf-8")))]


def test_every_room_says_what_it_may_import() -> None:
    rooms = [path for path in PACKAGE.glob("*/__init__.py") if path.parent.name != "core"]
    assert not [room.parent.name for room in rooms if "May import:" not in room.read_text(encoding="utf-8")]
