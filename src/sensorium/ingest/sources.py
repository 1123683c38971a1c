"""Paths as the library names them: absolute, with a surrogate escape (PEP 383) for each byte that is no UTF-8."""

from __future__ import annotations

import os
import stat
from collections.abc import Collection
from pathlib import Path


def title_of(source: str) -> str:
    """The name of a file without its suffix, with a replacement character for each byte that is no UTF-8.

    >>> title_of("/photos/dog at the lake.jpg")
    'dog at the lake'
    """
    return os.fsencode(Path(source).stem).decode("utf-8", "replace")


def is_below(source: str, folders: Collection[str]) -> bool:
    """Whether the source is one of these paths or lies in one of them.

    >>> is_below("/photos/2024/a.jpg", {"/photos"}), is_below("/photos2/a.jpg", {"/photos"}), is_below("/a.jpg", {"/"})
    (True, False, True)
    """
    parents = (str(parent) for parent in Path(source).parents)
    return source in folders or any(parent in folders for parent in parents)


def is_gone(source: str) -> bool:
    """Whether no file is there any more. What can not be looked at, for want of rights or a disk error, is not gone.

    >>> is_gone("/no such folder/a.jpg")
    True
    """
    try:
        return stat.S_ISDIR(os.lstat(source).st_mode)
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
