"""Without a model: sentences and rows of the evidence as they stand."""

from __future__ import annotations

from sensorium.answerers.extractive import Extractive
from sensorium.core.answers import AnswerRequest, Draft, Form, Spent
from sensorium.testing.encoders import HashEncoder

from .evidence import pack

PACK = pack("Ducks\n| lake | sea\n2019 | 120 | 80\n2020 | 130 | 95", "The red fox sleeps in the barn.")


def drafts(question: str, form: Form = Form.ANSWER) -> list[Draft]:
    answerer = Extractive(HashEncoder(width=256))
    return list(answerer.write(AnswerRequest(question=question, form=form, pack=PACK), Spent()))


def test_a_table_gives_the_best_row_first_and_all_rows_once() -> None:
    rows = [draft.cells for draft in drafts("2020: lake sea", Form.TABLE)]
    assert rows == [("2020", "130", "95"), ("2019", "120", "80")]


def test_a_sentence_cites_the_exhibit_that_it_was_taken_from() -> None:
    assert drafts("red fox sleeps")[0] == Draft(text="The red fox sleeps in the barn.", cites=(2,))
