"""How much pictures of one split are hubs to its captions, and what each correction gains and costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Vectors
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.hubness.hubs import (
    BETA,
    NEIGHBOURS,
    RULE,
    Counts,
    Scores,
    csls,
    dynamic_inverted_softmax,
    flagged,
    inverted_softmax,
    k_occurrences,
    share_never_found,
    skewness,
)
from sensorium.evaluation.intervals import Clusters, Interval, cluster_bootstrap
from sensorium.evaluation.measures import Ranks, success_at_k
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.reports import DIGITS, INTERVALS, TIES, as_triple
from sensorium.evaluation.sampling import Sample, batches, decoded, draw_sample, encode, right_ranks

HUBS_SCHEMA = "sensorium.hubs/1"
"""Name and version of the JSON of a `HubReport`. New fields do not change the version."""

SAMPLE = 1000
BANK = 1000
DEPTH = 10
SHOWN = 5

RECALLS = (1, 10)

AS_FOUND = "as found"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOptions:
    """split: is measured. bank_split: whose captions are the bank. sample, bank: most pictures of each, 0 for all.

    k: hubs are told by the first k. beta: of the inverted softmax. neighbours: of CSLS. Raises BadInput.
    """

    bank_split: str
    split: str = "dev"
    sample: int = SAMPLE
    bank: int = BANK
    k: int = DEPTH
    beta: float = BETA
    neighbours: int = NEIGHBOURS

    def __post_init__(self) -> None:
        if self.bank_split == self.split:
            raise BadInput(
                "the bank is the split that is measured",
                subject=self.split,
                remedy="name another split for the bank: a correction that has seen the questions proves nothing",
            )
        if not self.beta > 0 or self.neighbours < 1 or self.k < 1:
            raise BadInput(
                f"k is {self.k}, beta {self.beta:g}, neighbours {self.neighbours}", remedy="give numbers above 0"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrected:
    """One way to score. gained, lost: shares of the questions whose picture came to the first place, or left it."""

    name: str
    recall: dict[int, Interval]
    gained: float
    lost: float
    skewness: float
    never_found: float
    most_found: int
    flagged: int

    @classmethod
    def of(cls, name: str, ranks: Ranks, before: Ranks, described: Clusters, counts: Counts) -> Corrected:
        """ranks, before: int64 [questions], with and without the correction. counts: int64 [pictures]."""
        return cls(
            name=name,
            recall={k: cluster_bootstrap(success_at_k(ranks, k), described) for k in RECALLS},
            gained=float(np.mean((ranks == 1) & (before != 1))),
            lost=float(np.mean((ranks != 1) & (before == 1))),
            skewness=skewness(counts),
            never_found=share_never_found(counts),
            most_found=int(counts.max()),
            flagged=len(flagged(counts, len(ranks))),
        )

    def as_json(self) -> dict[str, Any]:
        """Recall as `recall@k`: mean, low, high."""
        return {
            "name": self.name,
            **{f"recall@{k}": as_triple(interval) for k, interval in self.recall.items()},
            "gained": round(self.gained, DIGITS),
            "lost": round(self.lost, DIGITS),
            "skewness": round(self.skewness, DIGITS),
            "never_found": round(self.never_found, DIGITS),
            "most_found": self.most_found,
            "flagged": self.flagged,
        }

    def __str__(self) -> str:
        recalls = "  ".join(str(self.recall[k]) for k in RECALLS)
        shares = "".join(f"{100 * share:8.1f}" for share in (self.gained, self.lost))
        hubs = f"{self.skewness:10.2f}{100 * self.never_found:8.1f}{self.most_found:8,}{self.flagged:9,}"
        return f"{self.name:26}{recalls}{shares}{hubs}"


@dataclass(frozen=True, slots=True, kw_only=True)
class HubReport:
    """Hubness before and after each correction. hubs: pictures that are found most, with for how many questions."""

    options: HubOptions
    space_id: str
    pictures: int
    questions: int
    bank_questions: int
    ways: tuple[Corrected, ...]
    hubs: tuple[tuple[str, int], ...]
    flagged: tuple[str, ...]
    seconds: float

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `HUBS_SCHEMA`."""
        return {
            "schema": HUBS_SCHEMA,
            "split": self.options.split,
            "space": self.space_id,
            "gallery": self.pictures,
            "questions": self.questions,
            "bank_split": self.options.bank_split,
            "bank_questions": self.bank_questions,
            "k": self.options.k,
            "beta": self.options.beta,
            "neighbours": self.options.neighbours,
            "ties": TIES,
            "intervals": INTERVALS,
            "rule": RULE,
            "corrections": [way.as_json() for way in self.ways],
            "hubs": [{"item": item, "count": count} for item, count in self.hubs],
            "flagged": list(self.flagged),
            "seconds": round(self.seconds, 1),
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        options, k = self.options, self.options.k
        yield f"Split {options.split}, space {self.space_id}, {self.seconds:.0f} s"
        yield f"text -> image: {self.questions:,} captions, gallery {self.pictures:,}"
        yield f"bank: {self.bank_questions:,} captions of the split {options.bank_split}"
        yield f"{'':26}{'R@1':20}  {'R@10':20}  gained    lost  skewness   never    most  flagged"
        yield from map(str, self.ways)
        yield "gained, lost: percent of the captions whose picture came to the first place, or left it"
        yield f"skewness, never, most: of how many captions have a picture among their first {k}; never in percent"
        yield f"most found: {', '.join(f'{item} ({count:,})' for item, count in self.hubs)}"
        yield f"flagged: {', '.join(self.flagged) or 'none'}"
        yield RULE
        yield f"beta {options.beta:g}, neighbours {options.neighbours}"
        yield f"ties: {TIES}"
        yield f"intervals: {INTERVALS}"


def evaluate_hubs(folder: Path, options: HubOptions, ports: EvaluationPorts, told: Told | None = None) -> HubReport:
    """Captions of one split against its pictures, as found and with each correction by a bank of other captions.

    folder: as for `evaluate_pairs`, with a table for each of the two splits. Scores are exact inner products. told:
    called after each batch. Raises BadInput as `evaluate_pairs` does, and when a picture is in both splits.
    """
    start = time.perf_counter()
    sample = draw_sample(folder, options.split, options.sample, ports.encoder)
    bank = draw_sample(folder, options.bank_split, options.bank, ports.encoder)
    _check_apart(folder, options, ports.encoder)
    total = len(sample.pictures) + len(sample.captions) + len(bank.captions)
    gallery, questions, others = _encoded(sample, bank, ports, lambda done: told(done, total) if told else None)
    options = replace(options, k=min(options.k, len(sample.pictures)))
    scores, against = questions @ gallery.T, others @ gallery.T
    before = right_ranks(scores, sample.described)
    ways = []
    for name, corrected in _corrections(scores, against, options):
        counts = k_occurrences(corrected, options.k)
        ways.append(Corrected.of(name, right_ranks(corrected, sample.described), before, sample.described, counts))
    plain = k_occurrences(scores, options.k)
    names = [picture.id for picture in sample.pictures]
    return HubReport(
        options=options,
        space_id=ports.encoder.space.id,
        pictures=len(names),
        questions=len(questions),
        bank_questions=len(others),
        ways=tuple(ways),
        hubs=tuple((names[item], int(plain[item])) for item in np.argsort(-plain, kind="stable")[:SHOWN]),
        flagged=tuple(names[item] for item in flagged(plain, len(questions))),
        seconds=time.perf_counter() - start,
    )


def _corrections(scores: Scores, bank: Scores, options: HubOptions) -> Iterator[tuple[str, Scores]]:
    yield AS_FOUND, scores
    yield "inverted softmax", inverted_softmax(scores, bank, options.beta)
    yield "CSLS", csls(scores, bank, options.neighbours)
    yield "query-bank normalisation", dynamic_inverted_softmax(scores, bank, options.beta)


def _check_apart(folder: Path, options: HubOptions, encoder: Encoder) -> None:
    """A caption of the same picture in the bank would be a question that is measured, in other words."""
    splits = (options.split, options.bank_split)
    measured, banked = ({entry.id for entry in draw_sample(folder, name, 0, encoder).pictures} for name in splits)
    if shared := sorted(measured & banked):
        raise BadInput(
            f"{len(shared):,} pictures are in both splits, {shared[0]} among them",
            subject=f"{options.split} and {options.bank_split}",
            remedy="take them out of the bank's table",
        )


def _encoded(
    sample: Sample, bank: Sample, ports: EvaluationPorts, told: Callable[[int], object]
) -> tuple[Vectors, Vectors, Vectors]:
    """Vectors of the pictures, of their captions, and of the bank's captions."""
    done = 0
    columns: tuple[list[Vectors], list[Vectors], list[Vectors]] = ([], [], [])
    for pixels in decoded(sample.pictures, ports):
        columns[0].append(encode(ports.encoder, Modality.IMAGE, pixels, "piece"))
        told(done := done + len(pixels))
    for column, captions in zip(columns[1:], (sample.captions, bank.captions), strict=True):
        for texts in batches(iter(captions)):
            column.append(encode(ports.encoder, Modality.TEXT, texts, "query"))
            told(done := done + len(texts))
    gallery, questions, others = map(np.concatenate, columns)
    return gallery, questions, others
