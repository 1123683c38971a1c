"""Arrangers that may fail: one that is late or raises is left out, and leaves the order that it was given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sensorium.core.budgets import Budget, OutOfTime
from sensorium.core.candidates import Ranked
from sensorium.core.ports import Arranger, ArrangerSource, Sender
from sensorium.core.queries import Query
from sensorium.core.scopes import Scope
from sensorium.core.trace import FAILED, LATE, LeftOut, Trace


@dataclass(slots=True)
class Careful:
    """Another arranger, for one search. Fits the port `Arranger`. inner: None for one that failed before it began.

    left_out: what is to be told of it, at most once. It is asked once: the first window of a list is put in order, and
    what lies deeper stands as it was found.
    """

    name: str
    inner: Arranger | None
    left_out: list[LeftOut] = field(default_factory=list)
    _asked: bool = False

    def arrange(self, query: Query, hits: Sequence[Ranked]) -> list[Ranked]:
        """What the other one says; the hits as they were, where that was late, failed or brought what was not there."""
        if self._asked or self.inner is None:
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

    def tell(self, trace: Trace) -> None:
        """Says what was left out, and what left the machine."""
        trace.leave_out(*self.left_out)
        if isinstance(self.inner, Sender):
            trace.departures.extend(self.inner.departures)


def carefully(sources: Sequence[ArrangerSource], scope: Scope, budget: Budget) -> list[Careful]:
    """The arrangers of one search, in the order of their names; those that have nothing to do are not among them."""
    found: list[Careful] = []
    for source in sorted(sources, key=lambda source: source.name):
        try:
            inner = source.arranger(scope, budget)
        except Exception as error:  # noqa: BLE001 - whatever a plugin raises, the search goes on
            left_out = LeftOut(name=source.name, why=FAILED, error=type(error).__name__)
            found.append(Careful(source.name, None, [left_out]))
        else:
            if inner is not None:
                found.append(Careful(source.name, inner))
    return found


@dataclass(slots=True)
class Arrangers:
    """The arrangers that are installed, loaded when a search first asks. milliseconds: for one search, 0 for no limit.

    load: raises BadSetting, ModelDamaged: what an owner set up wrongly is told, and not left out.
    """

    load: Callable[[], Sequence[ArrangerSource]]
    milliseconds: float
    _loaded: Sequence[ArrangerSource] | None = None

    def __call__(self, scope: Scope) -> list[Careful]:
        """Those for one search of one caller."""
        if self._loaded is None:
            self._loaded = self.load()
        return carefully(self._loaded, scope, Budget(seconds=self.milliseconds / 1_000))
