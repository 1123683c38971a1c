"""Words and meaning together: ways to make one list of both, on judged questions about texts.

Every text piece is scored for every question: by the inner product of vectors, by BM25 as SQLite has it, and by the
share of the question that the product goes by. A way puts these together. What a way leaves open is chosen on one half
of the questions, told by a hash of their ids, and told on the other.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

import sensorium
from benchmarks.judged import codes, documents, films
from benchmarks.judged.libraries import fill
from benchmarks.judged.tables import figure_table
from sensorium import plugins
from sensorium.core.candidates import VisiblePiece
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter, Scope
from sensorium.core.spaces import Vectors
from sensorium.core.terms import terms
from sensorium.evaluation.intervals import Interval, Values, cluster_bootstrap
from sensorium.evaluation.measures import NOT_FOUND, reciprocal_rank, success_at_k
from sensorium.evaluation.moments import Moment, is_near
from sensorium.evaluation.pages import read_pages
from sensorium.evaluation.reports import cluster_numbers
from sensorium.evaluation.tables import read_rows
from sensorium.rerankers.words import WEIGHT, WordsByTheLetter
from sensorium.stores.sqlite import SqliteStore

Row = npt.NDArray[np.float64]
"""float64 [pieces]."""

SCOPE = Scope.local_owner()
TEXTS = Filter(modalities=frozenset({Modality.TEXT}))
RRF_K = 60
"""As Cormack, Clarke and Büttcher 2009, SIGIR, have it."""

LISTED = 100
"""Pieces of each list that reciprocal rank fusion sees, as many as the product looks at."""

WEIGHTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0)
RRF_WEIGHTS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
RRF_KS = (5, 10, 20, 60, 120)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What is known of every text for one question. bm25, share: 0 for a text without any of its words."""

    cosine: Row
    bm25: Row
    share: Row


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question. right: groups of pieces that answer it. cluster: questions of one rise and fall together."""

    id: str
    text: str
    right: Set[Hashable]
    cluster: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One judged set. groups: of each piece, what counts as one answer. scores: for each question."""

    name: str
    questions: tuple[Asked, ...]
    groups: tuple[Hashable, ...]
    scores: tuple[Scores, ...]

    def ranks(self, way: Way) -> npt.NDArray[np.int64]:
        """The rank of the first right group of each question, from 1; groups count once, where their first piece is."""
        return np.array(
            [
                _rank(way(scores), self.groups, asked.right)
                for scores, asked in zip(self.scores, self.questions, strict=True)
            ],
            np.int64,
        )


Way = Callable[[Scores], Row]
"""Scores of all pieces, the more the better."""


def measure(data: Path, work: Path) -> Iterator[str]:
    """Fills libraries in `work`, compares the ways, and gives lines of Markdown."""
    encoder: Encoder = plugins.load("sensorium.encoders", "compact").load(1)
    fields: list[Field] = []
    for make in (_documents, _films, _codes):
        field, said = make(data, work, encoder)
        fields.append(field)
        yield from said
    halves = {field.name: np.array([_is_chosen_on(asked.id) for asked in field.questions]) for field in fields}
    yield "Ways with nothing to choose, all questions; intervals by the bootstrap over documents, films and notes."
    for field in fields:
        everyone = np.ones(len(field.questions), bool)
        yield ""
        yield from figure_table(field.name, [_figures(field, name, way, everyone) for name, way in FIXED.items()])
    yield ""
    yield "What is open is chosen on one half by the mean of the sets' MRR; the other half:"
    chosen = {family: _best(ways, fields, halves) for family, ways in FAMILIES.items()}
    for field in fields:
        held = ~halves[field.name]
        rows = [_figures(field, f"{family}: {name}", FAMILIES[family][name], held) for family, name in chosen.items()]
        yield ""
        yield from figure_table(f"{field.name}, other half", [_figures(field, SHIPPED, FIXED[SHIPPED], held), *rows])
        yield ""
        yield from _against_shipped(field, held, [*list(FIXED.items())[:-1], *_named(chosen)])


def fused_by_rank(k: float, weight: float) -> Way:
    """Reciprocal rank fusion: the sum of `1 / (k + rank)` over both lists (Cormack et al. 2009). weight: of words.

    By hand: the second piece is second and first, the first one first and in one list alone.

    >>> scores = Scores(cosine=np.array([0.9, 0.8]), bm25=np.array([0.0, 3.0]), share=np.zeros(2))
    >>> fused_by_rank(60, 1.0)(scores).round(4).tolist()
    [0.0164, 0.0325]
    """

    def way(scores: Scores) -> Row:
        return _by_rank(scores.cosine, np.ones(len(scores.cosine), bool), k) + weight * _by_rank(
            scores.bm25, scores.bm25 > 0, k
        )

    return way


