"""Questions that are encoded together, and what is remembered of them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from sensorium.core.contents import Content, Role
from sensorium.core.errors import BadInput
from sensorium.core.items import Modality
from sensorium.core.ports import DetailedEncoder, Encoder, LookCurves, QueryBanks, SoundEncoder
from sensorium.core.spaces import Vectors
from sensorium.encoders.together import Together
from sensorium.testing.encoders import HashEncoder


class Slow(HashEncoder):
    """Its first pass waits until it is let go; it remembers what came together, and refuses one text."""

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[int] = []
        self.begun, self.go = threading.Event(), threading.Event()

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        self.begun.set()
        self.go.wait(30)
        self.passes.append(len(contents))
        if "bad" in contents:
            raise BadInput("it does not like this text")
        return super().encode(modality, contents, role)


def ask(encoder: Together, text: str) -> Vectors:
    return encoder.encode(Modality.TEXT, [text], "query")


def crowd(slow: Slow, together: Together, texts: Sequence[str]) -> list[Vectors | None]:
    """What each text gives, all asked while the first one is being encoded."""
    with ThreadPoolExecutor(len(texts) + 1) as pool:
        first = pool.submit(ask, together, "first")
        assert slow.begun.wait(30)
        others = [pool.submit(ask, together, text) for text in texts]
        while len(together._waiting) < len(texts):
            pass
        slow.go.set()
        first.result(30)
        return [None if other.exception(30) else other.result() for other in others]


def test_what_arrives_meanwhile_goes_in_one_pass() -> None:
    slow = Slow()
    texts = [f"text {n}" for n in range(5)]
    made = crowd(slow, Together(slow), texts)
    assert slow.passes == [1, 5]
    plain = HashEncoder()
    for text, vector in zip(texts, made, strict=True):
        assert vector is not None
        np.testing.assert_array_equal(vector, plain.encode(Modality.TEXT, [text], "query"))


def test_a_text_that_fails_fails_alone() -> None:
    slow = Slow()
    made = crowd(slow, Together(slow), ["good", "bad", "fine"])
    assert [vector is not None for vector in made] == [True, False, True]


def test_a_text_is_encoded_once() -> None:
    slow = Slow()
    slow.go.set()
    looks: list[bool] = []
    together = Together(slow, looked_up=looks.append)
    np.testing.assert_array_equal(ask(together, "again"), ask(together, "again"))
    assert (slow.passes, looks) == ([1], [False, True])


def test_what_is_kept_goes_straight_through() -> None:
    slow = Slow()
    slow.go.set()
    together = Together(slow)
    together.encode(Modality.TEXT, ["a", "b"], "piece")
    together.encode(Modality.TEXT, ["a"], "piece")
    assert slow.passes == [2, 1]


@pytest.mark.parametrize("port", [Encoder, DetailedEncoder, SoundEncoder, LookCurves, QueryBanks])
def test_it_fits_every_port_and_claims_nothing_that_the_other_lacks(port: type) -> None:
    together = Together(HashEncoder())
    assert isinstance(together, port)
    assert together.details is None
    assert together.audio_input is None
    assert together.query_bank(Modality.TEXT) is None
    assert together.calibration_after(Modality.TEXT, Modality.IMAGE, ("late",)) is None
    assert together.encode_detailed(Modality.TEXT, ["a"], "query")[1] is None


def test_a_thread_that_is_stopped_leaves_the_others_their_questions() -> None:
    """The second pass is stopped as Ctrl-C stops one; whoever waits in it gets an answer all the same."""

    class Stopped(Slow):
        def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
            if len(self.passes) == 1 and self.go.is_set():
                self.passes.append(0)
                raise KeyboardInterrupt
            return super().encode(modality, contents, role)

    slow = Stopped()
    made = crowd(slow, Together(slow), ["one", "two", "three"])
    assert sum(vector is None for vector in made) <= 1, "only the thread that was stopped got nothing"


def test_what_is_remembered_can_not_be_written_into() -> None:
    slow = Slow()
    slow.go.set()
    vector = ask(Together(slow), "a")
    with pytest.raises(ValueError, match="read-only"):
        vector *= 0


def test_only_the_last_questions_are_remembered() -> None:
    slow = Slow()
    slow.go.set()
    together = Together(slow, remembered=2)
    for text in ("a", "b", "a", "c", "a", "b"):
        ask(together, text)
    assert slow.passes == [1, 1, 1, 1], "`b` made room for `c`, and `a` was asked for since"
