"""Adapters by name: built-ins and third parties' come through the same door, entry points."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from sensorium.core.errors import BadSetting, PluginBroken

GROUPS = (
    "sensorium.readers",
    "sensorium.perceivers",
    "sensorium.encoders",
    "sensorium.indexes",
    "sensorium.rerankers",
    "sensorium.arrangers",
    "sensorium.answerers",
    "sensorium.stores",
)


def load(group: str, name: str) -> Any:
    """The object that the entry point `name` of `group` names.

    Raises BadSetting when there is none of that name, PluginBroken when it is there and can not be imported.

    >>> load("sensorium.encoders", "compact").__name__
    'CompactEncoder'
    """
    found = {entry.name: entry for entry in entry_points(group=group)}
    if name not in found:
        raise BadSetting(
            f"no plugin of the group {group} has this name",
            subject=name,
            remedy=f"choose from: {', '.join(sorted(found)) or 'none is installed; install sensorium as a package'}",
        )
    return _import(found[name])


def load_encoder(setting: str, threads: int = 0) -> Any:
    """The encoder that a setting names: a plugin, or `PLUGIN:MODEL` where it makes encoders of models.

    Raises what `load` raises, and what the plugin does.

    >>> load_encoder("compact", threads=1).space.name
    'compact'
    """
    name, _, model = setting.partition(":")
    factory = load("sensorium.encoders", name)
    return factory.load(threads, model) if model else factory.load(threads)


def load_all(group: str) -> list[Any]:
    """The object of every entry point of `group`, by name. Raises PluginBroken when one can not be imported.

    >>> "LateInteraction" in [factory.__name__ for factory in load_all("sensorium.rerankers")]
    True
    """
    return [_import(entry) for entry in sorted(entry_points(group=group), key=lambda entry: entry.name)]


def _import(entry: EntryPoint) -> Any:
    try:
        return entry.load()
    except (ImportError, AttributeError) as reason:
        raise PluginBroken(
            f"the plugin can not be imported: {reason}",
            subject=f"{entry.group}: {entry.name}",
            remedy="reinstall or remove the package that brings it",
        ) from reason
