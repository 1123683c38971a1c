"""Encoders that are others with small layers over their vectors, which `adapting` makes for one's own domain.

Settings name one as `adapted:FOLDER`. The folder holds `encoder.json`, `adapters.npz`, `golden.npz`, what it was made
of (`lineage.json`) and its card. Where questions alone are adapted, pieces have the vectors of the base: the space is
the base's, and a library that the base filled is asked by this encoder as it stands.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.banks import QueryBank
from sensorium.core.calibration import Calibration
from sensorium.core.contents import Content, Role
from sensorium.core.details import Details
from sensorium.core.errors import BadSetting, GoldenMismatch, ModelDamaged, SpaceMismatch
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Space, Vectors
from sensorium.encoders.adapters import IDENTITY, Adapter, read_adapters
from sensorium.encoders.forwarding import Forwarding
from sensorium.encoders.manifest import chain_name, read_curve

ADAPTED_SCHEMA = "sensorium.adapted/1"
"""Name and version of `encoder.json`. New fields do not change the version."""

MANIFEST, ADAPTERS, GOLDEN, LINEAGE, CARD = "encoder.json", "adapters.npz", "golden.npz", "lineage.json", "card.md"

QUERY, BOTH = "query", "both"
"""What is adapted: questions in words alone, or texts and pictures, asked and kept."""

GOLDEN_TOLERANCE = 1e-3
"""For vectors of texts from the words on: what processors differ by in 8 bits, see `golden_tolerance` of the base."""

MOST_BYTES = 512 << 20
"""Of a file of arrays when it is unfolded."""

REMEDY = "train it anew (`sensorium train`), or restore its folder"


class AdaptedEncoder(Forwarding):
    """Its base with small layers over the vectors.

    curves: in place of the base's, by their names in a manifest. golden: what `verify` holds it against.
    """

    def __init__(
        self,
        base: Encoder,
        adapters: Mapping[Modality, Adapter],
        side: str,
        *,
        name: str = "adapted",
        curves: Mapping[str, Calibration] | None = None,
        golden: Golden | None = None,
    ) -> None:
        super().__init__(base)
        self.adapters, self.side = dict(adapters), side
        self.space = space_of(base.space, self.adapters, side, name)
        self._curves = dict(curves or {})
        self._golden = golden

    @classmethod
    def load(cls, threads: int = 0, folder: str = "") -> AdaptedEncoder:
        """The encoder whose files lie in `folder`. threads: of its base.

        Raises BadSetting where none is named, ModelDamaged, and SpaceMismatch where the base is not the one that it was
        made for.
        """
        from sensorium import plugins

        if not folder:
            raise BadSetting("no folder is named", subject="adapted", remedy="say adapted:FOLDER")
        told = read_manifest(Path(folder))
        base: Encoder = plugins.load_encoder(str(told["base"]), threads)
        return adapted(Path(folder), told, base)

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """What the base gives, adapted where this modality in this role is. Raises what the base raises."""
        return self._moved(modality, super().encode(modality, contents, role), role)

    def encode_detailed(
        self, modality: Modality, contents: Sequence[Content], role: Role
    ) -> tuple[Vectors, Details | None]:
        """As `encode`, with the details that the base gives: they are compared with those of a library as it stands."""
        vectors, details = super().encode_detailed(modality, contents, role)
        return self._moved(modality, vectors, role), details

    def verify(self) -> None:
        """Checks the base, then what was said of texts and of adapters alone. Raises GoldenMismatch or ModelDamaged."""
        self.base.verify()
        if self._golden is not None:
            self._golden.check(self)

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """The curve of the folder, else the base's."""
        return self._curves.get(chain_name(asked, found)) or super().calibration(asked, found)

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        """The same after looks; None where the base has none."""
        return self._curves.get(chain_name(asked, found, looks)) or super().calibration_after(asked, found, looks)

    def query_bank(self, asked: Modality) -> QueryBank | None:
        """The base's questions as this encoder would ask them."""
        bank = super().query_bank(asked)
        return bank and QueryBank(vectors=self._moved(asked, bank.vectors, "query"), beta=bank.beta)

    def _moved(self, modality: Modality, vectors: Vectors, role: Role) -> Vectors:
        adapter = self.adapters.get(modality)
        if adapter is None or (self.side == QUERY and role != "query") or not len(vectors):
            return vectors
        return adapter.apply(vectors)


class Golden:
    """What an adapted encoder gave when it was made.

    texts, text_vectors: questions in words, through base and adapter. rows, moved: for each modality that is adapted,
    unit rows and what its adapter makes of them, worked out in 64 bits.
    """

    def __init__(self, arrays: Mapping[str, Any]) -> None:
        self._arrays = arrays

    def check_layers(self, encoder: AdaptedEncoder) -> None:
        """The adapters alone, which takes no time. Raises GoldenMismatch or ModelDamaged."""
        for modality, adapter in encoder.adapters.items():
            if not {f"{modality}.rows", f"{modality}.moved"} <= set(self._arrays):
                raise ModelDamaged(f"nothing is said of {modality}", subject=GOLDEN, remedy=REMEDY)
            moved = adapter.apply(self._arrays[f"{modality}.rows"])
            _compare(moved, self._arrays[f"{modality}.moved"], 1e-5, f"{encoder.space.id} adapter of {modality}")

    def check(self, encoder: AdaptedEncoder) -> None:
        """All of it. Raises GoldenMismatch."""
        self.check_layers(encoder)
        texts = [str(text) for text in self._arrays["texts"]]
        vectors = encoder.encode(Modality.TEXT, texts, "query")
        _compare(vectors, self._arrays["text_vectors"], float(self._arrays["tolerance"]), f"{encoder.space.id} text")


