"""Fingerprints for pictures that were added before pictures had them, made of their previews."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from sensorium.core.contents import ReadRequest
from sensorium.core.errors import Refused
from sensorium.core.fingerprints import FINGERPRINT
from sensorium.core.ports import GuardedReader
from sensorium.core.reports import Finding
from sensorium.core.store_ports import FingerprintStore

AT_ONCE = 200
"""Pictures that are marked in one transaction."""


def examine_fingerprints(
    store: FingerprintStore, reader: Callable[[], GuardedReader], scratch: Path, *, mend: bool
) -> Finding:
    """Whether every picture has one. mend: makes those that are missing, in the reading process."""
    lacking = store.pictures_without_fingerprints()
    if not lacking:
        return Finding(check="pictures", healthy=True, message="every picture with a preview has a fingerprint")
    said = f"{lacking} pictures have no fingerprint, and are folded under none"
    if not mend:
        return Finding(check="pictures", healthy=False, message=said, remedy="run `sensorium doctor --mend`")
    unread = _mend(store, reader(), scratch)
    remedy = f"{unread} previews could not be read; add their pictures anew" if unread else ""
    return Finding(check="pictures", healthy=False, message=said, remedy=remedy, mended=not unread)


def _mend(store: FingerprintStore, reader: GuardedReader, scratch: Path) -> int:
    """Marks all pictures; returns how many previews could not be read."""
    unread, after = 0, -1
    while batch := store.previews_without_fingerprints(after, AT_ONCE):
        marks: dict[int, str] = {}
        for key, media_type, data in batch:
            try:
                marks[key] = _fingerprint(reader, media_type, data, scratch)
            except Refused:
                unread += 1
        store.put_fingerprints(marks)
        after = batch[-1][0]
    return unread


def _fingerprint(reader: GuardedReader, media_type: str, data: bytes, scratch: Path) -> str:
    """Of a preview, by the reader that marks pictures which are added. Raises a `Refused`."""
    with tempfile.TemporaryFile(dir=scratch) as file:
        file.write(data)
        file.flush()
        document = reader.read(file.fileno(), media_type, ReadRequest())
    return document.pieces[0].attributes.get(FINGERPRINT, "")
