"""Who asks."""

from __future__ import annotations

from dataclasses import dataclass

from sensorium.core.scopes import Scope
from sensorium.server.access.roles import Role

LOCAL = "local"
"""The id of the person at this machine, where there are no keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. id: of the key, of what a token says, or `LOCAL`."""

    id: str
    role: Role
    scope: Scope