def space_of(base: Space, adapters: Mapping[Modality, Adapter], side: str, name: str) -> Space:
    """The space of an adapted encoder's pieces: the base's where these are not adapted, else one of its own.

    >>> base = Space(name="compact", version="1", width=2, digest="ab" * 32)
    >>> space_of(base, {Modality.TEXT: Adapter(kind="identity")}, "both", "mine") == base
    True
    """
    if side == QUERY or all(adapter.kind == IDENTITY for adapter in adapters.values()):
        return base
    decisive = hashlib.sha256(f"{base.digest} {side}".encode())
    for modality, adapter in sorted(adapters.items()):
        decisive.update(f"{modality} {adapter.kind}".encode())
        for array_name, array in sorted(adapter.arrays.items()):
            decisive.update(array_name.encode() + np.ascontiguousarray(array, dtype="<f4").tobytes())
    return Space(name=name, version="1", width=base.width, digest=decisive.hexdigest())


def read_manifest(folder: Path) -> dict[str, Any]:
    """`encoder.json` of a folder. Raises ModelDamaged."""
    try:
        told = json.loads(_read(folder / MANIFEST))
        if told["schema"] != ADAPTED_SCHEMA or told["side"] not in (QUERY, BOTH):
            raise ValueError(f"it is of the schema {told['schema']}")
        files, base, digest = told["files"], told["base"], told["base_digest"]
        if not (isinstance(files, dict) and isinstance(base, str) and isinstance(digest, str)):
            raise ValueError("a field is not of its type")
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ModelDamaged(f"it can not be read ({error})", subject=MANIFEST, remedy=REMEDY) from error
    return dict(told)


def adapted(folder: Path, told: Mapping[str, Any], base: Encoder) -> AdaptedEncoder:
    """The encoder of a folder over its base. told: its `encoder.json`. Raises ModelDamaged, SpaceMismatch."""
    if base.space.digest != told["base_digest"]:
        raise SpaceMismatch(
            f"it was made for {told.get('base_space', 'another base')}, and there is {base.space.id}",
            subject=folder.name,
            remedy="train it anew for this version of its base (`sensorium train`)",
        )
    try:
        kinds = {Modality(name): str(kind) for name, kind in told["kinds"].items()}
        curves = {str(name): read_curve(numbers) for name, numbers in told["calibrations"].items()}
        name = str(told["name"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ModelDamaged(f"it can not be read ({error})", subject=MANIFEST, remedy=REMEDY) from error
    adapters = read_adapters(_checked(folder, ADAPTERS, told), kinds, base.space.width)
    golden = Golden(_arrays(_checked(folder, GOLDEN, told)))
    encoder = AdaptedEncoder(base, adapters, str(told["side"]), name=name, curves=curves, golden=golden)
    golden.check_layers(encoder)
    return encoder


def _checked(folder: Path, name: str, told: Mapping[str, Any]) -> bytes:
    """The bytes of a file of arrays, once they are known to be the right ones and not to unfold without end."""
    data = _read(folder / name)
    if hashlib.sha256(data).hexdigest() != told["files"].get(name):
        raise ModelDamaged(f"the file is not the one that {MANIFEST} names", subject=name, remedy=REMEDY)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unfolded = sum(entry.file_size for entry in archive.infolist())
    except zipfile.BadZipFile as error:
        raise ModelDamaged(f"it holds no arrays ({error})", subject=name, remedy=REMEDY) from error
    if unfolded > MOST_BYTES:
        raise ModelDamaged(f"it unfolds to {unfolded:,} bytes", subject=name, remedy=REMEDY)
    return data


def _arrays(data: bytes) -> dict[str, Any]:
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
        if missing := {"texts", "text_vectors", "tolerance"} - set(found):
            raise ValueError(f"{', '.join(sorted(missing))} is missing")
        return found
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        raise ModelDamaged(f"no golden vectors can be read ({error})", subject=GOLDEN, remedy=REMEDY) from error


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise ModelDamaged("the file is too large for what it is", subject=path.name, remedy=REMEDY)
        return path.read_bytes()
    except OSError as error:
        raise ModelDamaged(f"the file can not be read ({error.strerror})", subject=path.name, remedy=REMEDY) from error


def _compare(found: Vectors, expected: Vectors, tolerance: float, subject: str) -> None:
    off = float(np.abs(found - expected).max(initial=0.0)) if found.shape == expected.shape else np.inf
    if not off <= tolerance:
        raise GoldenMismatch(
            f"a component is off by {off:.5f}, allowed {tolerance:.5f}", subject=subject, remedy=REMEDY
        )
