"""Trains adapters on vectors of pairs: seeded, stopped early, resumable, in bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np

from sensorium.adapting.hard import Negatives, batches
from sensorium.adapting.kinds import KINDS, Learned, forward, frozen, started
from sensorium.adapting.losses import Groups, belonging, multi_positive, staying
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.encoders.adapters import IDENTITY, Adapter, Array

FEWEST_PAIRS = 8
"""Pairs to learn from below which nothing is learned: the encoder stays what it is."""

QUERY, BOTH = "query", "both"
SIDES: Mapping[str, tuple[Modality, ...]] = {QUERY: (Modality.TEXT,), BOTH: (Modality.TEXT, Modality.IMAGE)}
"""What learns. query: questions in words alone, so that nothing that a library holds has to be encoded again."""

Elsewhere = Mapping[Modality, Vectors]
"""Questions of other domains by modality, float32 [n, width], which should stay where they are."""

NOWHERE: Elsewhere = MappingProxyType({})

MOST_JUDGED = 2_000
"""Pairs to stop by, and pictures that they are looked for among: bounds what an epoch costs besides learning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Pairs as vectors, row by row. text_of, picture_of: which distinct text and picture each pair has."""

    texts: Vectors = field(repr=False)
    pictures: Vectors = field(repr=False)
    text_of: Groups = field(repr=False)
    picture_of: Groups = field(repr=False)

    def __len__(self) -> int:
        return len(self.texts)

    def take(self, rows: Groups) -> Pairs:
        """Only these rows."""
        return Pairs(
            texts=self.texts[rows],
            pictures=self.pictures[rows],
            text_of=self.text_of[rows],
            picture_of=self.picture_of[rows],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How to learn; the defaults are those that `python -m benchmarks.adapting` chose, see docs/quality.md.

    kind: of `KINDS`. side: of `SIDES`. rate: of Adam. ridge: how dear it is to differ from the identity, by the sum of
    squares. stay: how dear it is to move questions of other domains. rank: width of what is between down and up.
    scale: inverse temperature. batch: pairs of one step. epochs: most of them. patience: epochs without a gain on the
    pairs to stop by after which it ends. seed: of everything that is drawn.
    """

    kind: str = "mlp"
    side: str = QUERY
    rate: float = 1e-3
    ridge: float = 3e-3
    stay: float = 100.0
    rank: int = 128
    scale: float = 20.0
    batch: int = 256
    epochs: int = 200
    patience: int = 15
    seed: int = 0

    def __post_init__(self) -> None:
        low = min(self.rank, self.batch - 1, self.epochs, self.patience)
        numbers = (self.rate, self.ridge, self.stay, self.scale)
        if self.kind not in KINDS or self.side not in SIDES or low < 1:
            raise BadInput(
                f"{self.kind} on the side {self.side} can not be learned",
                remedy=f"say one of {', '.join(KINDS)}, and one of {', '.join(SIDES)}",
            )
        if not all(np.isfinite(number) and number >= 0 for number in numbers) or not (self.rate and self.scale):
            raise BadInput("a number of the recipe is out of its range", remedy="give rates and weights from 0 on")


@dataclass(frozen=True, slots=True, kw_only=True)
class Epoch:
    """What came of one epoch: the loss on the pairs to learn from, and on those to stop by (before learning: epoch 0,
    which has learned nothing).

    found: the mean reciprocal rank of the pictures of the pairs to stop by, 0..1.
    """

    number: int
    learned: float | None
    judged: float
    found: float


