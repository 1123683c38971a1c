"""Our vectors are the reference library's, for every architecture and sense, alone and in a batch; and are not, once
anything of how contents are prepared is broken."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from sensorium.core.items import Modality
from sensorium.encoders.onnx import OnnxEncoder
from sensorium.readers.pictures.image import rendition

pytest.importorskip("torch", reason="the reference needs torch: make test-train")
pytest.importorskip("transformers", reason="the reference needs transformers: make test-train")
pytest.importorskip("sentencepiece", reason="the reference needs sentencepiece: make test-train")
twins = pytest.importorskip("tests.parity.twins")

TOLERANCE, BROKEN = 1e-4, 1e-3
KINDS = ("clip", "siglip", "siglip2", "immich", "clap", "clap-fused")

Change = Callable[[dict[str, Any]], object]


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Any]:
    """The twin of a kind, made once."""
    made: dict[str, Any] = {}

    def build(kind: str) -> Any:
        if kind not in made:
            made[kind] = twins.build(kind, tmp_path_factory.mktemp(kind) / kind)
        return made[kind]

    return build


def load(folder: Path) -> OnnxEncoder:
    return OnnxEncoder.load(threads=1, model=str(folder))


def noise(size: tuple[int, int], seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8))


TEXTS = (*twins.SENTENCES, "A", "  two   spaces, and: some? punctuation!  ")
PICTURES = tuple(noise(size, seed) for seed, size in enumerate([(16, 16), (20, 30), (40, 17), (64, 64), (200, 90)]))
RATE = 8_000


def sounds() -> list[np.ndarray]:
    """int16 at 8 kHz: a whole window, a third of one, and one that is filled with a rest."""
    time = np.arange(2 * RATE) / RATE
    chance = np.random.default_rng(5)
    whole = chance.normal(0, 4_000, len(time)) * np.exp(-3 * time)
    tone = 9_000 * np.sin(2 * np.pi * 440 * time[: len(time) // 3])
    return [sound.astype(np.int16) for sound in (whole, tone, 12_000 * np.sin(2 * np.pi * 90 * time**3)[:11_000])]


def ours(encoder: OnnxEncoder, modality: Modality, contents: Sequence[Any]) -> np.ndarray:
    if modality is Modality.IMAGE:
        assert encoder.image_input is not None
        contents = [rendition(picture, encoder.image_input) for picture in contents]
    return encoder.encode(modality, contents, "piece")


def expected(twin: Any, modality: Modality, contents: Sequence[Any]) -> np.ndarray:
    if modality is Modality.TEXT:
        return twin.texts(contents)
    return twin.pictures(contents) if modality is Modality.IMAGE else twin.sounds([c / 32_768 for c in contents])


def contents_of(modality: Modality) -> Sequence[Any]:
    return {Modality.TEXT: TEXTS, Modality.IMAGE: PICTURES, Modality.AUDIO: sounds()}[modality]


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_are_the_reference_s_alone_and_batched(kind: str, built: Callable[[str], Any]) -> None:
    twin, encoder = built(kind), load(built(kind).folder)
    for modality in sorted(encoder.modalities):
        contents = contents_of(modality)
        reference = expected(twin, modality, contents)
        assert np.abs(ours(encoder, modality, contents) - reference).max() <= TOLERANCE
        for content, row in zip(contents, reference, strict=True):
            assert np.abs(ours(encoder, modality, [content])[0] - row).max() <= TOLERANCE


@pytest.mark.parametrize("kind", KINDS)
def test_the_twins_tell_contents_apart(kind: str, built: Callable[[str], Any]) -> None:
    encoder = load(built(kind).folder)
    for modality in sorted(encoder.modalities):
        rows = expected(built(kind), modality, contents_of(modality))
        assert np.abs(rows[0] - rows[1]).max() > 10 * BROKEN


TOKENIZER, IMAGES, CONFIG = "tokenizer_config.json", "preprocessor_config.json", "config.json"
CHANGES: dict[str, tuple[str, Modality, str, Change]] = {
    "siglip padded with <unk>": ("siglip", Modality.TEXT, TOKENIZER, lambda it: it.update(pad_token="<unk>")),
    "siglip padded on the left": ("siglip", Modality.TEXT, TOKENIZER, lambda it: it.update(padding_side="left")),
    "siglip padded to 32": (
        "siglip", Modality.TEXT, CONFIG, lambda it: it["text_config"].update(max_position_embeddings=32)),
    "siglip with punctuation": ("siglip", Modality.TEXT, TOKENIZER, lambda it: it.update(tokenizer_class="Gemma")),
    "siglip2 padded with <eos>": ("siglip2", Modality.TEXT, TOKENIZER, lambda it: it.update(pad_token="<eos>")),
    "siglip2 without its end": (
        "siglip2", Modality.TEXT, "tokenizer.json", lambda it: it.update(post_processor=None)),
    "clip without its end": ("clip", Modality.TEXT, "tokenizer.json", lambda it: it.update(post_processor=None)),
    "clap without its marks": ("clap", Modality.TEXT, "tokenizer.json", lambda it: it.update(post_processor=None)),
    "clip by siglip's mean": ("clip", Modality.IMAGE, IMAGES, lambda it: it.update(image_mean=[0.5] * 3)),
    "clip squashed": (
        "clip", Modality.IMAGE, IMAGES,
        lambda it: it.update(do_center_crop=False, size={"height": 16, "width": 16})),
    "siglip by clip's deviation": ("siglip", Modality.IMAGE, IMAGES, lambda it: it.update(image_std=[0.27] * 3)),
    "siglip2 by another filter": ("siglip2", Modality.IMAGE, IMAGES, lambda it: it.update(resample=3)),
    "siglip2 not scaled": ("siglip2", Modality.IMAGE, IMAGES, lambda it: it.update(do_rescale=False)),
    "immich squashed": (
        "immich", Modality.IMAGE, "visual/preprocess_cfg.json", lambda it: it.update(resize_mode="squash")),
    "clap by the other filters": (
        "clap", Modality.AUDIO, IMAGES, lambda it: it.update(frequency_max=2_000)),
    "clap filled with silence": ("clap", Modality.AUDIO, IMAGES, lambda it: it.update(padding="pad")),
    "fused clap by slower frames": (
        "clap-fused", Modality.AUDIO, IMAGES, lambda it: it.update(frequency_min=500)),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_broken_preparation_shows(what: str, built: Callable[[str], Any], tmp_path: Path) -> None:
    kind, modality, name, how = CHANGES[what]
    folder = Path(shutil.copytree(built(kind).folder, tmp_path / kind))
    values = json.loads((folder / name).read_text())
    how(values)
    (folder / name).write_text(json.dumps(values))
    contents = contents_of(modality)
    assert np.abs(ours(load(folder), modality, contents) - expected(built(kind), modality, contents)).max() > BROKEN
