"""Which tower a text belongs to: learnt from English and other texts."""

import numpy as np
import pytest

tokenizers = pytest.importorskip("tokenizers")
pytest.importorskip("torch")

from sensorium.encoders.languages import EnglishOrNot  # noqa: E402
from sensorium.training.routing import FOREIGN, english_odds  # noqa: E402
from sensorium.training.trunks import minilm  # noqa: E402

ENGLISH = ["a dog runs on the beach", "the man plays a guitar", "a red house by the sea"]
OTHERS = ["ein Hund rennt am Strand", "der Mann spielt Gitarre", "une maison rouge au bord de la mer"]


@pytest.fixture(scope="module")
def tokenizer() -> object:
    return minilm.load_trunk().tokenizer


@pytest.fixture(scope="module")
def is_english(tokenizer: object) -> EnglishOrNot:
    return EnglishOrNot(tokenizer, english_odds(tokenizer, ENGLISH, OTHERS, ["guitar", "boat", "winter", "station"]))


@pytest.mark.parametrize("text", ["a dog by the sea", "winter station", "", "1999"])
def test_english_goes_to_the_english_tower(is_english: EnglishOrNot, text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize("text", ["ein Mann am Strand", "la mer", "кошка на дереве", "木の上の猫"])
def test_other_languages_and_scripts_do_not(is_english: EnglishOrNot, text: str) -> None:
    assert not is_english(text)


def test_pieces_of_other_scripts_are_never_held_for_english(tokenizer: object) -> None:
    odds = english_odds(tokenizer, ["кошка"], [], [])
    vocabulary = minilm.load_trunk().tokenizer.get_vocab()
    assert odds[vocabulary["к"]] <= np.float16(FOREIGN)


def test_digits_and_marks_tell_nothing(tokenizer: object) -> None:
    odds = english_odds(tokenizer, ["a dog"], ["ein Hund, 1999"], [])
    vocabulary = minilm.load_trunk().tokenizer.get_vocab()
    assert (odds[vocabulary["1999"]], odds[vocabulary[","]]) == (0, 0)
