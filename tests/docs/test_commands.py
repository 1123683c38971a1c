"""docs/commands.md knows every command, option and exit status, and nothing that is not there."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from sensorium.cli import exits
from sensorium.cli.app import app
from sensorium.core.settings import PREFIX

from .blocks import blocks

PAGE = Path(__file__).resolve().parents[2] / "docs" / "commands.md"
SOURCE = Path(__file__).resolve().parents[2] / "src" / "sensorium"
SECTIONS: dict[str, str] = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", PAGE.read_text("utf-8"), re.MULTILINE))
EVERYWHERE = {"--library", "--help", "--version"}


def commands(group: Any, *names: str) -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, *names, name)
        else:
            yield " ".join([*names, name]), command


def options(command: Any) -> set[str]:
    given = [parameter for parameter in command.params if parameter.param_type_name == "option"]
    return {name for parameter in given for name in [*parameter.opts, *parameter.secondary_opts]}


def documented(section: str) -> set[str]:
    """The options that the items of a section's list begin with: ``- `--a X`, `--b Y` say ...``."""
    items = re.findall(r"^- (`--.*)$", SECTIONS[section], re.MULTILINE)
    return {name for item in items for name in re.findall(r"(?:^|, )`(--[a-z-]+)", item)}


GROUP = typer.main.get_command(app)
COMMANDS = dict(commands(GROUP))


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_its_section_and_its_row(name: str) -> None:
    assert f"`sensorium {name}" in SECTIONS[name]
    assert f"| [`{name}`](#{name.replace(' ', '-')}) |" in PAGE.read_text("utf-8")


@pytest.mark.parametrize("name", COMMANDS)
def test_the_options_of_a_command_are_those_of_its_section(name: str) -> None:
    assert documented(name) == options(COMMANDS[name]) - EVERYWHERE


def test_options_that_stand_before_a_command_are_described_once() -> None:
    assert documented("Every command") == options(GROUP) | EVERYWHERE


def test_the_page_knows_no_command_that_is_not_there() -> None:
    assert set(re.findall(r"^\| \[`([a-z ]+)`\]", PAGE.read_text("utf-8"), re.MULTILINE)) == set(COMMANDS)


def test_every_exit_status_is_listed() -> None:
    listed = {int(status) for status in re.findall(r"^\| (\d+) \|", SECTIONS["Exit statuses"], re.MULTILINE)}
    ours = {status for name, status in vars(exits).items() if name.isupper()}
    assert listed == ours | {0, 2}


def test_every_variable_that_the_code_asks_for_is_listed() -> None:
    asked = {
        node.value
        for path in (SOURCE / "cli").glob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "os.environ.get"
        for node in call.args
        if isinstance(node, ast.Constant)
    }
    assert asked
    assert {f"{PREFIX}LIBRARY", f"{PREFIX}...", *asked} <= set(re.findall(r"`([A-Z_.]+)`", SECTIONS["Environment"]))


def examples() -> list[str]:
    lines = [line for block in blocks(PAGE, "sh") for line in block.code.splitlines()]
    return [call.strip() for line in lines for call in re.split(r"\|\|?", line) if call.strip().startswith("sensorium")]


@pytest.mark.parametrize("example", examples())
def test_an_example_is_understood(example: str) -> None:
    """Parsed by the real commands, and not run."""
    command, words = GROUP, shlex.split(example)[1:]
    while hasattr(command, "commands"):
        command, words = command.commands[words[0]], words[1:]
    assert command.make_context(example, words).params
