"""`get` and `check`: a model comes into the cache whole or not at all, and is what it was when it came.

Bytes go to `blobs/NAME.incomplete`, from where they left off the last time, and get their name once their hash is
right. Only when every file is there do they get their place in `snapshots/`, and the pin is written.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from sensorium.core.errors import BadSetting, ExtraMissing, FetchFailed, ModelDamaged, WriteFailed
from sensorium.models.cache import COMMIT, HubId, hub_cache, hub_id_of, snapshot
from sensorium.models.catalogue import find
from sensorium.models.choosing import layout_of, needed
from sensorium.models.hub import Hub, Listing, RemoteFile
from sensorium.models.pins import Pin, read_pins, write_pin

BLOCK = 1 << 20
TRIES = 20
"""How often one file is asked for where the line breaks, each time from where it broke."""
SPARE = 64 << 20
"""Bytes that are left free on the disk."""

Progress = Callable[[str, int, int], None]
"""Told the path of a file, the bytes that are there, and its size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What `get` did. files: all that the model needs. fetched: bytes that came over the network."""

    model: HubId
    folder: Path
    commit: str
    encoder: str
    files: int
    bytes: int
    fetched: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What `check` found. wrong: what is wrong with a file, by path; empty where all is well."""

    model: str
    folder: Path
    files: int
    wrong: Mapping[str, str]


def is_offline() -> bool:
    """Whether the environment forbids the network, by the hub's own variables.

    >>> is_offline() in (True, False)
    True
    """
    said = (os.environ.get(name, "") for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))
    return any(value.upper() in ("1", "ON", "YES", "TRUE") for value in said)


def get(
    model: str, *, variant: str = "", update: bool = False, hub: Hub | None = None, progress: Progress | None = None
) -> Fetched:
    """Fetches a model, or does nothing where it is here. model: a name in the table or "owner/name[@revision]".

    variant: of ONNX towers. update: takes what the revision means now; without it, a model that was fetched before
    stays at its commit. Raises FetchFailed, ModelDamaged where bytes are not what they should be, WriteFailed,
    BadSetting.
    """
    known = find(model)
    if known is not None and not known.repo:
        raise BadSetting("it is not fetched from the hub", subject=model, remedy=known.needs or "it is built in")
    hub_id = hub_id_of(model)
    pin = read_pins().get(str(hub_id))
    if pin is not None and variant in pin.variants and not update and _is_whole(hub_id, pin):
        return _here(hub_id, pin)
    if is_offline():
        missing = "nothing of it is here" if snapshot(hub_id) is None else "not all of it is here"
        raise FetchFailed(
            f"HF_HUB_OFFLINE forbids the network, and {missing}", subject=model, remedy="unset it, and run this again"
        )
    hub = hub or Hub()
    asked = replace(hub_id, revision=pin.commit) if pin is not None and not update else hub_id
    listing = hub.listing(asked)
    encoder = known.encoder if known is not None and known.encoder else layout_of(listing.files)
    files = needed(listing.files, encoder, variant)
    fetched = _Fetch(hub, hub_id, listing, progress or (lambda path, done, size: None)).all(files)
    digests = {file.path: _sha256(_blob(hub_id, file)) for file in files}
    _hold(hub_id, listing.commit, digests, pin, known.pins if known is not None else None)
    folder = _place(hub_id, listing.commit, files)
    write_pin(hub_id, _joined(pin, Pin(commit=listing.commit, encoder=encoder, variants=(variant,), files=digests)))
    return Fetched(
        model=hub_id,
        folder=folder,
        commit=listing.commit,
        encoder=encoder,
        files=len(files),
        bytes=sum(file.size for file in files),
        fetched=fetched,
    )


def check(model: str) -> Checked:
    """Reads every file of a model and compares it with what it was when it was fetched. No network.

    A model that something else brought is held against the names of its blobs. Raises ExtraMissing where it is not
    here.
    """
    hub_id = hub_id_of(model)
    folder, pin = snapshot(hub_id), read_pins().get(str(hub_id))
    if pin is not None and (folder is None or folder.name != pin.commit):
        folder = hub_cache() / hub_id.folder / "snapshots" / pin.commit
    if folder is None or not folder.is_dir():
        raise ExtraMissing("the model is not on this machine", subject=model, remedy=f"sensorium models get {model}")
    files = dict(pin.files) if pin is not None else dict.fromkeys(_names(folder), "")
    wrong = {name: why for name, digest in files.items() if (why := _wrong(folder / name, digest))}
    return Checked(model=str(hub_id), folder=folder, files=len(files), wrong=wrong)


