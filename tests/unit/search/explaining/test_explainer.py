"""Why a hit is a hit: numbers that give the score again, regions and words where they are, nothing that is hidden."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.calibration import Calibration, logistic
from sensorium.core.contents import Addition, Pixels
from sensorium.core.explanations import Explanation
from sensorium.core.items import Aspect, Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.queries import Query, QueryPart
from sensorium.core.results import Hit, RuleApplied
from sensorium.core.scopes import Filter, Scope
from sensorium.indexes.faiss import FaissFactory
from sensorium.indexes.freshness import IndexFolder
from sensorium.rerankers.late import LateInteraction
from sensorium.rerankers.words import WordsByTheLetter
from sensorium.search.arranging.placing import BROUGHT
from sensorium.search.closer import LookChoice
from sensorium.search.explaining.explainer import Explainer
from sensorium.search.searcher import Searcher, SearchPorts
from sensorium.stores.sqlite import SqliteStore
from sensorium.testing.encoders import DetailedHashEncoder

READER = Producer(name="reader.test", version="1")
OWNER = Scope.local_owner()
STRANGER = Scope(tenant="local", principals=frozenset({"stranger"}))


class Curves(DetailedHashEncoder):
    """Has curves for the looks at texts too, and knows among how many pieces they were fitted."""

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        return replace(super().calibration(asked, found), gallery=10, cut=0.2)

    def calibration_after(self, asked: Modality, found: Modality, looks: tuple[str, ...]) -> Calibration | None:
        return replace(self.calibration(asked, found), bias=-1.0) if looks in (("late",), ("words",)) else None


ENCODER = Curves()


class World:
    """A library in a folder, and what asks it."""

    def __init__(self, store: SqliteStore, folder: Path) -> None:
        self.store = store
        self.explainer = Explainer(store=store, encoders=(ENCODER,), rerankers=self._looks)
        indexes = IndexFolder(store, FaissFactory(), folder / "indexes")
        ports = SearchPorts(
            items=store, indexes=indexes, encoders=(ENCODER,), rerankers=self._looks, vectors=store.vectors_of
        )
        self.searcher = Searcher(ports, LookChoice(rerank=True))
        self._number = 0

    def _looks(self, scope: Scope) -> Sequence[LateInteraction | WordsByTheLetter]:
        return LateInteraction(scope, ENCODER, self.store), WordsByTheLetter(scope, self.store)

    def add(self, *pieces: Piece, contents: Sequence[str | Pixels], owner: str = "owner") -> str:
        """An item whose pieces have the vectors of these contents. Returns its id."""
        self._number += 1
        name = f"it_{self._number}"
        lineage = Lineage(source=f"/{name}", content_hash=name, size=1, modified_at=0.0, added_at=0.0, reader=READER)
        kinds = {Modality.TEXT: "text/plain", Modality.IMAGE: "image/png"}
        item = Item(
            id=name,
            tenant="local",
            modality=pieces[0].modality,
            media_type=kinds[pieces[0].modality],
            title=name,
            rights=Rights(readers=frozenset({owner})),
            lineage=lineage,
        )
        own = tuple(replace(piece, item_id=name, ordinal=n) for n, piece in enumerate(pieces))
        vectors = [
            ENCODER.encode(piece.modality, [each], "piece")[0] for piece, each in zip(own, contents, strict=True)
        ]
        scope = Scope(tenant="local", principals=frozenset({owner}))
        addition = Addition(
            item=item,
            pieces=own,
            previews={},
            vectors={ENCODER.space.id: np.stack(vectors)},
            covered={ENCODER.space.id: tuple(range(len(own)))},
            details={ENCODER.space.id: _details(own, contents)},
        )
        self.store.commit(scope, additions=[addition])
        return name

    def explained(self, query: Query, scope: Scope = OWNER) -> list[tuple[Hit, Explanation]]:
        """The hits of a question with their explanations."""
        hits = self.explainer.explained(scope, query, self.searcher.search(scope, query).hits)
        return [(hit, hit.explanation) for hit in hits if hit.explanation is not None]


def _details(pieces: Sequence[Piece], contents: Sequence[str | Pixels]) -> dict[int, bytes]:
    form = ENCODER.details
    assert form is not None
    made = {}
    for piece, content in zip(pieces, contents, strict=True):
        if piece.modality is Modality.IMAGE and piece.aspect is not Aspect.SHOT:
            _, details = ENCODER.encode_detailed(Modality.IMAGE, [content], "piece")
            assert details is not None
            made[piece.ordinal] = form.pack(details[0])
    return made


def text(words: str) -> Piece:
    return Piece(item_id="", ordinal=0, modality=Modality.TEXT, place=Place(), producer=READER, text=words)


def picture(**more: object) -> Piece:
    made = Piece(item_id="", ordinal=0, modality=Modality.IMAGE, place=Place(), producer=READER)
    return replace(made, **more)  # type: ignore[arg-type]


def pixels(upper: tuple[int, int, int], lower: tuple[int, int, int]) -> Pixels:
    made = np.full((8, 8, 3), upper, np.uint8)
    made[4:] = lower
    return made


RED, GREEN, BLUE = (200, 10, 10), (10, 200, 10), (10, 10, 200)


def asking(*parts: QueryPart | str, **more: object) -> Query:
    made = [part if isinstance(part, QueryPart) else QueryPart(modality=Modality.TEXT, content=part) for part in parts]
    return Query(parts=tuple(made), per_item=0, **more)  # type: ignore[arg-type]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with SqliteStore.open(tmp_path / "library", create=True) as store:
        store.add_space(ENCODER.space)
        yield World(store, tmp_path)


@pytest.mark.parametrize("rerank", [True, False])
@pytest.mark.parametrize("unwanted", [False, True])
def test_curve_and_shift_are_the_log_odds_and_the_log_odds_the_score(
    world: World, rerank: bool, unwanted: bool
) -> None:
    for colour in (RED, GREEN, BLUE):
        world.add(picture(), contents=[pixels(colour, BLUE)])
        world.add(text("a red fox"), contents=["a red fox"])
    away = [QueryPart(modality=Modality.TEXT, content="green", weight=-0.5)] if unwanted else []
    told = world.explained(asking("red fox", *away, rerank=rerank and not unwanted))
    assert len(told) == 6
    for hit, explanation in told:
        numbers = explanation.numbers
        assert numbers["score"] == hit.score
        assert numbers["curve"] + numbers["shift by size"] == pytest.approx(numbers["log odds"], abs=1e-6)
        assert logistic(numbers["log odds"]) == pytest.approx(hit.score, abs=1e-9)
        assert hit.matches == (numbers["log odds"] >= numbers["least log odds"])


def test_the_parts_of_a_question_have_weight_share_and_their_own_product(world: World) -> None:
    world.add(text("red fox"), contents=["red fox"])
    green = QueryPart(modality=Modality.TEXT, content="green", weight=-0.5)
    ((_, told),) = world.explained(asking("red fox", green))
    assert told.numbers["part 1 share"] == pytest.approx(2 / 3)
    assert told.numbers["part 2 weight"] == -0.5
    assert told.numbers["part 1 raw"] == pytest.approx(1.0, abs=1e-5)
    assert told.numbers["part 2 raw"] < 0.9
    assert "Your words count for 67 of 100, avoiding 'green' for 33." in told.words


def test_words_of_the_question_are_told_where_they_stand_in_the_text(world: World) -> None:
    said = "Invoices of May: the invoice INV-0917."
    world.add(text(said), contents=[said])
    ((_, told),) = world.explained(asking("where is the invoice inv-0917"))
    assert [said[slice(*term.characters)] for term in told.terms] == ["Invoices", "invoice", "INV-0917"]
    assert told.words[1] == "It says 'Invoices' and 'INV-0917'."
    assert told.numbers["words share"] == pytest.approx(1.0)
    assert told.numbers["word invoice"] + told.numbers["word inv-0917"] == pytest.approx(1.0)


def test_runs_of_unspaced_scripts_are_told_where_they_stand(world: World) -> None:
    world.add(text("古い京都の地図"), contents=["地図"])
    ((_, told),) = world.explained(asking("京都の寺院"))
    assert [(term.word, term.characters) for term in told.terms] == [("京都の", (2, 5))]


def test_the_part_of_a_picture_that_fits_is_framed_and_named(world: World) -> None:
    world.add(picture(), contents=[pixels(BLUE, RED)])
    ((hit, told),) = world.explained(asking("red"))
    assert told.region is not None
    assert (told.region.piece, told.region.box) == (hit.piece.id, (0.0, 0.5, 1.0, 1.0))
    assert "The lower half fits best." in told.words
    assert [(cell.word, cell.box[1]) for cell in told.region.words] == [("red", 0.5)]
    assert told.numbers["late"] > 0.9


def test_a_shot_is_told_of_by_its_frame_that_fits_best(world: World) -> None:
    def shot(start: float) -> Piece:
        return picture(aspect=Aspect.SHOT, place=Place(seconds=(start, start + 10)))

    def frame(second: float) -> Piece:
        return picture(aspect=Aspect.FRAME, place=Place(seconds=(second, second + 1)))

    green = pixels(GREEN, GREEN)
    film = shot(0), frame(1), shot(10), frame(12), frame(15)
    world.add(*film, contents=[green, green, pixels(RED, RED), green, pixels(RED, BLUE)])
    told = {hit.piece.ordinal: told for hit, told in world.explained(asking("red"))}
    region = told[2].region
    assert region is not None
    assert (region.piece, region.seconds, region.box) == ("it_1.4", 15.0, (0.0, 0.0, 1.0, 0.5))
    assert "You will see it at 0:15, in the second shot." in told[2].words


def test_a_passage_is_told_with_its_page_and_box(world: World) -> None:
    box = (0.1, 0.2, 0.9, 0.4)
    page = picture(aspect=Aspect.PAGE, place=Place(page=3))
    passage = replace(text("red fox"), place=Place(page=3, box=box))
    world.add(passage, page, contents=["red fox", pixels(BLUE, BLUE)])
    told = {hit.piece.ordinal: told for hit, told in world.explained(asking("red fox"))}
    region = told[0].region
    assert region is not None
    assert (region.piece, region.page, region.box) == ("it_1.1", 3, box)
    assert "It stands on page 3." in told[0].words


def test_rules_that_moved_a_hit_are_named(world: World) -> None:
    world.add(text("red fox"), contents=["red fox"])
    query = asking("red fox")
    (hit,) = world.searcher.search(OWNER, query).hits
    rule = RuleApplied(name="coats", kind="boost", words="its odds count 3 times", before=4, after=1)
    (moved,) = world.explainer.explained(OWNER, query, [replace(hit, rules=(rule,))])
    assert moved.explanation is not None
    assert "'coats', a rule of this library: its odds count 3 times." in moved.explanation.words


def test_pieces_can_be_named_and_the_others_are_left_as_they_are(world: World) -> None:
    world.add(text("red fox"), contents=["red fox"])
    world.add(text("red dog"), contents=["red dog"])
    query = asking("red fox")
    hits = world.searcher.search(OWNER, query).hits
    told = world.explainer.explained(OWNER, query, hits, {hits[1].piece.id, "it_9.9"})
    assert [hit.explanation is not None for hit in told] == [False, True]
    assert world.explainer.explained(OWNER, query, hits, set()) == hits


def test_a_hit_that_may_not_be_seen_has_no_explanation(world: World) -> None:
    world.add(text("red fox"), contents=["red fox"])
    query = asking("red fox")
    hits = world.searcher.search(OWNER, query).hits
    assert world.explainer.explained(STRANGER, query, hits) == hits
    outside = replace(query, filter=Filter(modalities=frozenset({Modality.IMAGE})))
    assert world.explainer.explained(OWNER, outside, hits) == hits
    world.store.forget(OWNER, ["it_1"])
    assert world.explainer.explained(OWNER, query, hits) == hits


def test_what_is_hidden_changes_no_byte_of_an_explanation(world: World) -> None:
    world.add(text("a red fox sleeps"), contents=["a red fox sleeps"])
    world.add(picture(), contents=[pixels(RED, BLUE)])
    query = asking("red fox", k=10)
    before = [told.as_json() for _, told in world.explained(query)]
    world.add(text("red fox red fox"), contents=["red fox"], owner="stranger")
    world.add(picture(), contents=[pixels(RED, RED)], owner="stranger")
    assert [told.as_json() for _, told in world.explained(query)] == before
    assert len(before) == 2


def test_a_hit_that_a_rule_brought_has_no_place_among_the_found(world: World) -> None:
    world.add(text("red fox"), contents=["red fox"])
    query = asking("red fox")
    (hit,) = world.searcher.search(OWNER, query).hits
    brought = replace(hit, evidence=tuple(replace(one, route=BROUGHT) for one in hit.evidence))
    (told,) = world.explainer.explained(OWNER, query, [brought])
    assert told.explanation is not None
    assert "rank" not in told.explanation.numbers
    assert not any("closest" in sentence or "only text" in sentence for sentence in told.explanation.words)
