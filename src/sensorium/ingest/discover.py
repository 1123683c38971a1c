"""Which files lie under the paths that a user names."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sensorium.core.errors import BadInput, Excluded, NotAFile, Refused, Unreadable

LIBRARY_MARK = "store.sqlite3"
"""A folder that holds a file of this name is a library: its own files are not media."""

SYSTEM_NAMES = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", "$recycle.bin", "system volume information", "__macosx", "lost+found"}
)
"""What operating systems leave beside files, in lower case. Names that begin with a dot are hidden anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """Where a walk starts. path: absolute. by_name: the user named it, so that its own name does not exclude it."""

    path: str
    by_name: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One entry of a walk: a regular file to look at, or the reason why it is not looked at.

    source: as `sources` says. sidecars: files of subtitles that belong to this film. members: of an archive, the
    sources that are looked at; None for all that is in it.
    """

    source: str
    refused: Refused | None = None
    sidecars: tuple[str, ...] = ()
    members: frozenset[str] | None = None


def named_roots(paths: Sequence[str | os.PathLike[str]]) -> tuple[Root, ...]:
    """The roots of a walk over files and folders as a user names them; links among them are followed.

    Raises BadInput, before anything is read, when a path is not there or is itself a library.

    >>> named_roots(["no such folder"])
    Traceback (most recent call last):
    ...
    sensorium.core.errors.BadInput: no such folder: it is not there; check the name, or connect the disk that it is on
    """
    if not paths:
        raise BadInput("no path was given", remedy="name at least one file or folder")
    resolved = dict.fromkeys(_resolved(os.fspath(path)) for path in paths)
    return tuple(Root(path=path) for path in resolved)


def walk(roots: Sequence[Root]) -> Iterator[Found]:
    """Every entry at or below the roots, sorted by name, each once, also where one root lies in another.

    Links are not followed, so that a walk ends and stays where it was sent. What is left out by rule (hidden, kept by
    the operating system, a library) is named with its reason, a folder by one line for all that is in it. A root that
    is gone has no entries.
    """
    named = frozenset(root.path for root in roots)
    for root in roots:
        if os.path.lexists(root.path):
            yield from _below(root, named)


def unreadable(error: OSError) -> Refused:
    """The refusal for what the operating system said.

    >>> print(unreadable(PermissionError(13, "Permission denied")))
    the system says: permission denied; let this user read it, then add it again
    """
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        return Unreadable("it was there a moment ago and is gone", remedy="add it again if it comes back")
    reason = (error.strerror or type(error).__name__).lower()
    return Unreadable(f"the system says: {reason}", remedy="let this user read it, then add it again")


def _resolved(path: str) -> str:
    try:
        resolved = Path(path).resolve(strict=True)
        is_library = (resolved / LIBRARY_MARK).is_file()
    except FileNotFoundError:
        remedy = "check the name, or connect the disk that it is on"
        raise BadInput("it is not there", subject=path, remedy=remedy) from None
    except (OSError, RuntimeError, ValueError) as error:  # a loop of links, no rights, a name with NUL
        raise BadInput(
            f"it can not be reached: {error}", subject=path, remedy="check the name and its rights"
        ) from None
    if is_library:
        raise BadInput("it is a library itself", subject=path, remedy="name the folder that your files are in")
    return str(resolved)


def _below(root: Root, named: frozenset[str]) -> Iterator[Found]:
    pending = [root.path]  # a stack of our own: folders may lie deeper than calls may
    while pending:
        path = pending.pop()
        try:
            mode = os.lstat(path).st_mode
            if path != root.path or not root.by_name:
                check_name(path)
            if stat.S_ISDIR(mode):
                pending.extend(_children(path, named))
            else:
                _check_regular(mode)
                yield Found(source=path)
        except OSError as error:
            yield Found(source=path, refused=unreadable(error))
        except Refused as refused:
            yield Found(source=path, refused=refused)


def _children(folder: str, named: frozenset[str]) -> list[str]:
    """The entries of a folder in descending order, without those that are roots themselves."""
    with os.scandir(folder) as entries:
        paths = {entry.name: entry.path for entry in entries}
    if LIBRARY_MARK in paths:
        raise Excluded("it is a library, whose own files are not media", remedy="nothing to do")
    return [paths[name] for name in sorted(paths, reverse=True) if paths[name] not in named]


def check_name(path: str) -> None:
    """Raises Excluded for what a walk leaves out by its name."""
    name = path.rpartition("/")[2]
    if name.startswith("."):
        raise Excluded("it is hidden", remedy="name it to add it")
    if name.lower() in SYSTEM_NAMES:
        raise Excluded("the operating system keeps it for itself", remedy="name it to add it")


def _check_regular(mode: int) -> None:
    if stat.S_ISLNK(mode):
        raise NotAFile("it is a symbolic link", remedy="add its target by name")
    if not stat.S_ISREG(mode):
        raise NotAFile("it is a device, a pipe or a socket", remedy="copy what it holds into a file")