@dataclass(slots=True, kw_only=True)
class Progress:
    """Where learning stands: all that it needs to go on as if it had not been stopped."""

    number: int
    learned: dict[Modality, Learned]
    first: dict[Modality, Learned]
    second: dict[Modality, Learned]
    best: dict[Modality, Learned]
    best_number: int
    steps: int
    random: np.random.Generator
    curve: list[Epoch]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What learning gave. best: the epoch whose adapters these are; 0 where none was better than the base."""

    adapters: Mapping[Modality, Adapter]
    curve: tuple[Epoch, ...]
    best: int
    is_whole: bool = True


Kept = Callable[[Progress], None]
"""Called after each epoch: to show how it gets on, and to keep it."""


def learn(  # noqa: PLR0913 - what to learn, how, and how to be watched
    pairs: Pairs,
    judged: Pairs,
    recipe: Recipe,
    *,
    elsewhere: Elsewhere = NOWHERE,
    start: Progress | None = None,
    kept: Kept = lambda progress: None,
    is_over: Callable[[], bool] = lambda: False,
) -> Outcome:
    """Adapters that bring texts and pictures of pairs together, those of the epoch that did best on `judged`.

    pairs: to learn from; fewer than `FEWEST_PAIRS` give the identity. judged: to stop by, none of them among `pairs`.
    elsewhere: of those modalities that learn; others do not matter. start: where an earlier call was stopped, by the
    same arguments. is_over: asked after each epoch; True ends it early.

    The same arguments give the same adapters, also when it was stopped and went on.
    """
    if len(pairs) < FEWEST_PAIRS or not len(judged):
        return Outcome(adapters={modality: Adapter(kind=IDENTITY) for modality in SIDES[recipe.side]}, curve=(), best=0)
    lesson = _Lesson(pairs, judged, recipe, elsewhere)
    progress = start or lesson.begin()
    while not lesson.is_done(progress):
        if progress.number and is_over():
            return _outcome(recipe, progress, is_whole=False)
        lesson.epoch(progress)
        kept(progress)
    return _outcome(recipe, progress)


def _outcome(recipe: Recipe, progress: Progress, *, is_whole: bool = True) -> Outcome:
    adapters = {modality: frozen(recipe.kind, arrays) for modality, arrays in progress.best.items()}
    curve = tuple(progress.curve)
    return Outcome(adapters=adapters, curve=curve, best=progress.best_number, is_whole=is_whole)


class _Lesson:
    """One call of `learn`: what does not change while it runs."""

    def __init__(self, pairs: Pairs, judged: Pairs, recipe: Recipe, elsewhere: Elsewhere) -> None:
        self._pairs, self._recipe = pairs, recipe
        self._elsewhere = {modality: elsewhere[modality] for modality in SIDES[recipe.side] if modality in elsewhere}
        self._judged = judged.take(np.arange(min(len(judged), MOST_JUDGED)))
        others = pairs.take(np.arange(min(len(pairs), MOST_JUDGED - len(self._judged))))
        self._gallery = _joined(self._judged, others)
        self._right = belonging(
            (self._judged.text_of, self._judged.picture_of), (self._gallery.text_of, self._gallery.picture_of)
        )
        self._negatives = Negatives(pairs.text_of, pairs.picture_of)

    def begin(self) -> Progress:
        """Adapters that change nothing, with how well that does."""
        recipe, width = self._recipe, self._pairs.texts.shape[1]
        random = np.random.default_rng(recipe.seed)
        learned = {modality: started(recipe.kind, width, recipe.rank, random) for modality in SIDES[recipe.side]}
        progress = Progress(
            number=0,
            learned=learned,
            first=_zeros(learned),
            second=_zeros(learned),
            best=_copied(learned),
            best_number=0,
            steps=0,
            random=random,
            curve=[],
        )
        progress.curve.append(self._looked_at(progress, learned=None))
        return progress

    def is_done(self, progress: Progress) -> bool:
        """Whether there is nothing more to gain, or no epoch left."""
        waited = progress.number - progress.best_number
        return progress.number >= self._recipe.epochs or waited >= self._recipe.patience

    def epoch(self, progress: Progress) -> None:
        """Each pair once, and a look at the pairs to stop by."""
        losses = []
        texts, pictures = (self._adapted(progress.learned, modality) for modality in (Modality.TEXT, Modality.IMAGE))
        for rows in batches(texts, pictures, self._negatives, self._recipe.batch, progress.random):
            losses.append(self._step(progress, rows))
        progress.number += 1
        looked = self._looked_at(progress, learned=float(np.mean(losses)))
        if looked.judged < progress.curve[progress.best_number].judged:
            progress.best, progress.best_number = _copied(progress.learned), progress.number
        progress.curve.append(looked)

    def _step(self, progress: Progress, rows: Groups) -> float:
        """One step of Adam (Kingma and Ba 2015) on the loss of some pairs, which is returned."""
        # As many as there are pairs: all of them in every step would cost more than learning does.
        elsewhere = {modality: _some(bank, len(rows), progress.random) for modality, bank in self._elsewhere.items()}
        loss, gradients = loss_and_gradients(progress.learned, self._pairs.take(rows), self._recipe, elsewhere)
        progress.steps += 1
        for modality, own in gradients.items():
            for name, gradient in own.items():
                _adam(progress, modality, name, gradient, self._recipe.rate)
        return loss

    def _adapted(self, learned: Mapping[Modality, Learned], modality: Modality) -> Array:
        rows = self._pairs.texts if modality is Modality.TEXT else self._pairs.pictures
        return adapted(self._recipe.kind, learned.get(modality), rows)

    def _looked_at(self, progress: Progress, learned: float | None) -> Epoch:
        kind = self._recipe.kind
        texts = adapted(kind, progress.learned.get(Modality.TEXT), self._judged.texts)
        pictures = adapted(kind, progress.learned.get(Modality.IMAGE), self._gallery.pictures)
        likeness = texts @ pictures.T
        own = likeness[:, : len(texts)]
        judged, _ = multi_positive(own, self._right[:, : len(texts)], self._recipe.scale)
        best = np.where(self._right, likeness, -np.inf).max(axis=1, keepdims=True)
        ranks = 1 + ((likeness >= best) & ~self._right).sum(axis=1)
        found = float(np.mean(1 / ranks))
        return Epoch(number=progress.number, learned=learned, judged=judged, found=found)


def loss_and_gradients(
    learned: Mapping[Modality, Learned], pairs: Pairs, recipe: Recipe, elsewhere: Elsewhere
) -> tuple[float, dict[Modality, Learned]]:
    """What is made small, of some pairs, and its gradient by every array that learns."""
    ways = {}
    units: dict[Modality, Array] = {Modality.TEXT: pairs.texts, Modality.IMAGE: pairs.pictures}
    for modality, arrays in learned.items():
        units[modality], ways[modality] = forward(recipe.kind, arrays, units[modality])
    right = belonging((pairs.text_of, pairs.picture_of), (pairs.text_of, pairs.picture_of))
    loss, gradient = multi_positive(units[Modality.TEXT] @ units[Modality.IMAGE].T, right, recipe.scale)
    of_units = {Modality.TEXT: gradient @ units[Modality.IMAGE], Modality.IMAGE: gradient.T @ units[Modality.TEXT]}
    gradients = {modality: back(of_units[modality]) for modality, back in ways.items()}
    for modality, arrays in learned.items():
        loss += recipe.ridge * sum(float((array**2).sum()) for array in arrays.values())
        for name, array in arrays.items():
            gradients[modality][name] = gradients[modality][name] + 2 * recipe.ridge * array
    for modality, rows in elsewhere.items():
        unit, back = forward(recipe.kind, learned[modality], rows)
        distance, gradient = staying(unit, rows)
        loss += recipe.stay * distance
        for name, own in back(recipe.stay * gradient).items():
            gradients[modality][name] = gradients[modality][name] + own
    return loss, gradients


def adapted(kind: str, arrays: Learned | None, rows: Vectors) -> Array:
    """Rows as an adapter that learns gives them; as they are where nothing learns."""
    return rows if arrays is None else forward(kind, arrays, rows)[0]


def _some(rows: Vectors, most: int, random: np.random.Generator) -> Vectors:
    """At most so many of these rows."""
    return rows if len(rows) <= most else rows[random.choice(len(rows), most, replace=False)]


def _adam(progress: Progress, modality: Modality, name: str, gradient: Array, rate: float) -> None:
    first, second = progress.first[modality], progress.second[modality]
    first[name] = 0.9 * first[name] + 0.1 * gradient
    second[name] = 0.999 * second[name] + 0.001 * gradient**2
    mean, square = first[name] / (1 - 0.9**progress.steps), second[name] / (1 - 0.999**progress.steps)
    array = progress.learned[modality][name]
    progress.learned[modality][name] = (array - rate * mean / (np.sqrt(square) + 1e-8)).astype(array.dtype)


def _joined(one: Pairs, other: Pairs) -> Pairs:
    return replace(
        one,
        texts=np.concatenate([one.texts, other.texts]),
        pictures=np.concatenate([one.pictures, other.pictures]),
        text_of=np.concatenate([one.text_of, other.text_of]),
        picture_of=np.concatenate([one.picture_of, other.picture_of]),
    )


def _zeros(learned: Mapping[Modality, Learned]) -> dict[Modality, Learned]:
    return {modality: {name: np.zeros_like(array) for name, array in own.items()} for modality, own in learned.items()}


def _copied(learned: Mapping[Modality, Learned]) -> dict[Modality, Learned]:
    return {modality: {name: array.copy() for name, array in own.items()} for modality, own in learned.items()}
