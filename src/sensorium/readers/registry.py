"""Which reader reads what. Runs in the reading process: loading a reader loads its decoder.

Readers are found by the entry points `sensorium.readers`, the built-in ones too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points

from sensorium.core.errors import PluginBroken
from sensorium.core.ports import Reader

GROUP = "sensorium.readers"

Readers = Mapping[str, Reader]
"""Readers by the media type they read."""


def load_readers(found: Iterable[EntryPoint] | None = None) -> Readers:
    """Every registered reader, by media type.

    Raises PluginBroken when there is none, one does not load or does not fit, or two claim the same media type.
    """
    found = sorted(entry_points(group=GROUP) if found is None else found)
    if not found:
        raise PluginBroken(
            "no reader is registered",
            subject=GROUP,
            remedy="install Sensorium (`pip install .`) instead of running its tree",
        )
    readers: dict[str, Reader] = {}
    for entry in found:
        reader = _load(entry)
        for media_type in sorted(reader.media_types):
            if media_type in readers:
                raise PluginBroken(
                    f"a second reader for {media_type}", subject=entry.name, remedy="uninstall one of the two"
                )
            readers[media_type] = reader
    return readers


def _load(entry: EntryPoint) -> Reader:
    remedy = "update or uninstall the package that brings it"
    try:
        reader = entry.load()()
    except Exception as error:  # somebody else's import may raise anything
        raise PluginBroken(
            f"the reader does not load ({type(error).__name__}: {error})", subject=entry.name, remedy=remedy
        ) from error
    if not isinstance(reader, Reader):
        raise PluginBroken("it is no reader: see `core.ports.Reader`", subject=entry.name, remedy=remedy)
    return reader
