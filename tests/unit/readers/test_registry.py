from __future__ import annotations

from importlib.metadata import EntryPoint

import pytest

from sensorium.core.errors import PluginBroken
from sensorium.readers.registry import GROUP, load_readers


def entry(value: str, name: str = "x") -> EntryPoint:
    return EntryPoint(name=name, value=value, group=GROUP)


def test_the_built_in_readers_come_through_the_door_of_plugins() -> None:
    readers = load_readers()
    assert {"image/jpeg", "image/png", "text/plain", "text/markdown"} <= set(readers)


def test_a_tree_that_is_not_installed_says_so() -> None:
    with pytest.raises(PluginBroken, match="pip install"):
        load_readers([])


@pytest.mark.parametrize("value", ["no.such.module:Reader", "sensorium.readers.texts.reader:NoSuch", "json:loads"])
def test_a_reader_that_does_not_load_names_its_entry_point(value: str) -> None:
    with pytest.raises(PluginBroken, match=r"^broken: .*does not load"):
        load_readers([entry(value, "broken")])


def test_what_is_no_reader_is_refused() -> None:
    with pytest.raises(PluginBroken, match="no reader"):
        load_readers([entry("collections:OrderedDict")])


def test_two_readers_of_one_type_are_refused() -> None:
    text = "sensorium.readers.texts.reader:TextReader"
    with pytest.raises(PluginBroken, match="a second reader for "):
        load_readers([entry(text, "a"), entry(text, "b")])