class _Fetch:
    """Brings files into `blobs/`."""

    def __init__(self, hub: Hub, model: HubId, listing: Listing, progress: Progress) -> None:
        self._hub, self._model, self._listing, self._progress = hub, model, listing, progress

    def all(self, files: list[RemoteFile]) -> int:
        """Every one that is not there; returns how many bytes came."""
        blobs = _blobs(self._model)
        missing = [file for file in files if not (blobs / file.blob).is_file()]
        with _writing(str(self._model)):
            blobs.mkdir(parents=True, exist_ok=True)
            there = sum(_size(_incomplete(blobs, file)) for file in missing)
            wanted, free = sum(file.size for file in missing) - there, shutil.disk_usage(blobs).free
        if wanted > max(0, free - SPARE):
            raise WriteFailed(
                f"{wanted / 1e6:,.0f} MB are to be fetched, and {free / 1e6:,.0f} MB are free",
                subject=str(self._model),
                remedy="free some space, or let HF_HOME name another disk",
            )
        return sum(self._one(file, blobs) for file in missing)

    def _one(self, file: RemoteFile, blobs: Path) -> int:
        incomplete = _incomplete(blobs, file)
        with _writing(file.path), incomplete.open("ab") as target:
            _lock(target, self._model)
            came = self._resumed(file, target)
            target.flush()
            os.fsync(target.fileno())
            if not _is_right(incomplete, file):
                incomplete.unlink(missing_ok=True)
                raise ModelDamaged(
                    "what came over the network is not what the hub says it is",
                    subject=file.path,
                    remedy="it was thrown away; run the same command again, and if it stays, do not trust this server",
                )
            incomplete.replace(blobs / file.blob)
        return came

    def _resumed(self, file: RemoteFile, target: IO[bytes]) -> int:
        """Asks again from where the line broke, as long as something comes."""
        before = target.tell()
        for _ in range(TRIES):
            start = target.tell()
            if start >= file.size:
                break
            try:
                self._stream(file, target, start)
            except FetchFailed:
                if target.tell() <= start:
                    raise
        if target.tell() < file.size:
            raise _broken(file)
        return target.tell() - before

    def _stream(self, file: RemoteFile, target: IO[bytes], start: int) -> None:
        with self._hub.file(self._model, self._listing.commit, file.path, start) as (response, begins):
            if begins != start:  # the server knows no ranges
                target.seek(0)
                target.truncate()
            while data := response.read(BLOCK):
                target.write(data)
                if target.tell() > file.size:
                    raise ModelDamaged("it is longer than the hub says", subject=file.path, remedy="try again")
                self._progress(file.path, target.tell(), file.size)
        if target.tell() < file.size:
            raise _broken(file)


def _broken(file: RemoteFile) -> FetchFailed:
    return FetchFailed(
        "the line broke", subject=file.path, remedy="run the same command again: it goes on from where it broke"
    )


@contextmanager
def _writing(subject: str) -> Iterator[None]:
    """Failures of the disk as what they are."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        raise WriteFailed(
            "the disk is full" if full else f"the cache can not be written ({error.strerror})",
            subject=subject,
            remedy="free some space, or let HF_HOME name another disk; what was fetched is kept",
        ) from error


def _lock(target: IO[bytes], model: HubId) -> None:
    try:
        fcntl.flock(target, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise FetchFailed("another process is fetching it", subject=str(model), remedy="wait for that one") from None


def _is_right(path: Path, file: RemoteFile) -> bool:
    if file.sha256:
        return _sha256(path) == file.sha256
    data = path.read_bytes()
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == file.git


def _hold(
    model: HubId, commit: str, digests: Mapping[str, str], pin: Pin | None, told: Mapping[str, str] | None
) -> None:
    """Raises ModelDamaged where files are not those of the pin of the same commit, or not those of the table."""
    pinned = {**(pin.files if pin is not None and pin.commit == commit else {}), **(told or {})}
    other = sorted(path for path, digest in pinned.items() if digests.get(path, digest) != digest)
    if other:
        raise ModelDamaged(
            f"the hub gives other bytes than were pinned: {', '.join(other)}",
            subject=str(model),
            remedy="nothing was installed; do not trust this server",
        )


def _joined(before: Pin | None, now: Pin) -> Pin:
    """What was fetched of the same commit before stays pinned."""
    if before is None or before.commit != now.commit:
        return now
    variants = tuple(sorted({*before.variants, *now.variants}))
    return replace(now, variants=variants, files={**before.files, **now.files})


def _place(model: HubId, commit: str, files: list[RemoteFile]) -> Path:
    """Links in `snapshots/`, and what the revision means: the last things that are written."""
    folder = hub_cache() / model.folder / "snapshots" / commit
    with _writing(str(model)):
        for file in files:
            link = folder / file.path
            link.parent.mkdir(parents=True, exist_ok=True)
            goal = os.path.relpath(_blob(model, file), link.parent)
            if link.is_symlink() or link.exists():
                link.unlink()
            link.symlink_to(goal)
        if not COMMIT.fullmatch(model.revision):
            ref = hub_cache() / model.folder / "refs" / model.revision
            ref.parent.mkdir(parents=True, exist_ok=True)
            new = ref.with_name(f".{ref.name}.new")
            new.write_text(commit)
            new.replace(ref)
    return folder


def _is_whole(model: HubId, pin: Pin) -> bool:
    """Whether every file is there, and where `located` looks for it. Bytes are compared by `check`."""
    folder = snapshot(model)
    return folder is not None and folder.name == pin.commit and all((folder / name).is_file() for name in pin.files)


def _here(model: HubId, pin: Pin) -> Fetched:
    folder = hub_cache() / model.folder / "snapshots" / pin.commit
    size = sum((folder / name).stat().st_size for name in pin.files)
    return Fetched(
        model=model,
        folder=folder,
        commit=pin.commit,
        encoder=pin.encoder,
        files=len(pin.files),
        bytes=size,
        fetched=0,
    )


def _wrong(path: Path, digest: str) -> str:
    """What is wrong with a file, "" where nothing is. digest: sha256, or "" to go by the name of its blob."""
    if not path.is_file():
        return "it is missing"
    blob = path.resolve()
    if digest or len(blob.name) == 64:
        return "" if _sha256(path) == (digest or blob.name) else "it is not what was fetched"
    small = RemoteFile(path=path.name, size=0, sha256="", git=blob.name)
    return "" if blob.parent.name != "blobs" or _is_right(path, small) else "it is not what was fetched"


def _names(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir())


def _blobs(model: HubId) -> Path:
    return hub_cache() / model.folder / "blobs"


def _blob(model: HubId, file: RemoteFile) -> Path:
    return _blobs(model) / file.blob


def _incomplete(blobs: Path, file: RemoteFile) -> Path:
    return blobs / f"{file.blob}.incomplete"


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