def added(weight: float) -> Way:
    """What the product does: the share of the question's words, times a weight, beside the inner product."""
    return lambda scores: scores.cosine + weight * scores.share


def mixed(weight: float) -> Way:
    """A convex combination of both, each scaled to 0..1 among the pieces (Bruch, Gai and Ingber 2023, TOIS 42(1))."""
    return lambda scores: (1 - weight) * _scaled(scores.cosine) + weight * _scaled(scores.bm25)


FORMER = 0.2
"""The weight that was shipped before; it was chosen on captions that look for captions."""

SHIPPED = f"inner product + {WEIGHT} x share of words (ships)"

FIXED: dict[str, Way] = {
    "vectors alone": lambda scores: scores.cosine,
    "words alone, BM25": lambda scores: scores.bm25 + 1e-6 * scores.cosine,
    "words alone, share": lambda scores: scores.share + 1e-6 * scores.cosine,
    f"reciprocal rank fusion, k = {RRF_K}": fused_by_rank(RRF_K, 1.0),
    "convex, scaled, 0.5": mixed(0.5),
    f"inner product + {FORMER} x share of words": added(FORMER),
    SHIPPED: added(WEIGHT),
}

FAMILIES: dict[str, dict[str, Way]] = {
    "inner product + w x share": {f"w = {weight}": added(weight) for weight in WEIGHTS},
    "convex, scaled": {f"w = {weight}": mixed(weight) for weight in WEIGHTS},
    "reciprocal rank fusion": {
        f"k = {k}, words x {weight}": fused_by_rank(k, weight) for k in RRF_KS for weight in RRF_WEIGHTS
    },
}


def _figures(
    field: Field, name: str, way: Way, asked: npt.NDArray[np.bool_]
) -> tuple[str, int, Mapping[str, Interval]]:
    ranks = field.ranks(way)[asked]
    clusters = _clusters(field, asked)
    values = {"R@1": success_at_k(ranks, 1), "R@5": success_at_k(ranks, 5), "MRR": reciprocal_rank(ranks)}
    return name, len(ranks), {measure: cluster_bootstrap(own, clusters) for measure, own in values.items()}


def _against_shipped(field: Field, asked: npt.NDArray[np.bool_], ways: Sequence[tuple[str, Way]]) -> Iterator[str]:
    """The difference in MRR to what ships, question by question."""
    shipped = _reciprocal(field, FIXED[SHIPPED])[asked]
    for name, way in ways:
        change = cluster_bootstrap(_reciprocal(field, way)[asked] - shipped, _clusters(field, asked))
        yield f"- {name}: MRR {change.mean:+.3f} [{change.low:+.3f}, {change.high:+.3f}] against what ships"


def _named(chosen: Mapping[str, str]) -> list[tuple[str, Way]]:
    return [(f"{family}, {name}", FAMILIES[family][name]) for family, name in chosen.items()]


def _reciprocal(field: Field, way: Way) -> Values:
    return reciprocal_rank(field.ranks(way))


