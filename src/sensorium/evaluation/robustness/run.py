"""How well captions still find their pictures when pictures or queries are damaged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from sensorium.core.contents import Pixels
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.spaces import Vectors
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.intervals import cluster_bootstrap
from sensorium.evaluation.measures import TIE
from sensorium.evaluation.nouns import PAINTED, spoken_of
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.robustness.corruptions import CORRUPTIONS, Corruption, corrupt
from sensorium.evaluation.robustness.noises import NOISES
from sensorium.evaluation.robustness.report import Curve, Negation, Point, RobustReport
from sensorium.evaluation.robustness.rewordings import REWORDINGS, Rewording, asked_with, asked_without, reword
from sensorium.evaluation.sampling import Sample, batches, decoded, draw_sample, encode, right_ranks
from sensorium.evaluation.seeds import seeded

SAMPLE = 200
"""Pictures by default: with all damages this encodes 36 times as many."""

SEVERITIES = (1, 2, 3, 4, 5)

NEGATION = "negation"

NAMES = (*CORRUPTIONS, *REWORDINGS, NEGATION, *NOISES)
"""All that can be chosen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RobustOptions:
    """only: names of `NAMES`, none for all. sample: most pictures, 0 for all of the split."""

    split: str = "dev"
    only: tuple[str, ...] = ()
    sample: int = SAMPLE

    def __post_init__(self) -> None:
        unknown = [name for name in self.only if name not in NAMES]
        if unknown:
            raise BadInput(f"{unknown[0]!r} is no damage", remedy=f"choose from: {', '.join(NAMES)}")

    def chosen(self, name: str) -> bool:
        """Whether this damage is asked for."""
        return not self.only or name in self.only


def evaluate_robust(
    folder: Path, options: RobustOptions, ports: EvaluationPorts, told: Told | None = None
) -> RobustReport:
    """Captions of one split against a gallery of its pictures, undamaged and under each damage and severity.

    folder: as for `evaluate_pairs`. Damaged pictures stand in a gallery of pictures that are damaged alike; damaged
    queries ask the undamaged gallery. Scores are exact inner products. told: called after each batch with how many
    contents of how many are encoded. Raises BadInput as `evaluate_pairs` does, and for a sample below 0.
    """
    start = time.perf_counter()
    sample = draw_sample(folder, options.split, options.sample, ports.encoder)
    corruptions = [corruption for corruption in CORRUPTIONS.values() if options.chosen(corruption.name)]
    rewordings = [rewording for rewording in REWORDINGS.values() if options.chosen(rewording.name)]
    rounds = [1 + len(SEVERITIES) * len(changes) for changes in (corruptions, rewordings)]
    counted = _Counted(rounds[0] * len(sample.pictures) + rounds[1] * len(sample.captions), told)
    galleries = _galleries(sample, corruptions, ports, counted)
    encoded = _Texts(ports.encoder, counted)
    queries = encoded(sample.captions)

    whole = galleries[None]
    described = sample.described
    clean = Point.of(0, 0.0, right_ranks(queries @ whole.T, described), described)

    def curve(damage: Corruption | Rewording, damaged: str, sides: Iterator[tuple[Vectors, Vectors]]) -> Curve:
        points = tuple(
            Point.of(level, amount, right_ranks(asked @ gallery.T, described), described)
            for level, amount, (asked, gallery) in zip(SEVERITIES, damage.amounts, sides, strict=True)
        )
        return Curve.of(damage.name, damaged, damage.unit, points, clean)

    curves = [curve(way, "pictures", ((queries, galleries[way.name, s]) for s in SEVERITIES)) for way in corruptions]
    curves += [
        curve(way, "queries", ((encoded(_reworded(sample, way, s)), whole) for s in SEVERITIES)) for way in rewordings
    ]
    negation = _negation(sample, whole, encoded.uncounted) if options.chosen(NEGATION) else None
    return RobustReport(
        split=options.split,
        space_id=ports.encoder.space.id,
        pictures=len(sample.pictures),
        questions=len(sample.captions),
        clean=clean,
        curves=tuple(curves),
        negation=negation,
        skipped=tuple(_skipped(options, negation, ports.encoder)),
        seconds=time.perf_counter() - start,
    )


# -- pictures --------------------------------------------------------------------------------------------------------

Damaged = tuple[str, int] | None
"""Name and severity of a corruption, or None for the pictures as they are."""


