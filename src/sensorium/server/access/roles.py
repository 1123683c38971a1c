"""What a caller may do."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a caller may do; each may do what those before it may.

    reader: search, look, ask. contributor: add. curator: erase, see the library's health. admin: see the server's
    figures.
    """

    READER = "reader"
    CONTRIBUTOR = "contributor"
    CURATOR = "curator"
    ADMIN = "admin"

    def may(self, least: Role) -> bool:
        """Whether this role may do what `least` may.

        >>> Role.CURATOR.may(Role.READER), Role.READER.may(Role.CURATOR)
        (True, False)
        """
        order = list(Role)
        return order.index(self) >= order.index(least)
