"""Makes the micro models in `tests/unit/encoders/micro`: by them the ordinary tests prove how ONNX folders are read.

    .venv-train/bin/python -m tests.parity.make_micro

The towers are those of `twins`, smaller; the golden vectors come from the reference library, never from our own code.
The sound tower is a few sums of torch, since the smallest one of CLAP is too large to keep here.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
import transformers as hf
from PIL import Image
from tests.parity import twins

OUT = Path(__file__).resolve().parents[1] / "unit" / "encoders" / "micro"
MICRO = twins.Size(hidden=16, layers=1, side=8, patch=4)
TEXTS = (*twins.SENTENCES, "A", "!?", "Rain, RAIN & rain on   the roof")
TOLERANCE = 1e-4


class Ear(torch.nn.Module):
    """Mean and spread of every band against the whole, joined: enough to tell one front end from another."""

    def __init__(self, bands: int, width: int) -> None:
        super().__init__()
        self.join = torch.nn.Linear(2 * bands, width, bias=False)

    def forward(self, mel: torch.Tensor) -> torch.Tensor:
        bands = (mel[:, 0] - mel[:, 0].mean(dim=(1, 2), keepdim=True)) / 10
        spread = (bands - bands.mean(dim=1, keepdim=True)).abs().mean(dim=1)
        return self.join(torch.cat([bands.mean(dim=1), spread], dim=1))


def main() -> None:
    for kind in ("clip", "siglip", "clap"):
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / kind
            make(kind, folder)
            shutil.rmtree(OUT / kind, ignore_errors=True)
            shutil.copytree(folder, OUT / kind)


def make(kind: str, folder: Path) -> None:
    """One folder with its golden vectors."""
    twin = ear(folder) if kind == "clap" else twins.build(kind, folder, MICRO)
    (folder / "spiece.model").unlink(missing_ok=True)
    for path in (folder / "onnx").glob("*.onnx"):
        shorten(path)
    golden(folder / "golden_text.npz", np.array(TEXTS), twin.texts(TEXTS))
    if twin.pictures is not None:
        shape = (4, MICRO.side, MICRO.side, 3)
        pixels = np.random.default_rng(2).integers(0, 256, shape, dtype=np.uint8)
        golden(folder / "golden_image.npz", pixels, twin.pictures([Image.fromarray(picture) for picture in pixels]))
    if twin.sounds is not None:
        sounds = np.stack(some_sounds())
        golden(folder / "golden_sound.npz", sounds, twin.sounds([sound / 32_768 for sound in sounds]))
    (folder / "sensorium.json").write_text(json.dumps({"golden_tolerance": TOLERANCE}) + "\n")


def ear(folder: Path) -> twins.Twin:
    """A folder like CLAP's, of a small text tower and `Ear`."""
    vocabulary, merges = twins.bpe()
    words = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    for token in [*vocabulary, "<mask>"]:
        words.setdefault(token, len(words))
    torch.manual_seed(5)
    tokenizer = hf.RobertaTokenizer(vocab=words, merges=merges, model_max_length=64)
    extractor = hf.ClapFeatureExtractor(
        feature_size=16, truncation="rand_trunc", sampling_rate=4_000, max_length_s=1, hop_length=40,
        fft_window_size=128, frequency_max=1_900, frequency_min=50,
    )  # fmt: skip
    text_config = MICRO.layer(vocab_size=len(words), max_position_embeddings=66, pad_token_id=1, type_vocab_size=1)
    config = hf.ClapConfig(text_config=text_config, projection_dim=16)
    text = hf.ClapTextModelWithProjection(config.text_config).eval()
    sound = Ear(16, config.text_config.projection_dim).eval()
    twins.louder(text)
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(
        json.dumps({"model_type": "clap", "projection_dim": config.text_config.projection_dim,
                    "text_config": {"max_position_embeddings": 66}})
    )  # fmt: skip
    tokenizer.save_pretrained(folder)
    extractor.save_pretrained(folder)
    ids = torch.tensor([[5] * 9, [6] * 9])
    tower = twins.Tower(text, lambda it, ids, mask: it(input_ids=ids, attention_mask=mask).text_embeds)
    feeds = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    twins.export(tower, folder / "onnx/text_model.onnx", feeds, "text_embeds", list(feeds))
    frames = extractor.nb_max_samples // extractor.hop_length + 1
    feed = {"input_features": torch.zeros(1, 1, frames, 16)}
    twins.export(sound, folder / "onnx/audio_model.onnx", feed, "audio_embeds", [])

    def texts(some: Sequence[str]) -> np.ndarray:
        fed = tokenizer(list(some), padding=True, return_tensors="pt")
        with torch.no_grad():
            return twins.unit(text(input_ids=fed["input_ids"], attention_mask=fed["attention_mask"]).text_embeds)

    def sounds(some: Sequence[Any]) -> np.ndarray:
        fed = extractor(list(some), sampling_rate=4_000, return_tensors="pt")
        with torch.no_grad():
            return twins.unit(sound(fed["input_features"].float()))

    return twins.Twin(folder=folder, texts=texts, sounds=sounds)


def some_sounds() -> list[np.ndarray]:
    """int16 [1500] each, at 4 kHz: a window holds it twice and a rest of silence, so that filling up counts."""
    time = np.arange(1_500) / 4_000
    noise = np.random.default_rng(3).normal(0, 3_000, 1_500)
    made = (noise, 9_000 * np.sin(2 * np.pi * 300 * time), 9_000 * np.sin(2 * np.pi * (200 + 800 * time) * time))
    return [sound.astype(np.int16) for sound in made]


def golden(path: Path, contents: np.ndarray, vectors: np.ndarray) -> None:
    np.savez_compressed(path, contents=contents, vectors=vectors.astype(np.float32))


def shorten(path: Path) -> None:
    """Names of what is inside, which take more room than the weights, become numbers."""
    model = onnx.load(path)
    kept = {value.name for value in [*model.graph.input, *model.graph.output]}
    names: dict[str, str] = {name: name for name in kept}

    def short(name: str) -> str:
        return names.setdefault(name, f"v{len(names)}") if name else name

    for node in model.graph.node:
        node.name = node.doc_string = ""
        node.input[:], node.output[:] = [short(name) for name in node.input], [short(name) for name in node.output]
    for tensor in model.graph.initializer:
        tensor.name, tensor.doc_string = short(tensor.name), ""
    del model.graph.value_info[:], model.metadata_props[:]
    model.doc_string = ""
    onnx.checker.check_model(model)
    onnx.save(model, path)


if __name__ == "__main__":
    main()
