"""A question becomes one route for each modality that may answer."""

from dataclasses import replace

import numpy as np
import pytest

from sensorium.core.calibration import Calibration
from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter
from sensorium.search.plan import plan
from sensorium.testing.encoders import HashEncoder

ENCODER = HashEncoder()
ONLY_TEXT = Filter(modalities=frozenset({Modality.TEXT}))


def text(words: str, weight: float = 1.0) -> QueryPart:
    return QueryPart(modality=Modality.TEXT, content=words, weight=weight)


def inner_product(words: str, piece: np.ndarray) -> float:
    return float(ENCODER.encode(Modality.TEXT, [words], "query")[0] @ piece)


def test_every_modality_of_the_encoder_gets_a_route() -> None:
    routes = plan(Query(parts=(text("a dog"),)), [ENCODER])
    assert {route.modality for route in routes} == {Modality.TEXT, Modality.IMAGE}


def test_a_filter_on_modalities_leaves_out_the_other_routes() -> None:
    query = Query(parts=(text("a dog"),), filter=Filter(modalities=frozenset({Modality.IMAGE})))
    assert [route.modality for route in plan(query, [ENCODER])] == [Modality.IMAGE]


def test_the_filter_of_a_route_keeps_the_other_fields_of_the_question() -> None:
    wanted = Filter(media_types=frozenset({"image/png"}))
    for route in plan(Query(parts=(text("a dog"),), filter=wanted), [ENCODER]):
        assert route.filter == replace(wanted, modalities=frozenset({route.modality}))


def test_the_score_of_one_part_is_its_calibrated_inner_product() -> None:
    piece = ENCODER.encode(Modality.TEXT, ["a brown dog"], "piece")[0]
    [route] = plan(Query(parts=(text("a dog"),), filter=Filter(modalities=frozenset({Modality.TEXT}))), [ENCODER])
    expected = ENCODER.calibration(Modality.TEXT, Modality.TEXT).score(inner_product("a dog", piece))
    assert route.score(float(route.vector[0] @ piece)) == pytest.approx(expected, abs=1e-6)


def test_the_score_of_two_parts_is_the_curve_at_their_weighted_mean() -> None:
    piece = ENCODER.encode(Modality.TEXT, ["snow on a hill"], "piece")[0]
    query = Query(parts=(text("snow", 3.0), text("hill")), filter=Filter(modalities=frozenset({Modality.TEXT})))
    [route] = plan(query, [ENCODER])
    mean = 0.75 * inner_product("snow", piece) + 0.25 * inner_product("hill", piece)
    expected = ENCODER.calibration(Modality.TEXT, Modality.TEXT).score(mean)
    assert route.score(float(route.vector[0] @ piece)) == pytest.approx(expected, abs=1e-6)


def test_what_is_to_be_avoided_lowers_the_score() -> None:
    piece = ENCODER.encode(Modality.TEXT, ["dog cat"], "piece")[0]
    only_text = Filter(modalities=frozenset({Modality.TEXT}))
    [plain] = plan(Query(parts=(text("dog"),), filter=only_text), [ENCODER])
    [without] = plan(Query(parts=(text("dog"), text("cat", -0.5)), filter=only_text), [ENCODER])
    assert without.score(float(without.vector[0] @ piece)) < plain.score(float(plain.vector[0] @ piece))


def test_parts_that_cancel_out_are_refused_with_a_remedy() -> None:
    with pytest.raises(BadQuery, match="cancel"):
        plan(Query(parts=(text("dog"), text("dog", -1.0))), [ENCODER])


def test_a_sense_that_no_encoder_takes_is_refused() -> None:
    sound = QueryPart(modality=Modality.AUDIO, content="bark")
    with pytest.raises(BadQuery, match="takes audio"):
        plan(Query(parts=(sound,)), [ENCODER])


def test_where_no_encoder_can_look_there_is_no_route() -> None:
    assert plan(Query(parts=(text("a dog"),), filter=Filter(modalities=frozenset({Modality.AUDIO}))), [ENCODER]) == []


class CutEncoder(HashEncoder):
    """Cuts for pieces of ten, a lower one for pictures."""

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        return replace(super().calibration(asked, found), gallery=10, cut=0.4 if found is Modality.TEXT else 0.1)


def test_a_hit_matches_from_the_cut_of_its_pair_on() -> None:
    routes = {route.modality: route for route in plan(Query(parts=(text("dog"),)), [CutEncoder()])}
    raw = next(raw for raw in np.linspace(0, 1, 1000) if routes[Modality.TEXT].score(raw, 10) >= 0.4)
    assert [routes[Modality.TEXT].matches(raw + step, 10) for step in (-0.01, 0.0)] == [False, True]
    assert routes[Modality.IMAGE].matches(raw - 0.01, 10)


def test_among_more_pieces_a_score_is_lower_and_a_cut_asks_for_more() -> None:
    route = plan(Query(parts=(text("dog"),)), [CutEncoder()])[0]
    assert route.score(0.3, 1000) < route.score(0.3, 10) == route.score(0.3)
    raw = next(raw for raw in np.linspace(0, 1, 1000) if route.matches(raw, 10))
    assert not route.matches(raw, 1000)


def test_a_question_of_several_parts_has_the_mean_cut_of_its_parts() -> None:
    [one] = plan(Query(parts=(text("dog"),), filter=ONLY_TEXT), [CutEncoder()])
    [two] = plan(Query(parts=(text("dog"), text("dog", 2.0)), filter=ONLY_TEXT), [CutEncoder()])
    for raw in np.linspace(0, 1, 20):
        assert one.matches(float(raw), 10) == two.matches(float(raw), 10)


def test_where_a_part_has_no_cut_everything_matches() -> None:
    [route] = plan(Query(parts=(text("dog"),), filter=ONLY_TEXT), [ENCODER])
    assert route.matches(-1.0, 10**6)


def test_a_part_whose_vector_is_known_is_not_encoded() -> None:
    known = ENCODER.encode(Modality.TEXT, ["a cat"], "piece")[0]
    part = QueryPart(modality=Modality.TEXT, content="a dog", label="like a cat", known={ENCODER.space.id: known})
    (route,) = plan(Query(parts=(part,), filter=ONLY_TEXT), [ENCODER])
    np.testing.assert_allclose(route.vector[0], known, atol=1e-6)
    assert part.words == "like a cat"
