"""What was fetched, file by file with its sha256: written down the first time, and what is held to from then on."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from sensorium.core.errors import ModelDamaged, WriteFailed
from sensorium.models.cache import HubId


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """commit: that the files are of. encoder: that reads them. variants: of its towers, as far as they were fetched.
    files: sha256 (hex) by path."""

    commit: str
    encoder: str
    variants: tuple[str, ...]
    files: Mapping[str, str]


def pins_path() -> Path:
    """A file of the user where the system keeps data."""
    import platformdirs

    return platformdirs.user_data_path("sensorium") / "models.json"


def read_pins() -> dict[str, Pin]:
    """All pins by model. Raises ModelDamaged where the file can not be read."""
    path = pins_path()
    try:
        values = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        return {
            str(model): Pin(**{**pin, "files": dict(pin["files"]), "variants": tuple(pin["variants"])})
            for model, pin in values.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelDamaged(
            f"the list of fetched models can not be read ({error})",
            subject=path.name,
            remedy="remove it, and fetch anew",
        ) from error


def write_pin(model: HubId, pin: Pin) -> None:
    """Adds or replaces one, whole or not at all. Raises WriteFailed."""
    path, pins = pins_path(), read_pins()
    pins[str(model)] = pin
    text = json.dumps({name: asdict(known) for name, known in sorted(pins.items())}, indent=1)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".models-", delete=False, encoding="utf-8"
        ) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(path)
    except OSError as error:
        raise WriteFailed(
            f"the list of fetched models can not be written ({error.strerror})",
            subject=path.name,
            remedy="free some space",
        ) from error
