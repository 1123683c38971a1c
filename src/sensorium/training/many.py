"""The tower of other languages: taught by an encoder's English tower and pictures, as they lie in its folder.

`python -m sensorium.training many` replaces `text_many.onnx`, its tokenizer and its golden vectors, and nothing else.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path

import numpy as np
import torch

from sensorium.encoders.compact import OTHERS
from sensorium.training import publish
from sensorium.training.distil import DistilData, Distilling, DistilRecipe, Lessons
from sensorium.training.features import digest_of
from sensorium.training.ground import GroundRecipe, ground
from sensorium.training.heads import Floats, Head, unit
from sensorium.training.languages import LANGUAGES, Captions, read_languages, read_parallel
from sensorium.training.late import LateData, LateRecipe, fit_late
from sensorium.training.pairs import Pairs, hold_out, read_pairs
from sensorium.training.pieces import PIECES, kept_pieces
from sensorium.training.readback import read_back
from sensorium.training.space import SpacePlan, TextHeads, planned_texts
from sensorium.training.stages import words_of
from sensorium.training.teacher import Teacher
from sensorium.training.tokens import first_windows
from sensorium.training.trunks import e5, minilm

log = logging.getLogger(__name__)

WRITTEN = {"en": 0.05, "de": 0.28, "fr": 0.0, "cs": 0.0}
"""How often captions written from pictures are shown, by their language."""
TRANSLATED = {"de": 0.07, "fr": 0.09, "cs": 0.09}
SENTENCES = {"de": 0.11, "fr": 0.13, "cs": 0.13}
"""Sentences that come without pictures."""
WORDS = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyRecipe:
    """Every choice. pieces: of the vocabulary. held_out: pictures of the training split kept for choosing.

    further: whether to go on from the layers that the folder's tower has learnt, or to begin with the published ones.
    """

    distil: DistilRecipe = field(default_factory=DistilRecipe)
    ground: GroundRecipe = field(default_factory=GroundRecipe)
    late: LateRecipe = field(default_factory=LateRecipe)
    plan: SpacePlan = field(default_factory=SpacePlan)
    pieces: int = PIECES
    held_out: int = 500
    seed: int = 0
    further: bool = False


@dataclass(frozen=True, slots=True)
class School:
    """All that is learnt from. sentences: each in all `LANGUAGES`; there may be none. words: English ones."""

    pairs: Pairs
    captions: Captions
    sentences: Sequence[Mapping[str, str]] = field(repr=False)
    words: Sequence[str] = field(repr=False)

    def texts(self) -> list[str]:
        """All sentences in all languages, for counting pieces."""
        captions = [self.captions.flat(language)[0] for language in LANGUAGES]
        return [*chain(*captions), *(sentence[name] for name in LANGUAGES for sentence in self.sentences)]


def read_school(places: Places, recipe: ManyRecipe) -> tuple[School, School]:
    """What is learnt from, and what is kept out for choices."""
    pairs = read_pairs(places.data, "train")
    captions = read_languages(places.data, tuple(path.name for path in pairs.pictures), pairs.captions, "train")
    kept, held = hold_out(len(pairs), recipe.held_out, recipe.seed)
    sentences = read_parallel(places.parallel) if places.parallel else ()
    words = minilm.known_words(minilm.load_trunk())
    return (
        School(pairs.take(kept), captions.take(kept), sentences, words),
        School(pairs.take(held), captions.take(held), (), ()),
    )


def prepared(school: School, teacher: Teacher, trunk: e5.Trunk) -> DistilData:
    """What the third stage is shown, and where the teacher puts it."""
    captions, owners = school.captions.flat("en")
    translated = [(number, one) for number, found in enumerate(school.captions.translations) for one in found]
    parts = {
        "captions": captions,
        "words": school.words,
        "translated": [one["en"] for _, one in translated],
        "sentences": [one["en"] for one in school.sentences],
    }
    vectors = np.vstack([teacher.texts(part) for part in parts.values() if len(part)])
    shared, private = teacher.blocks(vectors)
    starts = dict(zip(parts, np.cumsum([0, *map(len, parts.values())]).tolist(), strict=False))
    means = (_means(rows[: len(captions)], owners, len(school.pairs)) for rows in (shared, private))
    shared, private = (np.vstack([rows, mean]) for rows, mean in zip((shared, private), means, strict=True))
    rows = {**starts, "means": len(vectors)}
    lessons = list(_all_lessons(school, trunk, rows))
    lessons = [one for one in lessons if len(one.tokens) and one.share]
    whole = sum(one.share for one in lessons)
    pictures = teacher.picture_block(teacher.pictures(school.pairs.pictures)[0])
    return DistilData(
        lessons=[replace(one, share=one.share / whole) for one in lessons],
        shared=shared,
        private=private,
        pictures=pictures,
    )


def _all_lessons(school: School, trunk: e5.Trunk, first: Mapping[str, int]) -> Iterator[Lessons]:
    """What is shown. first: the first row of the targets of each part."""
    captions, owners = school.captions.flat("en")
    yield replace(_lessons(trunk, captions, range(len(captions)), WRITTEN["en"], owners), translated=False)
    for language in LANGUAGES[1:]:
        written, shown = _written(school.captions, language)
        yield _lessons(trunk, written, [first["means"] + one for one in shown], WRITTEN[language], shown)
    translated = [(number, one) for number, found in enumerate(school.captions.translations) for one in found]
    for language, share in TRANSLATED.items():
        texts, of = [one[language] for _, one in translated], [number for number, _ in translated]
        yield _lessons(trunk, texts, range(first["translated"], first["translated"] + len(texts)), share, of)
    for language, share in SENTENCES.items():
        texts = [one[language] for one in school.sentences]
        yield _lessons(trunk, texts, range(first["sentences"], first["sentences"] + len(texts)), share)
    yield _lessons(trunk, school.words, range(first["words"], first["words"] + len(school.words)), WORDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a run reads and writes. data: captioned pictures. work: keeps features and checkpoints; a run that was
    stopped goes on from there. out: the encoder's folder. parallel: a table of sentences in all `LANGUAGES`, or None.
    """

    data: Path
    work: Path
    out: Path
    parallel: Path | None = None