def _galleries(
    sample: Sample, corruptions: Sequence[Corruption], ports: EvaluationPorts, counted: _Counted
) -> dict[Damaged, Vectors]:
    """Vectors of all pictures under each damage. A batch is decoded once, and let go before the next one."""
    parts: dict[Damaged, list[Vectors]] = {}
    words = iter([_wrong_word(sample, picture) for picture in range(len(sample.pictures))])
    for batch in decoded(sample.pictures, ports):
        painted = [next(words) for _ in batch]
        for key, pixels in _versions(batch, painted, corruptions):
            parts.setdefault(key, []).append(encode(ports.encoder, Modality.IMAGE, pixels, "piece"))
            counted.add(len(pixels))
    return {key: np.concatenate(vectors) for key, vectors in parts.items()}


def _versions(
    batch: list[Pixels], words: Sequence[str], corruptions: Sequence[Corruption]
) -> Iterator[tuple[Damaged, list[Pixels]]]:
    yield None, batch
    for corruption in corruptions:
        for level in SEVERITIES:
            yield (
                (corruption.name, level),
                [corrupt(pixels, corruption, level, word) for pixels, word in zip(batch, words, strict=True)],
            )


def _wrong_word(sample: Sample, picture: int) -> str:
    """The name of a thing that no caption of the picture speaks of; the first one where they speak of all."""
    spoken = spoken_of(sample.captions_of(picture))
    wrong = [word for word in PAINTED if word not in spoken] or list(PAINTED)
    return wrong[
        seeded("wrong word", sample.pictures[picture].id.encode("utf-8", "surrogateescape")).integers(len(wrong))
    ]


# -- queries ---------------------------------------------------------------------------------------------------------


def _reworded(sample: Sample, rewording: Rewording, severity: int) -> list[str]:
    return [reword(caption, rewording, severity) for caption in sample.captions]


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts as questions, batch by batch."""

    encoder: Encoder
    counted: _Counted

    def __call__(self, texts: Sequence[str]) -> Vectors:
        parts = []
        for batch in batches(iter(texts)):
            parts.append(encode(self.encoder, Modality.TEXT, batch, "query"))
            self.counted.add(len(batch))
        return np.concatenate(parts)

    def uncounted(self, texts: Sequence[str]) -> Vectors:
        """Without telling: for the few of `_negation`."""
        return np.concatenate([encode(self.encoder, Modality.TEXT, batch, "query") for batch in batches(iter(texts))])


@dataclass(slots=True)
class _Counted:
    """Adds up what is done and passes it on."""

    total: int
    told: Told | None = field(repr=False)
    done: int = 0

    def add(self, count: int) -> None:
        """So many more are encoded."""
        self.done += count
        if self.told is not None:
            self.told(self.done, self.total)


# -- no --------------------------------------------------------------------------------------------------------------


def _negation(sample: Sample, gallery: Vectors, encoded: Callable[[Sequence[str]], Vectors]) -> Negation | None:
    """Each picture that shows a thing beside one that does not, by their captions; None where there is no such pair.

    A picture shows a thing when at least half of its captions speak of it, and does not when none of them does.
    """
    pairs = list(_pairs(sample))
    things = sorted({noun for noun, _, _ in pairs})
    if not pairs:
        return None
    rows = {noun: row for row, noun in enumerate(things)}
    noun, shown, absent = (np.array(column) for column in zip(*((rows[n], s, a) for n, s, a in pairs), strict=True))
    hits = {}
    for asked, sign in ((asked_without, 1.0), (asked_with, -1.0)):
        forms = len(asked(""))
        scores = encoded([text for thing in things for text in asked(thing)]) @ gallery.T
        scores = scores.reshape(len(things), forms, -1)
        difference = sign * (scores[noun, :, absent] - scores[noun, :, shown])
        hits[asked] = cluster_bootstrap((difference > TIE).astype(np.float64).ravel(), shown.repeat(forms))
    return Negation(pairs=len(pairs), things=len(things), accuracy=hits[asked_without], affirmed=hits[asked_with])


def _pairs(sample: Sample) -> Iterator[tuple[str, int, int]]:
    """A thing, a picture that shows it, and one that does not, chosen by the name of the first."""
    spoken = [spoken_of(sample.captions_of(picture)) for picture in range(len(sample.pictures))]
    for picture, counts in enumerate(spoken):
        for noun, count in counts.items():
            others = [other for other, said in enumerate(spoken) if noun not in said]
            if 2 * count >= len(sample.captions_of(picture)) and others:
                name = sample.pictures[picture].id.encode("utf-8", "surrogateescape")
                yield noun, picture, others[seeded(f"without {noun}", name).integers(len(others))]


def _skipped(options: RobustOptions, negation: Negation | None, encoder: Encoder) -> Iterator[str]:
    if options.chosen(NEGATION) and negation is None:
        yield "negation: no thing that this knows is in some pictures and not in others"
    sounds = [name for name in NOISES if options.chosen(name)]
    if sounds:
        why = "the data are pictures" if Modality.AUDIO in encoder.modalities else "this encoder takes no audio"
        yield f"{', '.join(sounds)}: {why}"
