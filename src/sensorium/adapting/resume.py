"""Learning that was stopped, as a file that it goes on from as if it had not been."""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from sensorium.adapting.kinds import Learned
from sensorium.adapting.learn import Elsewhere, Epoch, Pairs, Progress, Recipe
from sensorium.core.errors import BadInput, WriteFailed
from sensorium.core.items import Modality
from sensorium.encoders.adapters import Array

PARTS = ("learned", "first", "second", "best")
TOLD = "told"


def lesson_key(pairs: Pairs, judged: Pairs, recipe: Recipe, elsewhere: Elsewhere) -> str:
    """sha256 (hex) of everything that decides what is learned: only the same lesson can be gone on with."""
    digest = hashlib.sha256(json.dumps(asdict(recipe), sort_keys=True).encode())
    for each in (pairs, judged):
        for array in (each.texts, each.pictures, each.text_of, each.picture_of):
            digest.update(np.ascontiguousarray(array).tobytes() + b"|")
    for modality, rows in sorted(elsewhere.items()):
        digest.update(modality.encode() + np.ascontiguousarray(rows).tobytes())
    return digest.hexdigest()


def save(path: Path, key: str, progress: Progress) -> None:
    """Writes the file whole or not at all. Raises WriteFailed."""
    told = {
        "key": key,
        "number": progress.number,
        "best_number": progress.best_number,
        "steps": progress.steps,
        "random": progress.random.bit_generator.state,
        "curve": [asdict(epoch) for epoch in progress.curve],
    }
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **{TOLD: np.array(json.dumps(told))}, **dict(_arrays(progress)))
    beside = path.with_name(path.name + ".partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as out:
            out.write(file.getvalue())
            out.flush()
            os.fsync(out.fileno())
        beside.replace(path)
    except OSError as error:
        remedy = "free some space, or name a folder that is yours to write"
        raise WriteFailed(error.strerror or str(error), subject=str(path), remedy=remedy) from error


def load(path: Path, key: str) -> Progress | None:
    """Where the same lesson was stopped; None where there is no file. Raises BadInput for one of another lesson."""
    if not path.exists():
        return None
    try:
        with np.load(path, allow_pickle=False) as arrays:
            told = json.loads(str(arrays[TOLD]))
            kept = {name: arrays[name] for name in arrays.files if name != TOLD}
        if told["key"] != key:
            raise BadInput("it is of other pairs, or another recipe", subject=str(path), remedy=_REMEDY)
        random = np.random.default_rng()
        random.bit_generator.state = told["random"]
        parts: dict[str, dict[Modality, Learned]] = {part: {} for part in PARTS}
        for name, array in kept.items():
            part, modality, own = name.split(".")
            parts[part].setdefault(Modality(modality), {})[own] = array
        return Progress(
            number=int(told["number"]),
            best_number=int(told["best_number"]),
            steps=int(told["steps"]),
            random=random,
            curve=[Epoch(**epoch) for epoch in told["curve"]],
            **parts,
        )
    except (ValueError, KeyError, TypeError, OSError, EOFError, BadZipFile) as error:
        raise BadInput(f"it can not be read ({error})", subject=str(path), remedy=_REMEDY) from error


_REMEDY = "remove it to begin anew"


def _arrays(progress: Progress) -> Iterator[tuple[str, Array]]:
    for part in PARTS:
        for modality, own in getattr(progress, part).items():
            for name, array in own.items():
                yield f"{part}.{modality}.{name}", array
