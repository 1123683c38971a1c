"""What a folder of model files says of itself, and the proof that its files are the ones it names."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensorium.core.calibration import Calibration
from sensorium.core.details import DetailForm
from sensorium.core.errors import BadInput, ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.spaces import Space

REINSTALL = "reinstall sensorium"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """The contents of `manifest.json`.

    files: sha256 (hex) by name. preprocessing: what is done to a content before the model sees it, by modality.
    golden_tolerance: largest difference of one component from its reference.
    calibrations: by "asked->found", and by "asked->found:look,look" for what closer looks give.
    late: the form of the details that the models give beside their vectors; None where they give none.
    """

    folder: Path
    space: Space
    files: Mapping[str, str]
    preprocessing: Mapping[str, Mapping[str, Any]]
    golden_tolerance: float
    calibrations: Mapping[str, Calibration]
    late: DetailForm | None = None

    def read(self, name: str) -> bytes:
        """The bytes of a file, once they are known to be the right ones. Raises ModelDamaged."""
        data = _bytes_of(self.folder / name)
        if hashlib.sha256(data).hexdigest() != self.files.get(name):
            raise ModelDamaged("the file is not the one that the manifest names", subject=name, remedy=REINSTALL)
        return data

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """How inner products of this pair become scores. Raises BadInput for a pair that the space does not hold."""
        try:
            return self.calibrations[chain_name(asked, found)]
        except KeyError:
            raise BadInput(
                f"{self.space.name} does not compare {asked} with {found}",
                remedy="ask for " + ", ".join(sorted(name for name in self.calibrations if ":" not in name)),
            ) from None

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        """How raw scores become scores after these looks; None where none was fitted."""
        return self.calibrations.get(chain_name(asked, found, looks))


def chain_name(asked: Modality, found: Modality, looks: tuple[str, ...] = ()) -> str:
    """What a curve is called in the manifest.

    >>> chain_name(Modality.TEXT, Modality.IMAGE), chain_name(Modality.TEXT, Modality.IMAGE, ("hubness", "late"))
    ('text->image', 'text->image:hubness,late')
    """
    return f"{asked}->{found}" + (":" + ",".join(looks) if looks else "")


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a folder. Raises ModelDamaged where it is missing or is not one."""
    raw = _bytes_of(folder / "manifest.json")
    try:
        values = json.loads(raw)
        return Manifest(
            folder=folder,
            space=_space(values),
            files=dict(values["files"]),
            preprocessing=dict(values["preprocessing"]),
            golden_tolerance=float(values["golden_tolerance"]),
            calibrations={name: read_curve(numbers) for name, numbers in values["calibrations"].items()},
            late=DetailForm(**values["late"]) if "late" in values else None,
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelDamaged(f"the manifest can not be read ({error})", subject=folder.name, remedy=REINSTALL) from error


def read_curve(numbers: Mapping[str, Any]) -> Calibration:
    """A curve as files keep it. Raises ValueError or TypeError for what is none."""
    knots = tuple((float(z), float(correction)) for z, correction in numbers.get("knots", ()))
    return Calibration(**{**numbers, "knots": knots})


def _space(values: Mapping[str, Any]) -> Space:
    """Model files and preprocessing decide a vector, so they decide the digest; golden vectors and notices do not."""
    models = {
        name: digest
        for name, digest in values["files"].items()
        if name.endswith((".onnx", ".json")) or name == "languages.npz"
    }
    decisive = json.dumps([models, values["preprocessing"]], sort_keys=True, separators=(",", ":"))
    return Space(
        name=str(values["name"]),
        version=str(values["version"]),
        width=int(values["width"]),
        digest=hashlib.sha256(decisive.encode()).hexdigest(),
    )


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ModelDamaged(
            f"the file can not be read ({error.strerror})", subject=path.name, remedy=REINSTALL
        ) from error
