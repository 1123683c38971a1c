"""A question becomes one route for each modality that may answer."""

from dataclasses import replace

import numpy as np
import pytest

from sensorium.core.errors import BadQuery
from sensorium.core.items import Modality
from sensorium.core.queries import Query, QueryPart
from sensorium.core.scopes import Filter
from sensorium.search.plan import plan
from sensorium.testing.encoders import HashEncoder

ENCODER = HashEncoder()


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
