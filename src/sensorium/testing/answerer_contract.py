"""What every answerer promises. Run it over one by a subclass that has a fixture `answerer`."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from sensorium.core.answers import AnswerRequest, Draft, Exhibit, Form, Pack, Spent
from sensorium.core.ports import Answerer
from sensorium.testing.specimens import shown

TEXTS = (
    "The lighthouse of Alma was built in 1874 by the harbour board.",
    "Its lamp burns paraffin.\n\nThe keeper climbs 199 steps every evening.",
    "Lighthouses\n| built | steps\nAlma | 1874 | 199\nBira | 1901 | 87",
)
QUESTION = "When was the lighthouse of Alma built?"


def pack(texts: Sequence[str]) -> Pack:
    """The texts as evidence, numbered."""
    exhibits = (Exhibit(number=n, hit=shown(n, text), text=text) for n, text in enumerate(texts, 1))
    return Pack(exhibits=tuple(exhibits))


class AnswererContract:
    """The suite."""

    def write(self, answerer: Answerer, form: Form, texts: Sequence[str] = TEXTS) -> list[Draft]:
        """What it says to the question on this evidence."""
        request = AnswerRequest(question=QUESTION, form=form, pack=pack(texts))
        return list(answerer.write(request, Spent()))

    def test_it_has_a_name(self, answerer: Answerer) -> None:
        """Answers tell who wrote them."""
        assert isinstance(answerer, Answerer)
        assert answerer.name.isidentifier()

    @pytest.mark.parametrize("form", list(Form))
    def test_every_form_gives_sentences_that_cite_the_evidence(self, answerer: Answerer, form: Form) -> None:
        """Something is said, and each number that it cites is one of the pack."""
        drafts = self.write(answerer, form)
        assert any(draft.text.strip() or draft.cells for draft in drafts)
        assert {number for draft in drafts for number in draft.cites} <= set(range(1, len(TEXTS) + 1))
        assert any(draft.cites for draft in drafts)

    def test_without_evidence_it_says_nothing(self, answerer: Answerer) -> None:
        """What nobody can check is not said."""
        assert self.write(answerer, Form.ANSWER, ()) == []

    def test_it_ends_without_an_error_once_it_is_stopped(self, answerer: Answerer) -> None:
        """Who waits no more is not kept waiting."""
        stop = threading.Event()
        stop.set()
        request = AnswerRequest(question=QUESTION, form=Form.SUMMARY, pack=pack(TEXTS), stop=stop)
        assert len(list(answerer.write(request, Spent()))) <= 1

    def test_it_leaves_the_request_as_it_was(self, answerer: Answerer) -> None:
        """The same pack is asked of again."""
        request = AnswerRequest(question=QUESTION, form=Form.ANSWER, pack=pack(TEXTS))
        before = request.pack
        list(answerer.write(request, Spent()))
        assert request.pack == before
        assert not request.stop.is_set()

    def test_two_threads_get_what_one_gets(self, answerer: Answerer) -> None:
        """A server asks it for several people at once."""
        alone, found = self.write(answerer, Form.ANSWER), list[list[Draft]]()
        threads = [threading.Thread(target=lambda: found.append(self.write(answerer, Form.ANSWER))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [alone, alone]
