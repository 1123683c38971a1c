"""Sources as the library names them: absolute paths, with a surrogate escape (PEP 383) for each byte that is no UTF-8.

What lies in an archive is named by the archive's path, `!/`, and its path within: "/photos/2024.zip!/dogs/a.jpg".
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path

from sensorium.core.receipts import CATALOGUE, WITHIN


def title_of(source: str) -> str:
    """The name of a file without its suffix, with a replacement character for each byte that is no UTF-8.

    >>> title_of("/photos/dog at the lake.jpg")
    'dog at the lake'
    """
    return shown(Path(source).stem)


def name_of(source: str) -> str:
    """The last part of a path.

    >>> name_of("/photos/dog.jpg")
    'dog.jpg'
    """
    return source.rpartition("/")[2]


def folder_of(source: str) -> str:
    """All but the last part of a path, without the slash between them.

    >>> folder_of("/photos/dog.jpg")
    '/photos'
    """
    return source.rpartition("/")[0]


def shown(name: str) -> str:
    """A name with a replacement character for each byte that is no UTF-8."""
    return os.fsencode(name).decode("utf-8", "replace")


def archive_of(source: str) -> str | None:
    """The archive that a source lies in, None for a file.

    A folder whose name ends in "!" is a folder; but no walk gives a path with `..` in it, as a refused member may.

    >>> archive_of("/no such folder/a.zip!/b.txt"), archive_of("/no such folder/b.txt")
    ('/no such folder/a.zip', None)
    """
    at = source.find(WITHIN)
    while at >= 0 and _is_plain(source[at + 2 :]) and os.path.lexists(source[: at + 1]):
        at = source.find(WITHIN, at + 1)
    return None if at < 0 else source[:at]


def _is_plain(path: str) -> bool:
    return not {"", ".", ".."} & set(path.split("/"))


def is_below(source: str, folders: Collection[str]) -> bool:
    """Whether the source is one of these paths or lies in one of them.

    >>> is_below("/photos/2024/a.jpg", {"/photos"}), is_below("/photos2/a.jpg", {"/photos"}), is_below("/a.jpg", {"/"})
    (True, False, True)
    """
    parents = (str(parent) for parent in Path(source).parents)
    return source in folders or any(parent in folders for parent in parents)


def is_gone(source: str) -> bool:
    """Whether no file is there any more. What can not be looked at, for want of rights or a disk error, is not gone.

    What lies in an archive is not gone while the archive is there, and a row of a catalogue is not gone: only who opens
    it can say more.

    >>> is_gone("/no such folder/a.jpg")
    True
    """
    if source.startswith(CATALOGUE):
        return False
    try:
        return stat.S_ISDIR(os.lstat(archive_of(source) or source).st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False


def looks_unmounted(root: str) -> bool:
    """Whether a folder is missing or holds nothing at all, as the mount point of an absent disk does.

    >>> looks_unmounted("/no such folder")
    True
    """
    try:
        with os.scandir(root) as entries:
            return next(entries, None) is None
    except NotADirectoryError:
        return False
    except OSError:
        return True
