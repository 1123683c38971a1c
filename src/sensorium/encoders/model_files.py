"""The files of a model's folder, each known by its sha256 and never used as anything else."""

from __future__ import annotations

import hashlib
import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from sensorium.core.errors import ModelDamaged

MOST_JSON = 64 << 20
"""Bytes of a JSON file; tokenizers have the largest ones."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
REMEDY = "fetch the model anew (`sensorium models get MODEL`), or name a folder that is whole"


class ModelFiles:
    """Reads files of `folder`. The digest that a file has when it is first asked for is the one that it keeps.

    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "config.json").write_text('{"model_type": "clip"}')
    >>> ModelFiles(folder).read_json("config.json")
    {'model_type': 'clip'}
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._digests: dict[str, str] = {}

    def has(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.folder / name).is_file()

    @cached_property
    def names(self) -> tuple[str, ...]:
        """All files by their paths within the folder, sorted."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return tuple(sorted(path.relative_to(self.folder).as_posix() for path in paths))

    def digest(self, name: str) -> str:
        """sha256 (hex) of a file. Raises ModelDamaged where it can not be read.

        In the hub's cache a large file is a link to one that is named by its sha256: that name is taken for it here,
        and `read` holds the bytes against it.
        """
        if name not in self._digests:
            self._digests[name] = self._named_by_hash(name) or self._hash(name)
        return self._digests[name]

    def read(self, name: str) -> bytes:
        """The bytes of a file. Raises ModelDamaged where they are not those that it is known by."""
        try:
            data = self._path(name).read_bytes()
        except OSError as error:
            raise self._unreadable(name, error) from error
        found = hashlib.sha256(data).hexdigest()
        if name not in self._digests and self._named_by_hash(name) is None:
            self._digests[name] = found
        if found != self.digest(name):
            raise ModelDamaged("the file is not the one that it is known by", subject=name, remedy=REMEDY)
        return data

    def read_json(self, name: str) -> dict[str, Any]:
        """An object of JSON. Raises ModelDamaged."""
        path = self._path(name)
        if path.is_file() and path.stat().st_size > MOST_JSON:
            raise ModelDamaged("the file is too large for what it is", subject=name, remedy=REMEDY)
        try:
            value = json.loads(self.read(name))
        except (ValueError, RecursionError) as error:
            raise ModelDamaged("the file is no JSON", subject=name, remedy=REMEDY) from error
        if not isinstance(value, dict):
            raise ModelDamaged("the file holds no object of JSON", subject=name, remedy=REMEDY)
        return value

    def read_json_if_there(self, name: str) -> dict[str, Any]:
        """As `read_json`; an empty one where there is no such file."""
        return self.read_json(name) if self.has(name) else {}

    def _path(self, name: str) -> Path:
        return self.folder / name

    def _named_by_hash(self, name: str) -> str | None:
        target = self._path(name).resolve()
        named = target.parent.name == "blobs" and _SHA256.fullmatch(target.name)
        return target.name if named else None

    def _hash(self, name: str) -> str:
        try:
            with self._path(name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise self._unreadable(name, error) from error

    def _unreadable(self, name: str, error: OSError) -> ModelDamaged:
        return ModelDamaged(f"the file can not be read ({error.strerror})", subject=name, remedy=REMEDY)
