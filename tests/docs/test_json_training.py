"""docs/json.md against a real report of training."""

import numpy as np

from sensorium.adapting.curate import Coverage, Curated
from sensorium.adapting.gate import on_pairs
from sensorium.adapting.learn import Epoch, Pairs, Recipe
from sensorium.adapting.train import TRAIN_SCHEMA, TrainReport

from .documents import as_read, fits, tables

REPORT, VERDICT = tables("train")
ROWS = np.eye(4, dtype=np.float32)
PAIRS = Pairs(texts=ROWS, pictures=ROWS, text_of=np.arange(4), picture_of=np.arange(4))


def report(**changed) -> dict:
    curated = Curated(
        kept=(),
        pairs=PAIRS,
        hashes=(),
        skipped=("line 2: it has no text",),
        duplicates=(),
        doubtful=(),
        coverage=Coverage(classes=(("a", 1),), languages=(("en", 1),)),
    )
    made = TrainReport(
        curated=curated,
        recipe=Recipe(),
        parts={"learned": 4, "judged": 0, "kept_out": 4},
        curve=(Epoch(number=0, learned=None, judged=1.0, found=0.5),),
        best=0,
        verdicts=tuple(on_pairs(PAIRS, (ROWS, ROWS), (ROWS, ROWS))),
        **changed,
    )
    return as_read(made.as_json())


def test_a_report_has_the_fields_of_the_page() -> None:
    for changed in ({}, {"errors": (0.1, 0.2), "refusal": "worse", "is_whole": False}):
        document = report(**changed)
        assert fits(REPORT, document)
        assert document["schema"] == TRAIN_SCHEMA


def test_verdicts_have_the_fields_of_the_page() -> None:
    verdicts = report()["verdicts"]
    assert len(verdicts) == 2
    assert all(fits(VERDICT, verdict) for verdict in verdicts)
