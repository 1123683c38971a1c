"""Fingerprints of pictures that were added before pictures had them: what lacks one, and how it is put in."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping

from sensorium.core.fingerprints import FINGERPRINT
from sensorium.stores.rows import compact_json

_LACKING = f"""
    FROM pieces p JOIN items i ON i.number = p.item JOIN previews w ON w.piece = p.key
    WHERE p.modality = 'image' AND p.aspect = 'content' AND i.modality = 'image'
    AND json_extract(p.attributes, '$.{FINGERPRINT}') IS NULL"""


def count_lacking(connection: sqlite3.Connection) -> int:
    """How many pictures with a preview have no fingerprint."""
    return int(connection.execute(f"SELECT count(*) {_LACKING}").fetchone()[0])


def lacking(connection: sqlite3.Connection, after: int, most: int) -> list[tuple[int, str, bytes]]:
    """Pictures without a fingerprint, by key: the key, the media type and the bytes of the preview. after: a key."""
    rows = connection.execute(
        f"SELECT p.key, w.media_type, w.data {_LACKING} AND p.key > ? ORDER BY p.key LIMIT ?", (after, most)
    )
    return [(row[0], row[1], row[2]) for row in rows]


def put(connection: sqlite3.Connection, marks: Mapping[int, str]) -> None:
    """Puts fingerprints to pictures, by key; to those that are gone by now, none."""
    for key, mark in marks.items():
        row = connection.execute("SELECT attributes FROM pieces WHERE key = ?", (key,)).fetchone()
        if row is not None:
            attributes = compact_json({**json.loads(row[0]), FINGERPRINT: mark})
            connection.execute("UPDATE pieces SET attributes = ? WHERE key = ?", (attributes, key))
