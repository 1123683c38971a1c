"""The folder of an adapted encoder: its arrays, what they are held against, what they were made of, and a card."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.calibration import Calibration
from sensorium.core.errors import BadInput, WriteFailed
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.encoders.adapters import IDENTITY, Adapter, Array, packed, shift
from sensorium.encoders.layered import (
    ADAPTED_SCHEMA,
    ADAPTERS,
    CARD,
    GOLDEN,
    GOLDEN_TOLERANCE,
    LINEAGE,
    MANIFEST,
    AdaptedEncoder,
    read_manifest,
)

LINEAGE_SCHEMA = "sensorium.adapted-lineage/1"

TEXTS = (
    "a red dress with long sleeves",
    "TWO DOGS IN THE SNOW",
    "ein blauer Stuhl aus Holz",
    "",
    "the contract of March 1999, page 3",
)
"""What golden vectors are of: nobody's own words."""

ROWS = 8
"""Unit rows, drawn with seed 0, that each adapter is held to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """All that a folder holds. base: the setting of the base. lineage: of each pair, as `lineage_of` makes it."""

    name: str
    base: str
    side: str
    adapters: Mapping[Modality, Adapter]
    curves: Mapping[str, Calibration]
    lineage: Sequence[Mapping[str, str]]
    card: str
    about: Mapping[str, Any]


def write(folder: Path, made: Made, base: Encoder) -> None:
    """Writes the folder whole or not at all. Raises BadInput where something else is there, WriteFailed."""
    check_free(folder)
    encoder = AdaptedEncoder(base, made.adapters, made.side, name=made.name)
    files = {
        ADAPTERS: _npz(packed(made.adapters)),
        GOLDEN: _npz(_golden(encoder)),
        LINEAGE: _json({"schema": LINEAGE_SCHEMA, "pairs": list(made.lineage)}),
        CARD: made.card.encode(),
    }
    told = {
        "schema": ADAPTED_SCHEMA,
        "name": made.name,
        "base": made.base,
        "base_space": base.space.id,
        "base_digest": base.space.digest,
        "space": encoder.space.id,
        "side": made.side,
        "kinds": {str(modality): adapter.kind for modality, adapter in sorted(made.adapters.items())},
        "calibrations": {name: asdict(curve) for name, curve in sorted(made.curves.items())},
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        **made.about,
    }
    _place(folder, files | {MANIFEST: _json(told)})


def check_free(folder: Path) -> None:
    """Raises BadInput where a folder holds something else than an adapted encoder."""
    if folder.exists() and not (folder / MANIFEST).is_file() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput("it is there, and is no adapted encoder", subject=str(folder), remedy="name another folder")


def lineage_of(picture: str, source: str, part: str) -> dict[str, str]:
    """One pair: the sha256 of its picture's file and of the name of its catalogue's row, and what it was used for.

    No text, path or name stands in it: a folder may be given away.
    """
    own = {"picture": picture, "part": part}
    return own | {"row": hashlib.sha256(source.encode()).hexdigest()} if source else own


def affected_by(folders: Collection[Path], hashes: Collection[str], sources: Collection[str] = ()) -> list[Path]:
    """Those of these folders that hold an adapted encoder which an item had a part in.

    hashes: sha256 of the item's file, or of its pictures. sources: where a library saw it. What can not be read is
    taken to be affected: nobody can say that it is not.
    """
    wanted = {*hashes, *(hashlib.sha256(source.encode()).hexdigest() for source in sources)}
    return [folder for folder in folders if (folder / MANIFEST).is_file() and _is_affected(folder, wanted)]


def adapted_below(folder: Path) -> Iterator[Path]:
    """The folder itself and those directly in it that hold an adapted encoder."""
    if (folder / MANIFEST).is_file():
        yield folder
    if folder.is_dir():
        yield from sorted(path for path in folder.iterdir() if (path / MANIFEST).is_file())


def _is_affected(folder: Path, wanted: Collection[str]) -> bool:
    try:
        data = (folder / LINEAGE).read_bytes()
        if hashlib.sha256(data).hexdigest() != read_manifest(folder)["files"][LINEAGE]:
            return True
        pairs = json.loads(data)["pairs"]
        return any(pair.get("picture") in wanted or pair.get("row") in wanted for pair in pairs)
    except Exception:  # noqa: BLE001 whatever is wrong with it, it does not say that the item had no part in it
        return True


def _golden(encoder: AdaptedEncoder) -> dict[str, Any]:
    random = np.random.default_rng(0)
    rows = random.standard_normal((ROWS, encoder.space.width))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    golden: dict[str, Any] = {
        "texts": np.array(TEXTS),
        "text_vectors": encoder.encode(Modality.TEXT, TEXTS, "query"),
        "tolerance": np.array(GOLDEN_TOLERANCE),
    }
    for modality, adapter in encoder.adapters.items():
        golden[f"{modality}.rows"] = rows
        golden[f"{modality}.moved"] = _exactly(adapter, rows)
    return golden


def _exactly(adapter: Adapter, rows: Array) -> Array:
    """What an adapter makes of rows, worked out in 64 bits."""
    if adapter.kind == IDENTITY:
        return rows
    wide = rows.astype(np.float64)
    moved = wide + shift(adapter.kind, {name: array.astype(np.float64) for name, array in adapter.arrays.items()}, wide)
    return np.asarray(moved / np.linalg.norm(moved, axis=1, keepdims=True), dtype=np.float32)


def _npz(arrays: Mapping[str, Any]) -> bytes:
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def _json(document: Mapping[str, Any]) -> bytes:
    return (json.dumps(document, indent=1, allow_nan=False) + "\n").encode()


def _place(folder: Path, files: Mapping[str, bytes]) -> None:
    """All files in a folder beside it, then that one in its place."""
    beside = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        shutil.rmtree(beside, ignore_errors=True)
        beside.mkdir(parents=True)
        for name, data in files.items():
            with (beside / name).open("wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
        if folder.exists():
            shutil.rmtree(folder)
        beside.replace(folder)
    except OSError as error:
        shutil.rmtree(beside, ignore_errors=True)
        remedy = "name a folder that is yours to write"
        raise WriteFailed(error.strerror or str(error), subject=str(folder), remedy=remedy) from error
