"""What may be imported where, and what may not be done at all."""

import ast
import shutil
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from sensorium.plugins import GROUPS

from .source import ROOT, Module, imported, modules

RUN_TIME = tuple(module for module in modules() if module.room not in {"training", "testing"})

UNPICKLERS = frozenset({"pickle", "cPickle", "marshal", "shelve", "dill", "cloudpickle", "joblib", "torch"})
"""Modules whose files are programs in disguise."""

INTERPRETERS = frozenset({"eval", "exec", "compile", "__import__"})

CLIENTS = frozenset(
    {"urllib.request", "http.client", "requests", "httpx", "httpx2", "aiohttp", "huggingface_hub", "ftplib"}
)

MADE_FOR_IT = {
    "sensorium.answerers.server": "http.client",
    "sensorium.client": "http.client",
    "sensorium.async_client": "httpx2",
    "sensorium.server.access.issuer": "urllib.request",
    "sensorium.models.hub": "urllib.request",
}
"""They speak to the one server that the setting `answer_url` or the user's own call names, and to none without that:
`server.issuer` to the issuer of tokens that a server's options name, `models.hub` when `models get` is called."""

LOUD = frozenset({"print", "sys.exit", "exit", "quit"})

ADAPTERS = {
    entry.value.split(":")[0]: group
    for group in GROUPS
    for entry in entry_points(group=group)
    if entry.value.startswith("sensorium.")
}
"""The built-in adapters: module -> the group they are registered in."""


def test_the_rules_between_rooms_hold() -> None:
    linter = shutil.which("lint-imports", path=str(Path(sys.executable).parent)) or shutil.which("lint-imports")
    assert linter is not None, "import-linter is not installed: pip install -r requirements/dev.txt"
    run = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout


def test_import_sensorium_loads_the_standard_library_alone() -> None:
    program = """
import sys
before = set(sys.modules)
import sensorium
loaded = {name.split(".")[0] for name in set(sys.modules) - before}
print(sorted(loaded - sys.stdlib_module_names - {"sensorium"}))
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_nothing_at_run_time_unpickles() -> None:
    assert not [m.name for m in RUN_TIME if UNPICKLERS & {name.split(".")[0] for name in imported(m)}]


def test_no_array_is_loaded_with_pickles_allowed() -> None:
    keywords = ((m, node) for m in RUN_TIME for node in ast.walk(m.tree) if isinstance(node, ast.keyword))
    assert not [m.name for m, node in keywords if node.arg == "allow_pickle" and not is_false(node.value)]


def test_nothing_at_run_time_runs_text_as_code() -> None:
    assert not [(m.name, INTERPRETERS & called(m)) for m in RUN_TIME if INTERPRETERS & called(m)]


def test_nothing_at_run_time_reaches_for_the_network_but_what_is_made_for_it() -> None:
    reaching = {m.name: CLIENTS & set(imported(m)) for m in RUN_TIME if CLIENTS & set(imported(m))}
    assert {name: found - {"http.client"} or found for name, found in reaching.items()} == {
        name: {client} for name, client in MADE_FOR_IT.items()
    }


def test_nothing_below_the_command_line_prints_or_exits() -> None:
    below = [m for m in RUN_TIME if m.room != "cli"]
    assert not [(m.name, LOUD & called(m)) for m in below if LOUD & called(m)]


def test_the_built_in_adapters_are_registered_like_those_of_others() -> None:
    assert set(ADAPTERS.values()) == set(GROUPS)


@pytest.mark.parametrize("adapter", sorted(ADAPTERS))
def test_nobody_imports_an_adapter_by_name(adapter: str) -> None:
    room = ADAPTERS[adapter].split(".")[1]
    importers = [m.name for m in RUN_TIME if m.room != room and adapter in set(imported(m))]
    assert not importers, f"{importers} should ask the entry points"


def called(module: Module) -> set[str]:
    """The names of all functions that a module calls, as they are written."""
    return {ast.unparse(node.func) for node in ast.walk(module.tree) if isinstance(node, ast.Call)}


def is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False
