"""Going over to another encoder: fill its space, compare the two, switch in one transaction, say what came of it."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from sensorium.core.promotion import Agreement, Compared
from sensorium.core.reembedding import ModelStore, Shortfall
from sensorium.core.scopes import Scope
from sensorium.core.spaces import Space
from sensorium.ingest.encode import Stopped
from sensorium.lifecycle.reembed import Behind, Reembedding

NOTHING_LEFT = Shortfall(found=0, lost=0, others_found=0, others_lost=0)

OTHERS = "not all that others keep here could be taken over; put their files back and run it again, or switch by force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What comparing the two encoders gave. note: why nothing was compared, where that is so."""

    compared: tuple[Compared, ...] = ()
    agreement: Agreement | None = None
    note: str = ""

    @property
    def refusal(self) -> str:
        """Why the judged queries speak against the switch; "" where they do not."""
        worse = [row for row in self.compared if row.decides and row.is_worse]
        if not worse:
            return ""
        told = "; ".join(
            f"{row.task}: {row.measure} {row.old[0]:.3f} -> {row.new[0]:.3f},"
            f" change [{row.change[1]:+.3f}, {row.change[2]:+.3f}]"
            for row in worse
        )
        return f"the new encoder answers the judged queries worse ({told})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How to go over to a space.

    space: the new one. setting: what makes its encoder. lock: the writer's; raises Stopped. persist: writes its index
    file, under the lock. compare: asks both encoders. share: most of what is found now that may be left behind. force:
    switch whatever was found. remember: the present space and what makes it, where the library was not told yet. clock:
    seconds.
    """

    scope: Scope
    store: ModelStore
    space: Space
    setting: str
    lock: Callable[[], AbstractContextManager[None]]
    persist: Callable[[], object]
    compare: Callable[[], Verdict]
    share: float
    force: bool = False
    remember: tuple[Space, str] | None = None
    clock: Callable[[], float] = time.perf_counter

    def begin(self) -> None:
        """Registers the space."""
        with self.lock():
            self.store.begin_space(self.space, self.setting)
            if self.remember is not None:
                self.store.begin_space(*self.remember)

    @property
    def is_active(self) -> bool:
        """Whether searches are by it, so that only what lacks a vector is made."""
        active = self.store.active_space()
        return active is not None and active.space == self.space

    def left(self, scope: Scope) -> Shortfall:
        """What a switch would leave behind now."""
        known = any(one.space == self.space for one in self.store.known_spaces())
        return self.store.shortfall(scope, self.space.id) if known else NOTHING_LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReembedReport:
    """What came of it, as far as the caller may see.

    old, new: ids of the spaces, old "" where there was none. pieces: made in this run. found, covered: pieces that are
    found by the old space, and those of them that the new one has too. behind: what could not be taken over from its
    file. switched: searches are by the new space now. refused: why they are not, "" where that was not asked for.
    interrupted: stopped before the end; the same call goes on. freed: bytes of the old space, where it was dropped.
    """

    old: str
    new: str
    pieces: int
    found: int
    covered: int
    behind: tuple[Behind, ...]
    verdict: Verdict
    switched: bool
    refused: str = ""
    interrupted: bool = False
    freed: int = 0
    notes: tuple[str, ...] = ()
    seconds: float = 0.0


def change(run: Reembedding, plan: Plan, *, old: str, notes: tuple[str, ...] = ()) -> ReembedReport:
    """Fills the space and switches to it where nothing speaks against that. What was filled is kept in any case.

    Searches go on in the old space until the one transaction that switches, and find everything in either.
    """
    begun = plan.clock()
    verdict, refused, interrupted, switched = Verdict(), "", False, False
    try:
        plan.begin()
        is_active = plan.is_active
        _fill(run)
        if not is_active:
            with plan.lock():
                plan.persist()
            verdict = plan.compare()
            refused = "" if plan.force else verdict.refusal
        if not refused:
            refused = _switch(run, plan)
            switched = not refused and not is_active
    except Stopped:
        interrupted = True
    left = run.shortfall if switched else plan.left(plan.scope)
    return ReembedReport(
        old=old,
        new=plan.space.id,
        pieces=run.done.pieces,
        found=left.found,
        covered=left.found - left.lost,
        behind=run.done.lines,
        verdict=verdict,
        switched=switched,
        refused=refused,
        interrupted=interrupted,
        notes=notes,
        seconds=plan.clock() - begun,
    )


def _fill(run: Reembedding) -> None:
    run.fill()
    while not run.is_nearly_full():
        run.fill()


def _switch(run: Reembedding, plan: Plan) -> str:
    """Catches up and switches under one hold of the writer's lock, so that nothing comes between; else why not."""
    while True:
        with plan.lock():
            if run.is_nearly_full():
                run.catch_up()
                run.shortfall = plan.left(plan.scope)
                refused = "" if plan.force or plan.is_active else _too_much(run.shortfall, plan.share)
                if not refused:
                    plan.persist()
                    plan.store.switch_space(plan.space.id)
                return refused
        _fill(run)


def _too_much(left: Shortfall, share: float) -> str:
    """Why what would be left behind forbids the switch. Of what the caller may not see no number is told."""
    if left.share > share:
        return (
            f"{left.lost:,} of {left.found:,} pieces that are found now have no vector in the new space, more than"
            f" {share:.2%}"
        )
    return OTHERS if left.others_share > share else ""
