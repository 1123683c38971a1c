"""Questions with known answers, over a product whose answers are written down here."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.errors import BadInput, BadQuery
from sensorium.core.items import Aspect, Item, Lineage, Modality, Piece, Place, Producer, Rights
from sensorium.core.queries import Query, QueryPart
from sensorium.core.receipts import Outcome, Receipt, ReceiptLine
from sensorium.core.results import Evidence, Hit, Look, SearchResults
from sensorium.core.trace import Trace
from sensorium.evaluation.answered import Answered, Asking, Captioned, Product, answered

READER = Producer(name="reader.test", version="1")
DATA = Captioned(
    pictures=(Path("/p/a.png"), Path("/p/b.png"), Path("/p/c.png")),
    captions=("a dog", "a brown dog", "a cat", "a dog", "a brown cat"),
    described=(0, 0, 1, 2, 1),
)


def hit(path: str, score: float) -> Hit:
    modality = Modality.TEXT if path.endswith(".txt") else Modality.IMAGE
    lineage = Lineage(source=path, content_hash="", size=1, modified_at=0.0, added_at=0.0, reader=READER)
    item = Item(
        id=path, tenant="local", modality=modality, media_type="text/plain", title="", rights=Rights(), lineage=lineage
    )
    piece = Piece(item_id=path, ordinal=0, modality=modality, place=Place(), producer=READER)
    evidence = Evidence(route="vectors:test", raw=score, rank=1, looks=(Look(name="late", raw=score + 1),))
    return Hit(item=item, piece=piece, score=score, evidence=(evidence,), matches=score > 0.5)


def product(folder: Path, ask: Callable[[Query], list[Hit]], **changed: object) -> Product:
    def search(query: Query) -> SearchResults:
        return SearchResults(question="", hits=tuple(ask(query)), trace=Trace())

    def picture(path: Path) -> QueryPart:
        return QueryPart(modality=Modality.IMAGE, content=np.zeros((1, 1, 3), np.uint8), label=path.name)

    kept: dict[str, object] = {
        "folder": folder,
        "is_empty": True,
        "add": lambda *paths: Receipt(),
        "ask": search,
        "picture": picture,
    }
    return Product(**{**kept, **changed})  # type: ignore[arg-type]


def everything(query: Query) -> list[Hit]:
    """All of the wanted sense, in the order they were added."""
    if query.filter.modalities == {Modality.TEXT}:
        return [hit(f"/x/captions/{number}.txt", 0.9 - number / 10) for number in (0, 1, 2, 4)]
    return [hit(str(path), 0.9 - number / 10) for number, path in enumerate(DATA.pictures)]


@pytest.fixture
def found(tmp_path: Path) -> Answered:
    return answered(DATA, product(tmp_path, everything), Asking(depth=3, foreign=("a tax return",)))


def test_a_caption_is_answered_by_every_picture_that_its_words_describe(found: Answered) -> None:
    right = found.known["text->image"].right
    assert right.tolist() == [
        [True, False, True],
        [True, False, False],
        [False, True, False],
        [True, False, True],
        [False, True, False],
    ]


def test_a_picture_is_answered_by_its_captions(found: Answered) -> None:
    assert found.known["image->text"].right[0].tolist() == [True, True, False]
    assert found.known["image->text"].right_answers.tolist() == [2, 2, 1]


def test_a_question_is_no_answer_to_itself_and_words_said_twice_are_one_caption(found: Answered) -> None:
    among_texts = found.known["text->text"]
    assert among_texts.raw[0].tolist() == pytest.approx([1.8, 1.7, 1.5])
    assert among_texts.right[0].tolist() == [True, False, False]
    assert among_texts.right_answers.tolist() == [1, 1, 1, 1, 1]
    assert not np.isclose(found.known["image->image"].raw[1], 1.8).all()
    assert np.isnan(found.known["image->image"].raw[:, 2]).all()


def test_pictures_whose_captions_agree_most_answer_each_other(found: Answered) -> None:
    assert found.known["image->image"].right_answers.tolist() == [1, 0, 1]
    assert found.known["image->image"].grows


def test_foreign_questions_have_no_answer_and_no_picture(found: Answered) -> None:
    assert set(found.foreign) == {"text->text", "text->image"}
    foreign = found.foreign["text->image"]
    assert (foreign.right.any(), foreign.right_answers.tolist(), foreign.groups.tolist()) == (False, [0], [-1])


def test_what_was_looked_at_and_what_matches_is_kept(found: Answered) -> None:
    answers = found.known["text->image"]
    assert answers.looks == ("late",)
    assert answers.matches[0].tolist() == [True, True, True]
    assert answers.scores[0].tolist() == pytest.approx([0.9, 0.8, 0.7])


def test_what_is_asked_for_reaches_every_query(tmp_path: Path) -> None:
    asked: list[Query] = []
    answered(
        DATA, product(tmp_path, lambda query: asked.append(query) or []), Asking(depth=7, hubness=True, rerank=False)
    )
    assert {(query.k, query.hubness, query.rerank) for query in asked} == {(8, True, False)}
    assert len(asked) == 2 * (len(DATA.captions) + len(DATA.pictures))


def test_writing_that_is_read_off_pictures_is_not_asked_for(tmp_path: Path) -> None:
    asked: list[Query] = []
    answered(DATA, product(tmp_path, lambda query: asked.append(query) or []), Asking(depth=3))
    assert {query.filter.aspects for query in asked} == {frozenset({Aspect.CONTENT})}


@pytest.mark.parametrize(
    ("can", "expected"),
    [({"hubness"}, (None, True)), ({"rerank"}, (True, None)), ({"hubness", "rerank"}, (True, True))],
)
def test_a_pair_that_can_not_have_a_look_is_asked_without_it(
    tmp_path: Path, can: set[str], expected: tuple[bool | None, bool | None]
) -> None:
    answers: list[Query] = []

    def ask(query: Query) -> list[Hit]:
        able = can if query.filter.modalities == {Modality.IMAGE} else set()
        if {name for name in ("hubness", "rerank") if getattr(query, name)} - able:
            raise BadQuery("not here")
        answers.append(query)
        return []

    answered(DATA, product(tmp_path, ask), Asking(depth=7, hubness=True, rerank=True))
    asked = {(*(query.filter.modalities or ()), query.rerank, query.hubness) for query in answers}
    assert asked == {(Modality.IMAGE, *expected), (Modality.TEXT, None, None)}


def test_a_look_that_no_pair_can_have_is_an_error(tmp_path: Path) -> None:
    def ask(query: Query) -> list[Hit]:
        if query.hubness:
            raise BadQuery("not here")
        return []

    with pytest.raises(BadQuery, match="not here"):
        answered(DATA, product(tmp_path, ask), Asking(hubness=True))


def test_a_look_that_is_not_wanted_stays_unwanted(tmp_path: Path) -> None:
    asked: list[Query] = []
    answered(DATA, product(tmp_path, lambda query: asked.append(query) or []), Asking(rerank=False))
    assert {query.rerank for query in asked} == {False}


def test_an_answer_without_hits_is_a_row_of_nothing(tmp_path: Path) -> None:
    found = answered(DATA, product(tmp_path, lambda query: []), Asking(depth=3))
    assert np.isnan(found.known["text->image"].scores).all()
    assert not found.known["text->image"].matches.any()


def test_a_library_that_holds_something_is_not_filled(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="not empty"):
        answered(DATA, product(tmp_path, everything, is_empty=False), Asking())


def test_a_refused_picture_is_named(tmp_path: Path) -> None:
    line = ReceiptLine(source="/p/a.png", outcome=Outcome.REFUSED, code="damaged")
    with pytest.raises(BadInput, match=r"a\.png: it was refused: damaged"):
        answered(DATA, product(tmp_path, everything, add=lambda *paths: Receipt(lines=[line])), Asking())


def test_captions_are_laid_as_files_named_by_their_numbers(tmp_path: Path) -> None:
    paths = DATA.write_captions(tmp_path / "captions")
    assert [path.name for path in paths[:2]] == ["0.txt", "1.txt"]
    assert paths[1].read_text() == "a brown dog"


def test_some_pictures_are_taken_with_their_captions() -> None:
    taken = DATA.take([2, 1])
    assert (taken.pictures, taken.captions, taken.described) == (
        (DATA.pictures[2], DATA.pictures[1]),
        ("a cat", "a dog", "a brown cat"),
        (1, 0, 1),
    )


def test_a_folder_is_read_in_the_order_of_its_table(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    for name in ("b.png", "a.png"):
        (tmp_path / "images" / name).touch()
    (tmp_path / "captions_dev.tsv").write_text("image\tcaption\nb.png\tone\na.png\ttwo\nb.png\tthree\n")
    data = Captioned.read(tmp_path, "dev")
    assert [path.name for path in data.pictures] == ["b.png", "a.png"]
    assert (data.captions, data.described) == (("one", "two", "three"), (0, 1, 0))
