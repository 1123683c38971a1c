"""The whole way from pairs to an encoder's folder: curate, learn, compare, write."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.adapting import resume
from sensorium.adapting.card import card
from sensorium.adapting.curate import Curated, curate
from sensorium.adapting.curves import Ends, calibration_error, moved_curves
from sensorium.adapting.folder import Made, check_free, lineage_of, write
from sensorium.adapting.gate import Verdict, on_pairs, on_suite, refusal
from sensorium.adapting.learn import BOTH, Elsewhere, Epoch, Outcome, Pairs, Progress, Recipe, learn
from sensorium.adapting.losses import belonging
from sensorium.adapting.pairs import PairFile
from sensorium.adapting.pictures import Gallery
from sensorium.adapting.split import Parts, split
from sensorium.core.calibration import Calibration
from sensorium.core.contents import ReadRequest
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder, QueryBanks
from sensorium.core.settings import Settings
from sensorium.encoders.adapters import Adapter
from sensorium.encoders.layered import AdaptedEncoder
from sensorium.evaluation.encoding import Told
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.suites import read_suite
from sensorium.ingest.encode import Stopped

TRAIN_SCHEMA = "sensorium.training/1"
"""Name and version of the JSON of a `TrainReport`. New fields do not change the version."""

PARTS = {"learned": "learned from", "judged": "stopped by", "kept_out": "kept out"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainOptions:
    """What to make. out: the folder. base: the setting of the encoder that is adapted. protect: files of suites on
    which it must not be worse. force: write it all the same, and say so. without_doubtful: leave out pairs that are
    less alike than chance. settings: the library's.
    """

    out: Path
    base: str = "compact"
    recipe: Recipe = field(default_factory=Recipe)
    protect: tuple[Path, ...] = ()
    force: bool = False
    without_doubtful: bool = False
    settings: Settings = field(default_factory=Settings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watching:
    """How the work is watched. decoded: after each batch of pictures. learned: after each epoch, with the best one so
    far. stop: set it to end after the batch or the epoch at hand."""

    decoded: Told = lambda done, total: None
    learned: Callable[[Epoch, int], None] = lambda epoch, best: None
    stop: threading.Event = field(default_factory=threading.Event)

    def told(self, done: int, total: int) -> None:
        """After each batch of what is encoded. Raises Stopped."""
        self.decoded(done, total)
        if self.stop.is_set():
            raise Stopped


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainReport:
    """What came of it.

    parts: how many pairs each part has. best: the epoch that was taken, 0 for the base as it is. errors: expected
    calibration error of words that look for pictures on the pairs kept out, by the base and adapted; None where there
    are too few. refusal: why it was not promoted, "" where it was. folder: what was written, None for nothing.
    is_whole: False where it was stopped; the same call goes on.
    """

    curated: Curated
    recipe: Recipe
    parts: Mapping[str, int]
    curve: tuple[Epoch, ...]
    best: int
    verdicts: tuple[Verdict, ...] = ()
    errors: tuple[float, float] | None = None
    refusal: str = ""
    folder: Path | None = None
    is_whole: bool = True
    space: str = ""

    def as_json(self) -> dict[str, Any]:
        """The report in the schema `TRAIN_SCHEMA`."""
        return {
            "schema": TRAIN_SCHEMA,
            "curated": self.curated.as_json(),
            "recipe": _told(self.recipe),
            "parts": dict(self.parts),
            "curve": [_told(epoch) for epoch in self.curve],
            "best": self.best,
            "verdicts": [verdict.as_json() for verdict in self.verdicts],
            "calibration_error": None if self.errors is None else list(self.errors),
            "refusal": self.refusal,
            "folder": None if self.folder is None else str(self.folder),
            "space": self.space,
            "whole": self.is_whole,
        }


def train(file: PairFile, ports: EvaluationPorts, options: TrainOptions, watching: Watching) -> TrainReport:
    """Adapts the encoder of `ports` to these pairs, and writes it where nothing speaks against it.

    Where it is stopped while it learns, the same call goes on. Raises BadInput for pairs, suites or a folder that can
    not be used, WriteFailed, Stopped where it is stopped while it encodes.
    """
    check_free(options.out)
    base = ports.encoder
    if base.image_input is None or not {Modality.TEXT, Modality.IMAGE} <= base.modalities:
        raise BadInput("it takes no texts and pictures", subject=base.space.name, remedy="name another base")
    suites = [read_suite(path) for path in options.protect]
    curated = curate(file, _gallery(file, ports, options.settings), base, watching.told)
    if options.without_doubtful:
        curated = curated.without_doubtful()
    parts = split(curated.pairs, options.recipe.seed)
    outcome = _learned(curated.pairs, parts, base, options, watching)
    sizes = {name: len(getattr(parts, name)) for name in PARTS}
    report = TrainReport(
        curated=curated, recipe=options.recipe, parts=sizes, curve=outcome.curve, best=outcome.best, is_whole=False
    )
    if not outcome.is_whole:
        return report
    kept_out = curated.pairs.take(parts.kept_out)
    before, after = (_ends(kept_out, adapters) for adapters in ({}, outcome.adapters))
    verdicts = on_pairs(kept_out, before, after, both_ways=options.recipe.side == BOTH)
    for suite in suites:
        verdicts += on_suite(suite, ports, lambda encoder: _adapted(encoder, outcome, options), watching.told)
    curves = curves_of(base, curated.pairs, parts, outcome, options.recipe.side)
    report = replace(
        report,
        verdicts=tuple(verdicts),
        errors=_errors(base, curves, kept_out, before, after),
        refusal=refusal(verdicts),
        is_whole=True,
        space=_adapted(base, outcome, options).space.id,
    )
    if report.refusal and not options.force:
        return report
    report = replace(report, folder=options.out)
    write(options.out, _made(report, outcome, curves, parts, options), base)
    shutil.rmtree(_work(options.out), ignore_errors=True)
    return report


def _gallery(file: PairFile, ports: EvaluationPorts, settings: Settings) -> Gallery:
    wanted = ports.encoder.image_input
    request = ReadRequest(image_inputs=() if wanted is None else (wanted,), preview_side=0)
    return Gallery(
        folder=file.folder,
        reader=ports.reader,
        recognise=ports.recognise,
        request=request,
        largest=settings.file_bytes,
    )


def _learned(pairs: Pairs, parts: Parts, base: Encoder, options: TrainOptions, watching: Watching) -> Outcome:
    """Learns, or goes on where it was stopped; each epoch is kept."""
    learned, judged = pairs.take(parts.learned), pairs.take(parts.judged)
    elsewhere = elsewhere_of(base)
    path = _work(options.out) / "progress.npz"
    key = resume.lesson_key(learned, judged, options.recipe, elsewhere)

    def kept(progress: Progress) -> None:
        resume.save(path, key, progress)
        watching.learned(progress.curve[-1], progress.best_number)

    start = resume.load(path, key)
    return learn(
        learned, judged, options.recipe, elsewhere=elsewhere, start=start, kept=kept, is_over=watching.stop.is_set
    )


def elsewhere_of(base: Encoder) -> Elsewhere:
    """Questions of other domains: the banks that the base brings, of public data; none where it brings none."""
    if not isinstance(base, QueryBanks):
        return {}
    banks = {modality: base.query_bank(modality) for modality in (Modality.TEXT, Modality.IMAGE)}
    return {modality: bank.vectors for modality, bank in banks.items() if bank is not None}


def _ends(pairs: Pairs, adapters: Mapping[Modality, Adapter]) -> Ends:
    """Texts and pictures of pairs, adapted."""
    ends = {Modality.TEXT: pairs.texts, Modality.IMAGE: pairs.pictures}
    for modality, adapter in adapters.items():
        ends[modality] = adapter.apply(ends[modality]) if len(pairs) else ends[modality]
    return ends[Modality.TEXT], ends[Modality.IMAGE]


def _adapted(base: Encoder, outcome: Outcome, options: TrainOptions) -> AdaptedEncoder:
    return AdaptedEncoder(base, outcome.adapters, options.recipe.side, name=options.out.name)


def curves_of(base: Encoder, pairs: Pairs, parts: Parts, outcome: Outcome, side: str) -> dict[str, Calibration]:
    """The base's curves, moved: told by texts to stop by, against the pictures of all pairs that are not kept out."""
    if not outcome.best:
        return {}
    judged, seen = pairs.take(parts.judged), pairs.take(np.concatenate([parts.judged, parts.learned]))
    right = belonging((judged.text_of, judged.picture_of), (seen.text_of, seen.picture_of))
    before, after = ((_ends(judged, adapters)[0], _ends(seen, adapters)[1]) for adapters in ({}, outcome.adapters))
    return moved_curves(base, before, after, right, both_ways=side == BOTH)


