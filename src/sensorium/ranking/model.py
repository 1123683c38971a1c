"""A learned ranker in its file: `ranker.json` in the folder of a library.

It holds numbers alone, and is read as if somebody else had written it: bounded, checked field by field, with its own
sha256, so that a damaged file orders nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sensorium.core.errors import BadInput, ModelDamaged, WriteFailed
from sensorium.ranking.features import checked
from sensorium.ranking.trees import Forest

SCHEMA = "sensorium.ranker/1"
FILE = "ranker.json"
MOST_BYTES = 16 * 1024 * 1024
MOST_DEPTH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RankerModel:
    """features: names of the columns that the trees ask for. depth: how many hits it orders.

    space: id of the space whose raw scores it was trained on; in a library of another one it is not used.
    importances: of each feature, the sum of what splits by it gained; 0 or more. report: how it was made and what it
    gained, for people.
    """

    features: tuple[str, ...]
    forest: Forest = field(repr=False)
    depth: int
    space: str
    importances: tuple[float, ...]
    report: Mapping[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The whole of its file."""
        said: dict[str, Any] = {
            "schema": SCHEMA,
            "features": list(self.features),
            "depth": self.depth,
            "space": self.space,
            "importances": list(self.importances),
            "report": dict(self.report),
            "trees": [list(tree) for tree in self.forest.trees],
        }
        return {**said, "sha256": digest(said)}

    @classmethod
    def from_json(cls, said: Any) -> RankerModel:
        """The inverse of `as_json`. Raises ValueError."""
        if not isinstance(said, dict) or said.get("schema") != SCHEMA:
            raise ValueError(f"it is no {SCHEMA}")
        if said.pop("sha256", None) != digest(said):
            raise ValueError("its sha256 is not that of its contents")
        features, depth, space, report = (said.get(name) for name in ("features", "depth", "space", "report"))
        if not isinstance(features, list) or not all(isinstance(name, str) for name in features):
            raise ValueError("its features are no names")
        if type(depth) is not int or not 0 < depth <= MOST_DEPTH:
            raise ValueError(f"its depth is none of 1 to {MOST_DEPTH}")
        if not isinstance(space, str) or not isinstance(report, dict):
            raise ValueError("its space or its report is missing")
        try:
            names = checked(features)
        except BadInput as error:
            raise ValueError(error.what) from None
        if len(names) != len(features):
            raise ValueError("a feature is named twice")
        return cls(
            features=names,
            forest=Forest.of(said.get("trees"), len(names)),
            depth=depth,
            space=space,
            importances=_importances(said.get("importances"), len(names)),
            report=report,
        )


def digest(said: Mapping[str, Any]) -> str:
    """sha256 (hex) of an object as JSON with sorted names and no blanks."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def read(path: Path) -> RankerModel | None:
    """The ranker in that file; None where there is no file. Raises ModelDamaged."""
    try:
        with path.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _damaged(path, f"it can not be read ({type(error).__name__})") from None
    if len(text) > MOST_BYTES:
        raise _damaged(path, f"it has more than {MOST_BYTES} bytes")
    try:
        return RankerModel.from_json(json.loads(text))
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise _damaged(path, str(error)[:200]) from None


def version(path: Path) -> str:
    """Another one for every change of the file, without reading it; "" where there is none."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}"


def write(path: Path, model: RankerModel) -> None:
    """Writes the file whole or not at all, durably. Raises WriteFailed."""
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    try:
        with beside.open("w", encoding="utf-8") as file:
            json.dump(model.as_json(), file, separators=(",", ":"))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise WriteFailed(f"it was not written: {error.strerror}", subject=str(path), remedy="make room") from error


def _importances(said: Any, count: int) -> tuple[float, ...]:
    if not isinstance(said, Sequence) or len(said) != count or not all(type(one) in (int, float) for one in said):
        raise ValueError("its importances are not one number for each feature")
    return tuple(float(one) for one in said)


def _damaged(path: Path, what: str) -> ModelDamaged:
    return ModelDamaged(what, subject=str(path), remedy="run `sensorium rank remove`, then train it anew")
