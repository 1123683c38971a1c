"""Damage and what it does, over pictures of one colour and an encoder that knows colours by their names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from sensorium.core.contents import Content, Role
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.evaluation.intervals import Interval
from sensorium.evaluation.robustness.curves import draw_curves
from sensorium.evaluation.robustness.report import ROBUST_SCHEMA, Curve, Point
from sensorium.evaluation.robustness.run import NAMES, RobustOptions, evaluate_robust
from sensorium.evaluation.sampling import draw_sample, right_ranks
from sensorium.testing.encoders import HashEncoder

ROWS = [
    ("a.jpg", "250 0 0", "red dog"),
    ("a.jpg", "250 0 0", "a red puppy"),
    ("b.jpg", "0 250 0", "green car"),
    ("b.jpg", "0 250 0", "the green"),
    ("c.jpg", "0 0 250", "blue cat"),
]


def only(*names: str, sample: int = 0) -> RobustOptions:
    return RobustOptions(only=names, sample=sample)


class Exact(HashEncoder):
    """Knows a picture of one colour, and nothing of one that is not."""

    def _words(self, modality: Modality, content: Content) -> list[str]:
        if isinstance(content, np.ndarray):
            flat = bool((content == content[0, 0]).all())
            return [("red", "green", "blue")[int(content[0, 0].argmax())]] if flat else ["nothing"]
        return super()._words(modality, content)


class Named(HashEncoder):
    """A picture is the thing that its colour stands for; a text is what its last word says."""

    things = ("dog", "car", "cat")

    def _words(self, modality: Modality, content: Content) -> list[str]:
        if isinstance(content, np.ndarray):
            return [self.things[int(content.mean(axis=(0, 1)).argmax())]]
        return [str(content).split()[-1]]


def test_what_is_undamaged_is_found(lay_painted, painted_ports) -> None:
    report = evaluate_robust(lay_painted(ROWS), only("jpeg"), painted_ports)
    assert report.clean.recall[1].mean == 1.0
    assert (report.pictures, report.questions) == (3, 5)


def test_damage_that_destroys_brings_recall_down_and_its_relative_robustness_to_nothing(
    lay_painted, painted_ports
) -> None:
    (curve,) = evaluate_robust(lay_painted(ROWS), only("occlusion"), replace(painted_ports, encoder=Exact())).curves
    assert [point.recall[1].mean for point in curve.points] == [0.0] * 5  # every picture is "nothing": all are equal
    assert curve.relative == 0.0


def test_damage_that_the_encoder_does_not_see_changes_nothing(lay_painted, painted_ports) -> None:
    (curve,) = evaluate_robust(lay_painted(ROWS), only("blur"), replace(painted_ports, encoder=Exact())).curves
    assert [point.recall[1].mean for point in curve.points] == [1.0] * 5
    assert curve.relative == 1.0


def test_damaged_queries_ask_the_undamaged_gallery(lay_painted, painted_ports) -> None:
    class Counting(HashEncoder):
        pictures = texts = 0

        def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
            assert role == ("piece" if modality is Modality.IMAGE else "query")
            self.pictures += len(contents) * (modality is Modality.IMAGE)
            self.texts += len(contents) * (modality is Modality.TEXT)
            return super().encode(modality, contents, role)

    encoder = Counting()
    (curve,) = evaluate_robust(lay_painted(ROWS), only("typos"), replace(painted_ports, encoder=encoder)).curves
    assert (encoder.pictures, encoder.texts) == (3, 5 * 6)
    assert curve.points[4].recall[1].mean < 1.0


def test_every_damage_has_its_curve_in_five_severities(lay_painted, painted_ports) -> None:
    report = evaluate_robust(lay_painted(ROWS), RobustOptions(), painted_ports)
    assert [curve.name for curve in report.curves] == list(NAMES[:10])
    assert all([point.severity for point in curve.points] == [1, 2, 3, 4, 5] for curve in report.curves)


def test_the_same_run_gives_the_same_figures(lay_painted, painted_ports) -> None:
    folder = lay_painted(ROWS)
    few = only("crop", "typos", "negation")
    first, again = (evaluate_robust(folder, few, painted_ports).as_json() for _ in range(2))
    assert first | {"seconds": 0} == again | {"seconds": 0}


def test_all_that_is_encoded_is_told(lay_painted, painted_ports) -> None:
    told: list[tuple[int, int]] = []
    evaluate_robust(lay_painted(ROWS), RobustOptions(), painted_ports, lambda done, of: told.append((done, of)))
    assert told[-1] == (3 * 36 + 5 * 16, 3 * 36 + 5 * 16)
    assert [done for done, _ in told] == sorted({done for done, _ in told})


def test_a_no_that_is_not_heard_is_measured_as_such(lay_painted, painted_ports) -> None:
    rows = [("a.jpg", "250 0 0", "a dog"), ("b.jpg", "0 250 0", "a car"), ("c.jpg", "0 0 250", "a cat")]
    negation = evaluate_robust(lay_painted(rows), only("negation"), replace(painted_ports, encoder=Named())).negation
    assert negation is not None
    assert (negation.pairs, negation.things) == (3, 3)
    assert (negation.accuracy.mean, negation.affirmed.mean) == (0.0, 1.0)


def test_a_no_that_is_heard_is_measured_as_such(lay_painted, painted_ports) -> None:
    class Hearing(Named):
        def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
            vectors = super().encode(modality, contents, role)
            signs = [-1 if isinstance(text, str) and {"no", "without"} & set(text.split()) else 1 for text in contents]
            return vectors * np.array(signs, dtype=np.float32)[:, np.newaxis]

    rows = [("a.jpg", "250 0 0", "a dog"), ("b.jpg", "0 250 0", "a car"), ("c.jpg", "0 0 250", "a cat")]
    negation = evaluate_robust(lay_painted(rows), only("negation"), replace(painted_ports, encoder=Hearing())).negation
    assert negation is not None
    assert (negation.accuracy.mean, negation.affirmed.mean) == (1.0, 1.0)


def test_a_thing_that_few_captions_of_a_picture_speak_of_makes_no_pair(lay_painted, painted_ports) -> None:
    captions = ["a yard"] * 2 + ["a dog"]
    rows = [("a.jpg", "250 0 0", text) for text in captions] + [("b.jpg", "0 250 0", "a yard")]
    report = evaluate_robust(lay_painted(rows), only("negation"), painted_ports)
    assert report.negation is None
    assert "negation" in report.skipped[0]


def test_sounds_are_named_as_not_measured(lay_painted, painted_ports) -> None:
    report = evaluate_robust(lay_painted(ROWS), only("white-noise", "clipping"), painted_ports)
    assert report.skipped == ("white-noise, clipping: this encoder takes no audio",)


def test_an_unknown_damage_is_answered_with_those_there_are() -> None:
    with pytest.raises(BadInput, match=r"'fog' is no damage; choose from: occlusion, blur"):
        only("fog")


def test_a_sample_below_nothing_is_an_error(lay_painted, painted_ports) -> None:
    with pytest.raises(BadInput, match="a sample of -1 pictures"):
        evaluate_robust(lay_painted(ROWS), only("blur", sample=-1), painted_ports)


def test_an_encoder_of_texts_alone_is_refused(lay_painted, painted_ports) -> None:
    class Blind(HashEncoder):
        modalities = frozenset({Modality.TEXT})

    with pytest.raises(BadInput, match="takes no image"):
        evaluate_robust(lay_painted(ROWS), RobustOptions(), replace(painted_ports, encoder=Blind()))


def test_a_refused_picture_is_an_error_and_not_left_out(lay_painted, painted_ports) -> None:
    with pytest.raises(BadInput, match=r"b\.jpg: it was refused"):
        evaluate_robust(lay_painted([*ROWS[:2], ("b.jpg", "broken", "x")]), only("blur"), painted_ports)


# -- samples and ranks -----------------------------------------------------------------------------------------------


def test_a_sample_holds_every_smaller_one_whatever_the_order_of_the_table(lay_painted, painted_ports) -> None:
    rows = [(f"{number}.jpg", "9 9 9", f"caption {number}") for number in range(20)]
    small = draw_sample(lay_painted(rows), "dev", 5, painted_ports.encoder)
    large = draw_sample(lay_painted(rows[::-1]), "dev", 12, painted_ports.encoder)
    assert large.pictures[:5] == small.pictures
    assert [small.captions[number] for number in np.argsort(small.described)] == [
        f"caption {Path(picture.id).stem}" for picture in small.pictures
    ]


def test_a_sample_of_0_takes_all_captions_of_all_pictures(lay_painted, painted_ports) -> None:
    sample = draw_sample(lay_painted(ROWS), "dev", 0, painted_ports.encoder)
    of = {picture.id: sample.captions_of(number) for number, picture in enumerate(sample.pictures)}
    assert of == {"a.jpg": ["red dog", "a red puppy"], "b.jpg": ["green car", "the green"], "c.jpg": ["blue cat"]}


def test_an_encoder_that_says_the_same_of_everything_comes_last() -> None:
    assert right_ranks(np.zeros((2, 7), np.float32), np.array([0, 6])).tolist() == [7, 7]


# -- reports ---------------------------------------------------------------------------------------------------------


def test_json_names_its_schema_and_survives_a_round_trip(lay_painted, painted_ports) -> None:
    answer = json.loads(json.dumps(evaluate_robust(lay_painted(ROWS), only("jpeg"), painted_ports).as_json()))
    assert answer["schema"] == ROBUST_SCHEMA
    assert answer["curves"][0]["points"][2]["recall@1"][0] <= 1.0
    assert answer["gallery"] == 3


def test_robustness_is_not_defined_where_nothing_was_found_before() -> None:
    nothing = Interval(mean=0.0, low=0.0, high=0.0)
    point = Point(severity=1, amount=1.0, recall={1: nothing, 10: nothing})
    assert Curve.of("blur", "pictures", "px", (point,), clean=point).relative is None


def test_the_printed_table_has_a_row_for_each_severity(lay_painted, painted_ports) -> None:
    lines = str(evaluate_robust(lay_painted(ROWS), only("jpeg", "negation"), painted_ports)).splitlines()
    assert [line.split()[:3] for line in lines if line.startswith("jpeg")] == [
        ["jpeg", str(severity), str(quality)]
        for severity, quality in zip(range(1, 6), (50, 25, 15, 10, 5), strict=True)
    ]
    assert "relative robustness" in lines[9]


def test_curves_are_drawn_and_the_same_each_time(lay_painted, painted_ports, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    report = evaluate_robust(lay_painted(ROWS), only("blur", "typos"), painted_ports)
    first, again = (draw_curves(report, tmp_path / str(number)) for number in range(2))
    assert [file.name for file in first] == ["robust.svg", "robust.png"]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]


def test_a_report_without_curves_draws_nothing(lay_painted, painted_ports, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no curve to draw"):
        draw_curves(evaluate_robust(lay_painted(ROWS), only("negation"), painted_ports), tmp_path)