def _errors(
    base: Encoder, curves: Mapping[str, Calibration], kept_out: Pairs, before: Ends, after: Ends
) -> tuple[float, float] | None:
    if len(kept_out) < FEWEST_FOR_ERROR:
        return None
    right = belonging((kept_out.text_of, kept_out.picture_of), (kept_out.text_of, kept_out.picture_of))
    old = base.calibration(Modality.TEXT, Modality.IMAGE)
    new = curves.get("text->image", old)
    return calibration_error(old, before, right), calibration_error(new, after, right)


FEWEST_FOR_ERROR = 20


def _made(
    report: TrainReport, outcome: Outcome, curves: Mapping[str, Calibration], parts: Parts, options: TrainOptions
) -> Made:
    curated = report.curated
    part_of = np.empty(len(curated.kept), dtype=object)
    for name, told in PARTS.items():
        part_of[getattr(parts, name)] = told
    lineage = [
        lineage_of(picture, pair.source, str(part))
        for picture, pair, part in zip(curated.hashes, curated.kept, part_of, strict=True)
    ]
    document = report.as_json()
    about = {name: document[name] for name in ("recipe", "parts", "best", "verdicts", "calibration_error", "refusal")}
    return Made(
        name=options.out.name,
        base=options.base,
        side=options.recipe.side,
        adapters=outcome.adapters,
        curves=curves,
        lineage=lineage,
        card=card(document, options.out.name, options.base),
        about=about | {"forced": bool(report.refusal)},
    )


def _work(out: Path) -> Path:
    """Where unfinished work is kept: beside what is made of it."""
    return out.with_name(f"{out.name}.unfinished")


def _told(record: Any) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(record)
