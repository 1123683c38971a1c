"""Chance that is the same on every machine and in every order: seeded by what it happens to, and by its name."""

from __future__ import annotations

import hashlib

import numpy as np


def seeded(name: str, content: bytes) -> np.random.Generator:
    """The source of chance of one change to one content.

    name: of the change. content: the bytes of what is changed, so that neither the order of the items nor the rest of
    the set matters. All severities of a change share it: a stronger one is the same accident, and worse.

    >>> a, b = seeded("blur", b"picture"), seeded("blur", b"picture")
    >>> float(a.random()) == float(b.random()) != float(seeded("crop", b"picture").random())
    True
    """
    digest = hashlib.sha256(name.encode() + b"\0" + content).digest()
    return np.random.default_rng(int.from_bytes(digest[:16]))