def _clusters(field: Field, asked: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    chosen = [question.cluster for question, is_asked in zip(field.questions, asked, strict=True) if is_asked]
    return cluster_numbers(chosen)


def _best(ways: Mapping[str, Way], fields: Sequence[Field], halves: Mapping[str, npt.NDArray[np.bool_]]) -> str:
    """The way that is best on the half it is chosen on, each set counting as much as another."""

    def value(name: str) -> float:
        return float(np.mean([_reciprocal(field, ways[name])[halves[field.name]].mean() for field in fields]))

    return max(ways, key=value)


def _is_chosen_on(question: str) -> bool:
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 0


def _by_rank(scores: Row, listed: npt.NDArray[np.bool_], k: float) -> Row:
    order = np.lexsort((np.arange(len(scores)), -scores))
    made = np.zeros(len(scores))
    best = [piece for piece in order.tolist() if listed[piece]][:LISTED]
    made[best] = 1.0 / (k + 1 + np.arange(len(best)))
    return made


def _scaled(scores: Row) -> Row:
    spread = scores.max() - scores.min()
    return (scores - scores.min()) / spread if spread > 0 else np.zeros(len(scores))


def _rank(scores: Row, groups: Sequence[Hashable], right: Set[Hashable]) -> int:
    seen: set[Hashable] = set()
    for piece in np.lexsort((np.arange(len(scores)), -scores)).tolist():
        if groups[piece] in right:
            return len(seen) + 1
        seen.add(groups[piece])
    return NOT_FOUND


@dataclass(frozen=True, slots=True, kw_only=True)
class _Texts:
    """The text pieces of a library."""

    keys: tuple[int, ...]
    found: tuple[VisiblePiece, ...]
    vectors: Vectors
    folder: Path
    store: SqliteStore

    def scores(self, encoder: Encoder, text: str) -> Scores:
        query = Query(parts=(QueryPart(modality=Modality.TEXT, content=text),))
        vector = encoder.encode(Modality.TEXT, [text], "query")[0]
        held = WordsByTheLetter(SCOPE, self.store).rescore(query, Modality.TEXT, self.keys, [0.0] * len(self.keys))
        share = np.array(held) / WEIGHT if terms(text) else np.zeros(len(self.keys))
        return Scores(
            cosine=(self.vectors @ vector).astype(np.float64), bm25=self._bm25(text), share=share - share.min()
        )

    def _bm25(self, text: str) -> Row:
        """SQLite's own, over all texts: here nothing is hidden from anybody. More is better."""
        asked = " OR ".join('"' + word.replace('"', " ") + '"' for word in terms(text))
        places = {key: place for place, key in enumerate(self.keys)}
        made = np.zeros(len(self.keys))
        with closing(sqlite3.connect(f"file:{self.folder / 'store.sqlite3'}?mode=ro", uri=True)) as connection:
            rows = (
                connection.execute("SELECT rowid, bm25(words) FROM words WHERE words MATCH ?", (asked,))
                if asked
                else ()
            )
            for key, score in rows:
                if key in places:
                    made[places[key]] = -score
        return made


def _texts(folder: Path, store: SqliteStore, space_id: str) -> _Texts:
    keys = store.visible_keys(SCOPE, TEXTS, space_id).tolist()
    found, vectors = store.pieces(SCOPE, TEXTS, keys), store.vectors_of(space_id, keys)
    return _Texts(
        keys=tuple(keys),
        found=tuple(found[key] for key in keys),
        vectors=np.stack([vectors[key] for key in keys]),
        folder=folder,
        store=store,
    )


def _field(
    name: str,
    folder: Path,
    encoder: Encoder,
    group: Callable[[VisiblePiece], Hashable],
    questions: Callable[[Sequence[VisiblePiece]], Sequence[Asked]],
) -> Field:
    with SqliteStore.open(folder, create=False) as store:
        texts = _texts(folder, store, encoder.space.id)
        asked = tuple(questions(texts.found))
        return Field(
            name=name,
            questions=asked,
            groups=tuple(map(group, texts.found)),
            scores=tuple(texts.scores(encoder, question.text) for question in asked),
        )


def _documents(data: Path, work: Path, encoder: Encoder) -> tuple[Field, list[str]]:
    rows = list(read_rows(documents.TABLE, documents.COLUMNS))
    files = sorted({row.file("file", data / "documents") for row in rows})
    folder = work / "documents.library"
    said = _filled(folder, files)

    def page(found: VisiblePiece) -> Hashable:
        return Path(found.item.lineage.source).name, found.piece.place.page or 1

    def questions(pieces: Sequence[VisiblePiece]) -> list[Asked]:
        made = []
        for row in rows:
            pages = read_pages(row.filled("pages"))
            whole = {page(one) for one in pieces if Path(one.item.lineage.source).name == row["file"]}
            right = {(row["file"], number) for number in pages} or whole
            made.append(Asked(id=row["id"], text=row["question"], right=right, cluster=row["file"]))
        return made

    return _field("documents", folder, encoder, page, questions), said


def _films(data: Path, work: Path, encoder: Encoder) -> tuple[Field, list[str]]:
    built = films.build(data, work)
    folder = work / "films.library"
    said = _filled(folder, sorted(built.folder.glob("film*")))

    def moment(found: VisiblePiece) -> Moment:
        start, end = found.piece.place.seconds or (0.0, 0.0)
        return Moment(film=Path(found.item.lineage.source).name, start=start, end=end)

    def questions(pieces: Sequence[VisiblePiece]) -> list[Asked]:
        asked = []
        for query in built.queries:
            if query.text and query.kind in ("speech", "subtitle", "writing"):
                near = [one for one in pieces if any(is_near(moment(one), right) for right in query.right)]
                right = {one.piece.id for one in near}
                asked.append(Asked(id=query.id, text=query.text, right=right, cluster=query.right[0].film))
        return asked

    return _field("films, what is said and written", folder, encoder, lambda found: found.piece.id, questions), said


def _codes(data: Path, work: Path, encoder: Encoder) -> tuple[Field, list[str]]:
    made = codes.write(work / "codes")
    folder = work / "codes.library"
    said = _filled(folder, sorted((work / "codes").glob("*.txt")))

    def questions(pieces: Sequence[VisiblePiece]) -> list[Asked]:
        return [Asked(id=n.name, text=n.question, right={n.name}, cluster=n.name) for n in made if n.question]

    return _field("codes", folder, encoder, lambda found: Path(found.item.lineage.source).name, questions), said


def _filled(folder: Path, files: Sequence[Path]) -> list[str]:
    with sensorium.open(folder) as library:
        return list(fill(library, files))
