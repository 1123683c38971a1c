"""Files on their way into the library, and what is written down of them, so that a server that starts again goes on.

Each lies in a folder of its own below `uploads/`, beside a state of a few hundred bytes: whose it is, how large, and
how many of its bytes are on the disk for certain. The state goes once the file is added, so one that was complete and
not added when the server ended is added by the next one.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from sensorium.core.scopes import Scope
from sensorium.server.jobs import Job
from sensorium.server.problems import Problem

WHOLE_DAYS = 7
"""An upload that nobody goes on with for so long is thrown away."""

MOST_FOLDERS = 12
MARK = ".receiving"
"""The state of what is not complete or not added yet."""

MOST_STATE_BYTES = 64 * 1024


@dataclass(slots=True, kw_only=True)
class Upload:
    """A file on its way. path: where its bytes are put. received: of them, from the start. job: what adds it, once it
    is complete. touched: Unix seconds."""

    id: str
    scope: Scope
    name: str
    size: int
    path: Path
    touched: float
    received: int = 0
    job: Job | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def is_complete(self) -> bool:
        """Whether all of it is here."""
        return self.received == self.size

    def as_json(self) -> dict[str, Any]:
        """The upload as it is told outside."""
        return {
            "id": self.id,
            "name": self.name,
            "size": self.size,
            "received": self.received,
            "state": "complete" if self.is_complete else "receiving",
            "job": self.job.id if self.job is not None else None,
        }


class Uploads:
    """The uploads of a server. folder: where they lie. most: that are not complete at once. clock: Unix seconds.

    What another run of the server did not get to the end of is taken up, the latest first, as far as it is whole.
    """

    def __init__(self, folder: Path, most: int, *, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._most = most
        self._clock = clock
        self._uploads: dict[str, Upload] = {}
        self._lock = threading.Lock()
        found = (_restored(mark) for mark in folder.glob(f"*/{MARK}"))
        for upload in sorted((one for one in found if one is not None), key=lambda one: one.touched, reverse=True):
            if upload.is_complete or self._waiting() < most:
                self._uploads[upload.id] = upload
            else:
                self.drop(upload)
        self._forget_old()

    def begin(self, scope: Scope, name: str, size: int) -> Upload:
        """An upload that waits for its bytes. Raises Problem where too many wait, or the disk has no room."""
        with self._lock:
            self._forget_old()
            if self._waiting() >= self._most:
                headers = {"Retry-After": "30"}
                raise Problem(429, "too-many-uploads", "too many uploads wait", "finish some first", headers)
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if shutil.disk_usage(self._folder).free < 2 * size:
                raise Problem(507, "disk-full", "there is no room for it", "make room and send it again")
            id = secrets.token_hex(12)
            path = self._folder / id / plain_path(name)
            path.parent.mkdir(mode=0o700, parents=True)
            path.touch(mode=0o600)
            upload = Upload(id=id, scope=scope, name=name, size=size, path=path, touched=self._clock())
            self.keep(upload)
            self._uploads[id] = upload
            return upload

    def upload(self, scope: Scope, id: str) -> Upload:
        """An upload of a caller. Raises Problem 404."""
        with self._lock:
            upload = self._uploads.get(id)
        if upload is None or upload.scope != scope:
            raise Problem(404, "upload-not-found", "there is no such upload", "begin it anew")
        upload.touched = self._clock()
        return upload

    def keep(self, upload: Upload) -> None:
        """Writes down how much of it is here: what the next server may count on. Its bytes are on the disk before."""
        state = {
            "version": 1,
            "name": upload.name,
            "size": upload.size,
            "received": upload.received,
            "tenant": upload.scope.tenant,
            "principals": sorted(upload.scope.principals),
            "purpose": upload.scope.purpose,
            "path": str(upload.path.relative_to(self._folder / upload.id)),
        }
        mark = self._folder / upload.id / MARK
        new = mark.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(mark)

    def added(self, upload: Upload) -> None:
        """It is the source of an item from now on."""
        (self._folder / upload.id / MARK).unlink(missing_ok=True)

    def unadded(self) -> list[Upload]:
        """Those that are complete and that nothing is about to add."""
        with self._lock:
            return [
                one for one in self._uploads.values() if one.is_complete and (one.job is None or one.job.is_waiting)
            ]

    def drop(self, upload: Upload) -> None:
        """Throws away the bytes of an upload."""
        shutil.rmtree(self._folder / upload.id, ignore_errors=True)

    def erase(self, sources: Sequence[str]) -> None:
        """Throws away those files that were sent here, after the item is forgotten that they were the sources of."""
        folder = self._folder.resolve()
        for source in map(Path, sources):
            if folder in source.parents:
                shutil.rmtree(folder / source.relative_to(folder).parts[0], ignore_errors=True)

    def _waiting(self) -> int:
        return sum(not upload.is_complete for upload in self._uploads.values())

    def _forget_old(self) -> None:
        now = self._clock()
        for upload in [one for one in self._uploads.values() if now - one.touched > WHOLE_DAYS * 86_400]:
            if not upload.is_complete or upload.job is None:  # what was never added is the source of nothing
                self.drop(upload)
            del self._uploads[upload.id]


def _restored(mark: Path) -> Upload | None:
    """The upload whose state lies at `mark`; thrown away, and None, where the state or the file can not be used."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        state = json.loads(mark.read_bytes()[:MOST_STATE_BYTES])
        path = mark.parent / plain_path(str(state["path"]))
        received, size = int(state["received"]), int(state["size"])
        if state["version"] == 1 and 0 <= received <= size and path.stat().st_size >= received:
            os.truncate(path, received)  # what came after the last state is not known to be whole
            scope = Scope(
                tenant=str(state["tenant"]),
                principals=frozenset(map(str, state["principals"])),
                purpose=str(state["purpose"]),
            )
            return Upload(
                id=mark.parent.name,
                scope=scope,
                name=str(state["name"]),
                size=size,
                path=path,
                touched=mark.stat().st_mtime,
                received=received,
            )
    shutil.rmtree(mark.parent, ignore_errors=True)
    return None


def plain_path(name: str) -> PurePosixPath:
    """The name that was sent, with its folders, as one that stays where it is put.

    >>> str(plain_path("../a/./b\\\\..\\\\c.txt")), str(plain_path(".ssh/x")), str(plain_path("/"))
    ('a/b/c.txt', '_ssh/x', 'file')
    """
    parts = []
    for part in name.replace("\\", "/").split("/"):
        kept = "".join(letter for letter in part if letter.isprintable() and letter not in ':*?"<>|').strip()
        while len(kept.encode("utf-8", "replace")) > 200:
            kept = kept[1:]
        if kept.strip("."):
            parts.append("_" + kept[1:] if kept.startswith(".") else kept)
    return PurePosixPath(*parts[-MOST_FOLDERS:]) if parts else PurePosixPath("file")
