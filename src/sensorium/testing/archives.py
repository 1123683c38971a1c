"""Small archives for tests, as people pack them and as nobody should."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Mapping


def tarred(files: Mapping[str, bytes], *entries: tarfile.TarInfo, form: int = tarfile.PAX_FORMAT) -> bytes:
    """A tar archive of these files, and of entries that have no content.

    >>> tarfile.open(fileobj=io.BytesIO(tarred({"a.txt": b"one"}))).getnames()
    ['a.txt']
    """
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w", format=form) as archive:
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        for entry in entries:
            archive.addfile(entry)
    return data.getvalue()
