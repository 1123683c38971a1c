"""Arrangers that may fail: one that is late or raises is left out, and leaves the order that it was given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sensorium.core.budgets import OutOfTime
from sensorium.core.candidates import Ranked
from sensorium.core.ports import Arranger
from sensorium.core.queries import Query
from sensorium.core.trace import FAILED, LATE, LeftOut


@dataclass(slots=True)
class Careful:
    """Another arranger, for one search. Fits the port `Arranger`. left_out: what is to be told of it, at most once.

    It is asked once: the first window of a list is put in order, and what lies deeper stands as it was found.
    """

    inner: Arranger
    left_out: list[LeftOut] = field(default_factory=list)
    _asked: bool = False

    @property
    def name(self) -> str:
        """That of the other one."""
        return self.inner.name

    def arrange(self, query: Query, hits: Sequence[Ranked]) -> list[Ranked]:
        """What the other one says; the hits as they were, where that was late, failed or brought what was not there."""
        if self._asked:
            return list(hits)
        self._asked = True
        try:
            arranged = list(self.inner.arrange(query, hits))
            keys = [hit.found.key for hit in arranged]
            if len(set(keys)) < len(keys) or not {hit.found.key for hit in hits}.issuperset(keys):
                raise ValueError("a hit came back twice, or was never there")
        except OutOfTime:
            self.left_out.append(LeftOut(name=self.name, why=LATE))
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises, the search goes on
            self.left_out.append(LeftOut(name=self.name, why=FAILED, error=type(error).__name__))
        else:
            return arranged
        return list(hits)