@dataclass(frozen=True, slots=True)
class Taught:
    """What the third stage made: the trunk, and what stands on it."""

    trunk: e5.Trunk
    heads: TextHeads

    def texts(self, texts: Sequence[str], plan: SpacePlan) -> Floats:
        """Unit vectors [n, plan.width] of each text's first window, in 32 bits."""
        rows = first_windows(self.trunk.tokenizer, texts)
        with torch.inference_mode():
            states = e5.mean_states(self.trunk.model, rows).numpy()
        return planned_texts(plan, self.heads.shared(states), self.heads.private(states))


def teach_many(places: Places, recipe: ManyRecipe) -> None:
    """Trains the tower of other languages, and puts it into the folder of the encoder that taught it."""
    school, _ = read_school(places, recipe)
    teacher = Teacher.of(places.out, recipe.plan, places.work)
    taught = teach(school, teacher, recipe)
    detailed = teacher.encoder.details is not None
    publish.publish_others(taught.trunk, taught.heads, recipe.plan, places.out, detailed=detailed)
    publish.rewrite_manifest(places.out)


def teach(school: School, teacher: Teacher, recipe: ManyRecipe) -> Taught:
    """The third stage, from the start or from where it got, and the projection of its words for a second look."""
    trunk = load_trunk(school, teacher.work, recipe)
    known = read_back(teacher.folder / f"{OTHERS}.onnx", trunk) if recipe.further else None
    heads = (known["shared"], known["private"]) if known else None
    run = Distilling(trunk, prepared(school, teacher, trunk), recipe.distil, heads)
    shared, private = run.run(checkpoint_of(school, teacher, "distil", recipe))
    if school.captions.flat(LANGUAGES[1])[0]:
        shared = ground(shared, run.captioned(recipe.ground.share), recipe.ground)
        log.info("the head is grounded")
    # Layers that stay as they are have their words where they were.
    late = known["late"] if known and not recipe.distil.steps else late_words(school, teacher, trunk, recipe)
    return Taught(trunk, TextHeads(shared, private, late))


def late_words(school: School, teacher: Teacher, trunk: e5.Trunk, recipe: ManyRecipe) -> Head:
    """The projection of words in other languages onto the places of the teacher's pictures."""

    def data() -> LateData:
        texts, owners = spoken(school.captions)
        rows = first_windows(trunk.tokenizer, texts)
        return LateData(
            words=words_of(e5.token_states, rows, trunk.model),
            cells=teacher.pictures(school.pairs.pictures)[1],
            owners=np.array(owners),
            groups=range(len(school.pairs)),
            projected=True,
        )

    form = teacher.encoder.details
    if form is None:  # nothing looks twice, so any projection will do
        return Head(np.zeros((recipe.late.width, e5.WIDTH), np.float32), np.zeros(recipe.late.width, np.float32))
    checkpoint = checkpoint_of(school, teacher, "late-many", recipe)
    return fit_late(data, replace(recipe.late, width=form.width), checkpoint).text


def spoken(captions: Captions) -> tuple[list[str], list[int]]:
    """All captions in other languages, or the English ones where there are no others."""
    found = [captions.flat(language) for language in LANGUAGES[1:]]
    texts, owners = [list(chain(*part)) for part in zip(*found, strict=True)]
    if texts:
        return texts, owners
    english, shown = captions.flat("en")
    return list(english), list(shown)


def checkpoint_of(school: School, teacher: Teacher, stage: str, recipe: ManyRecipe) -> Path:
    """Where a stage keeps how far it got. How long it is to run does not count: that may change on the way."""
    known = replace(recipe, distil=replace(recipe.distil, steps=0, save_every=0))
    parts = [repr(known), teacher.identity, *(path.name for path in school.pairs.pictures)]
    return teacher.work / f"{stage}-{digest_of(map(str.encode, parts))[:12]}.pt"


def load_trunk(school: School, work: Path, recipe: ManyRecipe) -> e5.Trunk:
    """The published trunk with the pieces that are kept."""
    published = e5.read_published()
    return e5.load_trunk(published, kept_pieces(published, school.texts(), work, recipe.pieces))


def _lessons(
    trunk: e5.Trunk, texts: Sequence[str], targets: Sequence[int], share: float, pictures: Sequence[int] = ()
) -> Lessons:
    tokens = first_windows(trunk.tokenizer, texts) if texts else []
    return Lessons(tokens=tokens, targets=targets, share=share, pictures=pictures)


def _written(captions: Captions, language: str) -> tuple[list[str], list[int]]:
    """Captions that were written from pictures, which are no translations, and for each the position of its picture."""
    translated = [{one[language] for one in found} for found in captions.translations]
    texts, owners = captions.flat(language)
    kept = [(text, owner) for text, owner in zip(texts, owners, strict=True) if text not in translated[owner]]
    return [text for text, _ in kept], [owner for _, owner in kept]


def _means(vectors: Floats, owners: Sequence[int], count: int) -> Floats:
    """The direction of the sum of each picture's rows."""
    sums = np.zeros((count, vectors.shape[1]), np.float32)
    np.add.at(sums, np.asarray(owners), vectors)
    return unit(sums)
