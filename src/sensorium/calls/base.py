"""What every group of calls stands on: the parts of an open library, and the checks that several calls share."""

from __future__ import annotations

from abc import ABC
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar, cast

from sensorium.core.errors import SpaceMismatch
from sensorium.core.scopes import Scope
from sensorium.core.settings import Settings
from sensorium.core.spaces import SpaceRole
from sensorium.machine import Machine

if TYPE_CHECKING:
    from sensorium.stores.sqlite import SqliteStore

Call = TypeVar("Call", bound=Callable[..., Any])

ATTEMPTS = 4
"""How often a call begins whose space is dropped under it, each time by another encoder."""


class Calls(ABC):
    """The parts of an open library. Made by nobody but `Library`."""

    path: Path
    scope: Scope
    settings: Settings
    _store: SqliteStore
    _machine: Machine

    @contextmanager
    def _lock(self) -> Iterator[None]:
        from sensorium.stores.lock import WriterLock

        with WriterLock(self.path, wait_seconds=self.settings.lock_wait_seconds):
            yield

    def _require_space(self, *, writing: bool = False) -> None:
        """Vectors of two spaces are never compared, so a library that another model filled would find nothing.

        writing: whether what follows adds something, which has to be found by all. Raises SpaceMismatch.
        """
        known = self._store.known_spaces()
        active = next((one for one in known if one.is_active), None)
        asked = self._machine.encoder.space
        kept = [one.space for one in known if one.is_active or (one.role is SpaceRole.SEARCHED and not writing)]
        if active is not None and asked not in kept:
            raise SpaceMismatch(
                f"it is searched by {active.space.id}, and the encoder is {asked.id}",
                subject=str(self.path),
                remedy="let the library name its encoder (unset SENSORIUM_ENCODER), or change the library's by"
                " `sensorium reembed --with NAME`",
            )

    def _of_this_moment(self) -> Self:
        """The same library, which keeps to one encoder whatever becomes of it: for one call."""
        machine = self._machine.of_this_moment()
        if machine is self._machine:
            return self
        here = copy(self)
        here._machine = machine
        return here

    def _is_kept(self) -> bool:
        """Whether the space that this one asks is still there, so that what it found was whole."""
        space = self._machine.encoder.space
        known = self._store.known_spaces()
        return not known or any(one.space == space for one in known)


def of_one_model(call: Call) -> Call:
    """Lets a call keep to one encoder from its start to its end, whatever becomes of the library meanwhile.

    A call whose space was dropped under it is made again, by the encoder of then.
    """

    @wraps(call)
    def kept(self: Calls, *arguments: Any, **named: Any) -> Any:
        for _ in range(ATTEMPTS):
            here = self._of_this_moment()
            try:
                answer = call(here, *arguments, **named)
            except SpaceMismatch:
                if here is self or self._machine.encoder is here._machine.encoder:
                    raise
                continue
            if here is self or here._is_kept():
                return answer
        return call(self, *arguments, **named)

    return cast(Call, kept)
