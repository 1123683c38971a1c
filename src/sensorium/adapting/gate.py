"""The gate: an adapted encoder is promoted unless it is surely worse than its base on something protected."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sensorium.adapting.learn import Pairs
from sensorium.adapting.losses import belonging
from sensorium.core.calibration import Calibration
from sensorium.core.contents import Content, Role
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Vectors
from sensorium.encoders.adapters import Array
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.intervals import Interval, Values, cluster_bootstrap
from sensorium.evaluation.measures import Ranks, reciprocal_rank, success_at_k
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.reports import DIGITS, as_triple, cluster_numbers
from sensorium.evaluation.suite_run import rankings_of
from sensorium.evaluation.tasks import Suite

KEPT_OUT = "pairs kept out"
"""What the suite of one's own pairs is called."""

DECISIVE = "RR"
"""The one measure that a promotion is refused by: several would each be below zero by luck now and then."""

KS = (1, 5, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Base and adapted encoder on one task. a, b: means and intervals by measure. change: b - a, by measure."""

    suite: str
    task: str
    queries: int
    a: dict[str, Interval]
    b: dict[str, Interval]
    change: dict[str, Interval]

    @property
    def is_worse(self) -> bool:
        """Whether the whole interval of the difference lies below zero."""
        return self.change[DECISIVE].high < 0

    def as_json(self) -> dict[str, Any]:
        """Each measure as base, adapted and difference, with intervals."""
        return {
            "suite": self.suite,
            "task": self.task,
            "queries": self.queries,
            "worse": self.is_worse,
            "figures": {
                name: {"base": as_triple(self.a[name]), "adapted": as_triple(self.b[name]), "change": as_triple(change)}
                for name, change in self.change.items()
            },
        }

    def __str__(self) -> str:
        change = self.change[DECISIVE]
        told = f"{self.a[DECISIVE].mean:.3f} -> {self.b[DECISIVE].mean:.3f}"
        interval = f"{change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}]"
        return f"{self.suite}, {self.task}: {DECISIVE} {told}, {interval}, {self.queries:,} queries"


def refusal(verdicts: Sequence[Verdict]) -> str:
    """Why an encoder is not promoted; "" where nothing speaks against it."""
    return "; ".join(f"it is worse on {verdict}" for verdict in verdicts if verdict.is_worse)


def on_pairs(
    kept_out: Pairs, before: tuple[Array, Array], after: tuple[Array, Array], *, both_ways: bool = True
) -> list[Verdict]:
    """Texts find their pictures, and pictures their texts, among pairs that nothing was learned from.

    before, after: texts and pictures of these pairs, by the base and adapted. both_ways: False where questions in words
    alone are adapted: then pictures that ask for texts find what they found. None where there are no pairs.
    """
    if not len(kept_out):
        return []
    sides = kept_out.text_of, kept_out.picture_of
    right = belonging(sides, sides)
    verdicts = []
    ways = (("text -> image", sides[1], False), ("image -> text", sides[0], True))
    for task, clusters, turned in ways if both_ways else ways[:1]:
        both = [_ranks(ends[::-1] if turned else ends, right.T if turned else right) for ends in (before, after)]
        verdicts.append(_verdict(KEPT_OUT, task, both[0], both[1], clusters))
    return verdicts


def on_suite(
    suite: Suite, ports: EvaluationPorts, adapted: Callable[[Encoder], Encoder], told: Told | None = None
) -> list[Verdict]:
    """Every task of a suite, asked of the base and of what is made of it. ports: with the base.

    Contents are encoded by the base once: what is asked of it again is remembered. Raises BadInput.
    """
    remembered = Remembering(ports.encoder)
    both = [
        dict(rankings_of(suite, replace(ports, encoder=encoder), told)) for encoder in (remembered, adapted(remembered))
    ]
    return [
        _verdict(
            suite.name,
            task.name,
            both[0][task.name].judged.first,
            both[1][task.name].judged.first,
            cluster_numbers(task.clusters),
        )
        for task in suite.tasks
    ]


class Remembering:
    """An encoder in front of another, which it asks for each content once. Fits `Encoder`; for one suite."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self.space, self.modalities, self.image_input = encoder.space, encoder.modalities, encoder.image_input
        self.audio_input = getattr(encoder, "audio_input", None)
        self._known: dict[bytes, Vectors] = {}

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """What the encoder gives."""
        names = [_named(modality, content, role) for content in contents]
        new = {name: content for name, content in zip(names, contents, strict=True) if name not in self._known}
        if new:
            self._known |= zip(new, self._encoder.encode(modality, list(new.values()), role), strict=True)
        rows = [self._known[name] for name in names]
        return np.stack(rows) if rows else np.empty((0, self.space.width), np.float32)

    def verify(self) -> None:
        """The encoder's."""
        self._encoder.verify()

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """The encoder's."""
        return self._encoder.calibration(asked, found)


def _named(modality: Modality, content: Content, role: Role) -> bytes:
    data = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content.tobytes()
    return hashlib.sha256(f"{modality} {role}\0".encode() + data).digest()


def _verdict(suite: str, task: str, a: Ranks, b: Ranks, clusters: Values | Ranks) -> Verdict:
    values = [
        {f"Success@{k}": success_at_k(ranks, k) for k in KS} | {DECISIVE: reciprocal_rank(ranks)} for ranks in (a, b)
    ]
    numbers = np.unique(clusters, return_inverse=True)[1].astype(np.int64)
    own, theirs = ({name: cluster_bootstrap(value, numbers) for name, value in each.items()} for each in values)
    change = {name: cluster_bootstrap(values[1][name] - values[0][name], numbers) for name in own}
    return Verdict(suite=suite, task=task, queries=len(a), a=own, b=theirs, change=change)


def _ranks(ends: tuple[Array, Array], right: Any) -> Ranks:
    """The rank of each question's first right answer, from 1; what scores as high stands before it."""
    likeness = np.round(ends[0] @ ends[1].T, DIGITS)
    best = np.where(right, likeness, -np.inf).max(axis=1, keepdims=True)
    return np.asarray(1 + ((likeness >= best) & ~right).sum(axis=1), dtype=np.int64)
