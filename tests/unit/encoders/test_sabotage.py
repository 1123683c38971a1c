"""Golden vectors are there to catch a wrong preprocessing: each is broken on purpose and has to be caught."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from sensorium.core.errors import GoldenMismatch
from sensorium.core.items import Modality
from sensorium.encoders.compact import OTHERS, CompactEncoder
from sensorium.encoders.golden import Golden, read_golden
from sensorium.encoders.towers import Feed, ImageTower, TextTower

TEXT_TOWERS = ("text", OTHERS)
TOLERANCE = CompactEncoder.load()._manifest.golden_tolerance


class Tampering:
    """A session whose feed is changed on its way in."""

    def __init__(self, session: Any, change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self._session, self._change = session, change

    def run(self, outputs: list[str], feed: Feed) -> list[Any]:
        return list(self._session.run(outputs, self._change(dict(feed))))


@pytest.fixture(scope="module")
def encoder() -> CompactEncoder:
    return CompactEncoder.load(threads=1)


def golden_of(encoder: CompactEncoder, tower: str) -> Golden:
    name = f"golden_{tower}.npz"
    return read_golden(encoder._manifest.read(name), name)


@pytest.fixture(scope="module")
def text_tower(encoder: CompactEncoder) -> Any:
    return encoder._text_tower()


@pytest.fixture(scope="module")
def text_towers(text_tower: Any) -> dict[str, Any]:
    """By the name of the golden file."""
    return {"text": text_tower._english, OTHERS: text_tower.others}


@pytest.fixture(scope="module")
def image_tower(encoder: CompactEncoder) -> Any:
    return encoder._image_tower()


def assert_caught(golden: Golden, encode: Callable[[Sequence[Any]], Any]) -> None:
    with pytest.raises(GoldenMismatch) as caught:
        golden.check(encode, TOLERANCE, "tower")
    assert "reinstall" in caught.value.remedy


def test_towers_as_shipped_pass(
    encoder: CompactEncoder, text_tower: Any, text_towers: dict[str, Any], image_tower: Any
) -> None:
    golden_of(encoder, Modality.TEXT).check(text_tower.encode, TOLERANCE, "text")
    for name, tower in text_towers.items():
        golden_of(encoder, name).check(tower.encode, TOLERANCE, name)
    golden_of(encoder, Modality.IMAGE).check(image_tower.encode, TOLERANCE, "image")


PIXEL_FAULTS: dict[str, Callable[[Any], Any]] = {
    "blue and red exchanged": lambda pixels: pixels[..., ::-1],
    "scaled to another deviation": lambda pixels: (pixels * 0.9).astype(np.uint8),
    "another mean": lambda pixels: np.clip(pixels.astype(int) + 8, 0, 255).astype(np.uint8),
    "upside down": lambda pixels: pixels[:, ::-1],
    "rows and columns exchanged": lambda pixels: pixels.transpose(0, 2, 1, 3),
    "cropped instead of squashed": lambda pixels: np.repeat(np.repeat(pixels[:, 72:216, 72:216], 2, 1), 2, 2),
    "grey": lambda pixels: np.repeat(pixels.mean(-1, keepdims=True), 3, -1).astype(np.uint8),
}


@pytest.mark.parametrize("fault", PIXEL_FAULTS)
def test_wrong_pixels_are_caught(encoder: CompactEncoder, image_tower: Any, fault: str) -> None:
    def change(feed: dict[str, Any]) -> dict[str, Any]:
        return {"pixels": np.ascontiguousarray(PIXEL_FAULTS[fault](feed["pixels"]))}

    broken = ImageTower(Tampering(image_tower._session, change), image_tower._side, image_tower._width)
    assert_caught(golden_of(encoder, Modality.IMAGE), broken.encode)


@pytest.mark.parametrize("name", TEXT_TOWERS)
def test_a_tokenizer_that_keeps_capitals_is_caught(
    encoder: CompactEncoder, text_towers: dict[str, Any], name: str
) -> None:
    from tokenizers import Tokenizer
    from tokenizers.normalizers import BertNormalizer

    tower = text_towers[name]
    tokenizer = Tokenizer.from_str(tower._tokenizer.to_str())
    tokenizer.normalizer = BertNormalizer(lowercase=False)
    broken = TextTower(tower._session, tokenizer, tower._max_tokens, tower._width)
    assert_caught(golden_of(encoder, name), broken.encode)


@pytest.mark.parametrize("name", TEXT_TOWERS)
def test_padding_that_takes_part_is_caught(encoder: CompactEncoder, text_towers: dict[str, Any], name: str) -> None:
    def change(feed: dict[str, Any]) -> dict[str, Any]:
        return feed | {"attention_mask": np.ones_like(feed["attention_mask"])}

    tower = text_towers[name]
    broken = TextTower(Tampering(tower._session, change), tower._tokenizer, 256, tower._width)
    assert_caught(golden_of(encoder, name), broken.encode)


@pytest.mark.parametrize("max_tokens", [128, 512])
def test_another_window_is_caught(encoder: CompactEncoder, text_towers: dict[str, Any], max_tokens: int) -> None:
    tower = text_towers["text"]
    broken = TextTower(tower._session, tower._tokenizer, max_tokens, tower._width)
    assert_caught(golden_of(encoder, Modality.TEXT), broken.encode)


def test_a_long_text_cut_off_is_caught(encoder: CompactEncoder, text_tower: Any) -> None:
    def cut(contents: Sequence[Any]) -> Any:
        return text_tower.encode([text[:400] for text in contents])

    assert_caught(golden_of(encoder, Modality.TEXT), cut)


@pytest.mark.parametrize("name", TEXT_TOWERS)
def test_missing_start_and_end_tokens_are_caught(
    encoder: CompactEncoder, text_towers: dict[str, Any], name: str
) -> None:
    def change(feed: dict[str, Any]) -> dict[str, Any]:
        kept = {name: values[:, 1:] for name, values in feed.items()}
        return kept if kept["input_ids"].shape[1] else feed

    tower = text_towers[name]
    broken = TextTower(Tampering(tower._session, change), tower._tokenizer, 256, tower._width)
    assert_caught(golden_of(encoder, name), broken.encode)


def test_vectors_that_are_no_numbers_are_caught(encoder: CompactEncoder) -> None:
    golden = golden_of(encoder, Modality.TEXT)
    assert_caught(golden, lambda contents: np.full_like(golden.vectors, np.nan))
