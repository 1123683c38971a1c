"""Without a model: sentences and rows of the evidence as they stand."""

from __future__ import annotations

import pytest

from sensorium.answerers.extractive import Extractive
from sensorium.core.answers import AnswerRequest, Draft, Exhibit, Form, Pack, Spent
from sensorium.testing.encoders import HashEncoder

from .evidence import hit, pack

LOOKS_SAID = "looks or sounds like: rain"

PACK = pack("Ducks\n| lake | sea\n2019 | 120 | 80\n2020 | 130 | 95", "The red fox sleeps in the barn.")


def drafts(question: str, form: Form = Form.ANSWER) -> list[Draft]:
    answerer = Extractive(HashEncoder(width=256))
    return list(answerer.write(AnswerRequest(question=question, form=form, pack=PACK), Spent()))


def test_a_table_gives_the_best_row_first_and_all_rows_once() -> None:
    rows = [draft.cells for draft in drafts("2020: lake sea", Form.TABLE)]
    assert rows == [("2020", "130", "95"), ("2019", "120", "80")]


def test_a_sentence_cites_the_exhibit_that_it_was_taken_from() -> None:
    assert drafts("red fox sleeps")[0] == Draft(text="The red fox sleeps in the barn.", cites=(2,))


def described(text: str) -> Pack:
    """A picture that is told of by what it looks like."""
    return Pack(exhibits=(Exhibit(number=1, hit=hit(None, name="photo"), text=text, described=True),))


def said_of_picture(question: str, form: Form = Form.ANSWER) -> list[str]:
    told = described("looks or sounds like: harbour, boat\n\nwritten: harbour office\n\ncolours: blue, grey")
    answerer = Extractive(HashEncoder(width=256))
    request = AnswerRequest(question=question, form=form, pack=told)
    return [draft.text for draft in answerer.write(request, Spent())]


@pytest.mark.parametrize("form", Form)
def test_what_a_picture_looks_like_answers_no_question_about_the_world(form: Form) -> None:
    assert not any("looks" in text or "colours" in text for text in said_of_picture("harbour boat blue", form))


def test_what_a_picture_looks_like_answers_a_question_for_pictures() -> None:
    assert "looks or sounds like: harbour, boat" in said_of_picture("Which picture shows a harbour and a boat?")


def test_what_is_written_in_a_picture_answers_any_question() -> None:
    assert said_of_picture("harbour office") == ["written: harbour office"]


def test_with_nothing_but_looks_there_is_no_answer() -> None:
    answerer = Extractive(HashEncoder(width=256))
    request = AnswerRequest(question="harbour boat", form=Form.ANSWER, pack=described("looks or sounds like: harbour"))
    assert list(answerer.write(request, Spent())) == []


def test_what_a_text_says_of_looks_is_a_statement() -> None:
    answerer = Extractive(HashEncoder(width=256))
    request = AnswerRequest(question="looks or sounds like: rain", form=Form.ANSWER, pack=pack(LOOKS_SAID))
    assert [draft.text for draft in answerer.write(request, Spent())] == [LOOKS_SAID]


def test_a_title_is_left_out_where_a_sentence_answers_better() -> None:
    answerer = Extractive(HashEncoder(width=256))
    text = "The red fox of the barn\n\nThe red fox of the barn sleeps in the barn."
    named = hit(text, name="The red fox of the barn")
    evidence = Pack(exhibits=(Exhibit(number=1, hit=named, text=text),))
    question = "The red fox of the barn sleeps in the barn"
    request = AnswerRequest(question=question, form=Form.SUMMARY, pack=evidence)
    assert [draft.text for draft in answerer.write(request, Spent())] == [f"{question}."]


def test_a_note_of_one_line_answers_though_the_line_is_its_title_too() -> None:
    answerer = Extractive(HashEncoder(width=256))
    line = "The wifi password of the cabin is hunter2"
    evidence = Pack(exhibits=(Exhibit(number=1, hit=hit(line, name=line), text=line),))
    request = AnswerRequest(question="wifi password cabin", form=Form.ANSWER, pack=evidence)
    assert [draft.text for draft in answerer.write(request, Spent())] == [line]
