"""The table of known models, `catalogue.toml`, as records. Figures carry their source; unknowns are left out."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

TABLE = Path(__file__).parent / "catalogue.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A measured figure. what: the task and the measure. value: as it was published. source: where it stands."""

    what: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownModel:
    """One row. repo: on the hub, "" for what is not fetched. encoder: the adapter that reads it, "" for none.

    parameters: such as "375 M"; licence, languages: "" where not known. pins: sha256 (hex) by file, of a revision that
    is fixed. ours: figures that were measured with Sensorium.
    """

    name: str
    title: str
    kind: str
    senses: tuple[str, ...]
    encoder: str = ""
    repo: str = ""
    parameters: str = ""
    licence: str = ""
    languages: str = ""
    needs: str = ""
    note: str = ""
    published: tuple[Figure, ...] = ()
    ours: tuple[Figure, ...] = ()
    pins: Mapping[str, str] | None = None

    @property
    def setting(self) -> str:
        """What `SENSORIUM_ENCODER` is set to for it; "" where no encoder reads it.

        >>> find("siglip2-base").setting
        'onnx:siglip2-base'
        """
        if not self.encoder:
            return ""
        return f"{self.encoder}:{self.name}" if self.repo else self.encoder


@cache
def known_models() -> tuple[KnownModel, ...]:
    """All rows, in the order of the table.

    >>> known_models()[0].name
    'compact'
    """
    return tuple(_model(row) for row in tomllib.loads(TABLE.read_text(encoding="utf-8"))["model"])


def find(name: str) -> KnownModel | None:
    """The row of this name; None where there is none."""
    return next((model for model in known_models() if model.name == name), None)


def _model(row: Mapping[str, Any]) -> KnownModel:
    fields = dict(row)
    for name in ("published", "ours"):
        fields[name] = tuple(Figure(**figure) for figure in fields.get(name, ()))
    return KnownModel(**{**fields, "senses": tuple(fields["senses"])})
