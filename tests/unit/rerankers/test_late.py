"""Late interaction: the best cell for each word, exact to the bit, and nothing that the scope can not see."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from sensorium.core.contents import Content, Role
from sensorium.core.details import LARGEST_SCALE, DetailForm
from sensorium.core.errors import PluginBroken, StoreDamaged
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Scope
from sensorium.core.spaces import UNIT_TOLERANCE
from sensorium.rerankers import late as module
from sensorium.rerankers.late import WORD_SCALE, LateInteraction, max_similarity
from sensorium.testing.encoders import DetailedHashEncoder, HashEncoder
from sensorium.testing.specimens import unit_vectors

OWNER = Scope.local_owner()
STRANGER = Scope(tenant="local", principals=frozenset({"user:stranger"}))
FORM = DetailForm(width=8, cells=4, weight=0.5)
KEYS = [3, 5, 8]


def text(words: str, weight: float = 1.0) -> QueryPart:
    return QueryPart(modality=Modality.TEXT, content=words, weight=weight)


PICTURE = QueryPart(modality=Modality.IMAGE, content=np.zeros((8, 8, 3), np.uint8))
QUESTION = Query(parts=(text("red"),))


class Shelf:
    """Details in a dictionary, of one owner."""

    def __init__(self, held: dict[int, bytes]) -> None:
        self.held = held
        self.asked: list[tuple[str, int]] = []

    def details(self, scope: Scope, space_id: str, keys: Sequence[int]) -> dict[int, bytes]:
        self.asked.append((space_id, len(keys)))
        return {key: self.held[key] for key in keys if key in self.held} if scope == OWNER else {}


class Counting(DetailedHashEncoder):
    def __init__(self, details: DetailForm | None = None) -> None:
        super().__init__(details=details)
        self.encoded: list[Sequence[Content]] = []

    def encode_detailed(self, modality: Modality, contents: Sequence[Content], role: Role):
        self.encoded.append(contents)
        return super().encode_detailed(modality, contents, role)


def shelf(form: DetailForm = FORM, keys: Sequence[int] = KEYS) -> Shelf:
    """Random details, unlike for each key."""
    return Shelf({key: form.pack(unit_vectors(form.cells, form.width, seed=key)) for key in keys})


def expected(words: np.ndarray, rows: np.ndarray) -> float:
    """The late score of one pair by its definition, in float64 and without levels."""
    return float((words.astype(np.float64) @ rows.astype(np.float64).T).max(axis=1).mean())


def late(scope: Scope = OWNER, store: Shelf | None = None, encoder: HashEncoder | None = None) -> LateInteraction:
    return LateInteraction.load(scope, encoder or DetailedHashEncoder(details=FORM), store or shelf())


# -- the score -------------------------------------------------------------------------------------------------------


def test_the_score_is_the_definition_but_for_the_levels() -> None:
    rows = unit_vectors(20 * 81, 64, seed=1).reshape(20, 81, 64)
    words = unit_vectors(9, 64, seed=2)
    form = DetailForm(width=64, cells=81, weight=1.0)
    found = max_similarity(words, form.unpack([form.pack(cells) for cells in rows]), form.scale)
    np.testing.assert_allclose(found, [expected(words, cells) for cells in rows], atol=0.003)


@pytest.mark.parametrize("scale", [1.0, 127.0, LARGEST_SCALE])
@pytest.mark.parametrize(("seed", "width"), [(1, 3), (20, 96), (300, 384)])
def test_a_score_is_the_same_to_the_bit_beside_any_others(seed: int, width: int, scale: float) -> None:
    form = DetailForm(width=width, cells=7, weight=1.0, scale=scale)
    levels = form.unpack([form.pack(unit_vectors(7, width, seed=seed + number)) for number in range(11)])
    words = unit_vectors(6, width, seed=seed + 99)
    together = max_similarity(words, levels, scale)
    exact = np.rint(words * np.float32(WORD_SCALE)).astype(np.int64) @ levels.astype(np.int64).transpose(0, 2, 1)
    assert together.tolist() == (exact.max(axis=2).sum(axis=1) / (6 * WORD_SCALE * scale)).tolist()
    assert [max_similarity(words, levels[n : n + 1], scale)[0] for n in range(11)] == together.tolist()


def test_the_longest_words_and_cells_stay_below_what_float32_holds_exactly() -> None:
    """Rounding moves a component by half a level at most, so a row of the largest width by 32."""
    widest = DetailForm(width=4096, cells=1, weight=1.0, scale=LARGEST_SCALE)
    word, cell = (scale * (1 + UNIT_TOLERANCE) + 0.5 * widest.width**0.5 for scale in (WORD_SCALE, widest.scale))
    assert word * cell < 2**24


# -- what becomes of raw scores --------------------------------------------------------------------------------------


def test_the_weighted_late_score_is_added_to_the_raw_score() -> None:
    store, encoder = shelf(), DetailedHashEncoder(details=FORM)
    _, (words,) = encoder.encode_detailed(Modality.TEXT, ["red bus"], "query")
    found = late(store=store).rescore(Query(parts=(text("red bus"),)), Modality.IMAGE, KEYS, [0.1, 0.2, 0.3])
    scores = [expected(words, unit_vectors(4, 8, seed=key)) for key in KEYS]
    np.testing.assert_allclose(found, np.array([0.1, 0.2, 0.3]) + 0.5 * np.array(scores), atol=0.01)


def test_a_picture_without_details_stands_where_an_ordinary_candidate_would() -> None:
    form = replace(FORM, mean=0.4)
    found = late(encoder=DetailedHashEncoder(details=form)).rescore(QUESTION, Modality.IMAGE, [*KEYS, 9], [0.2] * 4)
    plain = late().rescore(QUESTION, Modality.IMAGE, [*KEYS, 9], [0.2] * 4)
    assert found[3] == plain[3] == 0.2
    np.testing.assert_allclose(found[:3], np.array(plain[:3]) - 0.5 * 0.4)


def test_a_weight_of_0_changes_nothing_and_reads_nothing() -> None:
    store = shelf()
    reranker = late(store=store, encoder=DetailedHashEncoder(details=replace(FORM, weight=0.0)))
    assert not reranker.applies(QUESTION, Modality.IMAGE)
    assert reranker.rescore(QUESTION, Modality.IMAGE, KEYS, [0.1, 0.2, 0.3]) == [0.1, 0.2, 0.3]
    assert store.asked == []


def test_words_find_the_picture_that_has_them_in_one_corner() -> None:
    encoder = DetailedHashEncoder(details=FORM)
    blue = np.full((8, 8, 3), (0, 0, 200), np.uint8)
    cornered = blue.copy()
    cornered[4:, 4:] = (200, 0, 0)
    _, details = encoder.encode_detailed(Modality.IMAGE, [blue, cornered], "piece")
    assert details is not None
    store = Shelf({key: FORM.pack(rows) for key, rows in enumerate(details)})
    plain, best = late(store=store).rescore(QUESTION, Modality.IMAGE, [0, 1], [0.0, 0.0])
    assert best > plain + 0.1


def test_a_scope_that_may_not_see_a_picture_learns_nothing_of_its_details() -> None:
    assert late(STRANGER).rescore(QUESTION, Modality.IMAGE, KEYS, [0.1, 0.2, 0.3]) == [0.1, 0.2, 0.3]


# -- when it applies -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parts", "found", "applies"),
    [
        ((text("red"),), Modality.IMAGE, True),
        ((text("red"),), Modality.TEXT, False),
        ((PICTURE,), Modality.IMAGE, False),
        ((text("red"), PICTURE), Modality.IMAGE, False),
        ((text("red"), text("blue")), Modality.IMAGE, False),
        ((text("red"), text("blue", -0.5)), Modality.IMAGE, False),
    ],
    ids=["words", "for texts", "a picture", "words and a picture", "two texts", "what to avoid"],
)
def test_it_applies_to_one_text_that_looks_for_pictures(
    parts: tuple[QueryPart, ...], found: Modality, applies: bool
) -> None:
    assert late().applies(Query(parts=parts), found) is applies
    if not applies:
        assert late().rescore(Query(parts=parts), found, KEYS, [0.1, 0.2, 0.3]) == [0.1, 0.2, 0.3]


def test_it_does_not_apply_where_the_encoder_gives_no_details() -> None:
    without = DetailedHashEncoder()
    without.details = None
    for encoder in (HashEncoder(), without):
        assert not late(encoder=encoder).applies(QUESTION, Modality.IMAGE)


# -- what it costs ---------------------------------------------------------------------------------------------------


def test_the_words_of_a_question_are_encoded_once() -> None:
    encoder = Counting(FORM)
    reranker = late(encoder=encoder)
    for _ in range(3):
        reranker.rescore(QUESTION, Modality.IMAGE, KEYS, [0.1, 0.2, 0.3])
    assert encoder.encoded == [["red"]]


def test_another_question_gets_its_own_words() -> None:
    reranker = late()
    blue = Query(parts=(text("blue"),))
    one, other = (reranker.rescore(query, Modality.IMAGE, KEYS, [0.0] * 3) for query in (QUESTION, blue))
    assert one != other
    assert late().rescore(blue, Modality.IMAGE, KEYS, [0.0] * 3) == other


def test_a_long_question_takes_fewer_pictures_at_a_time_and_gives_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = list(range(100))
    store = shelf(FORM, keys)
    long = Query(parts=(text("red red blue blue"),))
    whole = late(store=store).rescore(long, Modality.IMAGE, keys, [0.0] * 100)
    monkeypatch.setattr(module, "PRODUCTS", 4 * FORM.cells * 30)
    assert late(store=store).rescore(long, Modality.IMAGE, keys, [0.0] * 100) == whole
    assert [count for _, count in store.asked] == [100, 30, 30, 30, 10]


def test_a_question_without_a_word_that_counts_changes_nothing() -> None:
    class Mute(DetailedHashEncoder):
        def encode_detailed(self, modality: Modality, contents: Sequence[Content], role: Role):
            return self.encode(modality, contents, role), [np.empty((0, 8), np.float32)]

    found = late(encoder=Mute(details=FORM)).rescore(QUESTION, Modality.IMAGE, KEYS, [0.1, 0.2, 0.3])
    assert found == [0.1, 0.2, 0.3]


def test_details_of_another_form_are_told() -> None:
    store = shelf()
    store.held[KEYS[1]] = store.held[KEYS[1]][:-1]
    with pytest.raises(StoreDamaged, match="32 bytes"):
        late(store=store).rescore(QUESTION, Modality.IMAGE, KEYS, [0.1, 0.2, 0.3])


@pytest.mark.parametrize("rows", [unit_vectors(2, 7), 2 * unit_vectors(2, 8)], ids=["narrow", "long"])
def test_words_of_another_form_are_told(rows: np.ndarray) -> None:
    class Wrong(DetailedHashEncoder):
        def encode_detailed(self, modality: Modality, contents: Sequence[Content], role: Role):
            return self.encode(modality, contents, role), [rows]

    with pytest.raises(PluginBroken, match="words are wrong"):
        late(encoder=Wrong(details=FORM)).rescore(QUESTION, Modality.IMAGE, KEYS, [0.1, 0.2, 0.3])
