"""Tiny models of the architectures that people use, with random weights: the reference library's and our folder of it.

Needs torch and transformers. `build` writes the folder as exporters of the hub do; the reference is transformers' own
processor and model, loaded from the same folder where that is possible.
"""

from __future__ import annotations

import json
import string
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import sentencepiece
import torch
import transformers as hf
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

SENTENCES = (
    "two dogs run through deep snow",
    "A red bus waits in front of the old theatre!",
    "Ein Mädchen klettert auf einen Baum, 2 Katzen sehen zu.",
    "the quick brown fox jumps over the lazy dog",
    "rain on a tin roof; birds at dawn",
    "an oil tanker, a red fox and a heron",
)


@dataclass(frozen=True, kw_only=True)
class Size:
    """hidden: width of the layers. layers: how many. side: of pictures, in pixels; patch: of their patches."""

    hidden: int = 32
    layers: int = 2
    side: int = 16
    patch: int = 8

    def layer(self, **more: Any) -> dict[str, Any]:
        """What all configurations of transformers call these."""
        shape = {"hidden_size": self.hidden, "intermediate_size": self.hidden + 8, "num_attention_heads": 4}
        return {**shape, "num_hidden_layers": self.layers, **more}


SMALL = Size()


@dataclass(frozen=True, kw_only=True)
class Twin:
    """folder: ours. texts, pictures, sounds: the reference's unit vectors; None where it does not take them."""

    folder: Path
    texts: Callable[[Sequence[str]], np.ndarray]
    pictures: Callable[[Sequence[Any]], np.ndarray] | None = None
    sounds: Callable[[Sequence[np.ndarray]], np.ndarray] | None = None


class Tower(torch.nn.Module):
    """One tower of a model as exporters cut it out."""

    def __init__(self, model: torch.nn.Module, call: Callable[..., Any]) -> None:
        super().__init__()
        self.model = model
        self.call = call

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        return self.call(self.model, *inputs)


def vectors_of(found: Any) -> torch.Tensor:
    """What `get_..._features` gives, in any version of transformers."""
    return found if isinstance(found, torch.Tensor) else found.pooler_output


def export(
    tower: Tower, path: Path, feeds: dict[str, torch.Tensor], output: str, dynamic: Sequence[str] | None
) -> None:
    """Writes a tower. dynamic: inputs whose length may change; None where the number of rows may not either."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fixed = dynamic is None
    axes: dict[str, dict[int, str]] = {} if fixed else {name: {0: "batch"} for name in [*feeds, output]}
    for name in dynamic or ():
        axes[name][1] = "tokens"
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            tower.eval(),
            tuple(feeds.values()),
            str(path),
            input_names=list(feeds),
            output_names=[output],
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )


def build(kind: str, folder: Path, size: Size = SMALL) -> Twin:
    """kind: "clip", "siglip", "siglip2", "immich", "clap", "clap-fused". The same weights every time."""
    torch.manual_seed(5)
    makers = {"clip": clip, "siglip": siglip, "siglip2": siglip2, "immich": immich}
    if kind in makers:
        return makers[kind](folder, size)
    return clap(folder, size, fused=kind == "clap-fused")


def louder(model: torch.nn.Module) -> None:
    """Random weights of transformers are so small that every content gets nearly the same vector."""
    with torch.no_grad():
        for name, weights in model.named_parameters():
            if weights.ndim > 1:
                weights.normal_(0, 0.5 if "embed" in name else 2 / weights[0].numel() ** 0.5)


def unit(rows: torch.Tensor) -> np.ndarray:
    return torch.nn.functional.normalize(rows, dim=-1).numpy()


def bpe(suffix: str = "") -> tuple[dict[str, int], list[tuple[str, str]]]:
    """A small byte-level vocabulary with its merges. suffix: what ends a word, as CLIP's does.

    Every word of `SENTENCES` grows letter by letter from its start. No trainer makes it: its ties fall as they like.
    """
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    pieces = [*letters, *(letter + suffix for letter in letters if suffix)]
    merges: list[tuple[str, str]] = []
    split = pre_tokenizers.ByteLevel(add_prefix_space=False).pre_tokenize_str
    words = sorted({word.strip("Ġ") for sentence in SENTENCES for word, _ in split(sentence.lower())} - {""})
    for word in words[::2]:  # the others stay letters, so that both are met
        rest = [*word[:-1], word[-1] + suffix]
        for end in range(1, len(rest)):
            pair = ("".join(rest[:end]), rest[end])
            if pair not in merges:
                merges.append(pair)
                pieces.append("".join(pair))
    return {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}, merges


def image_text(
    model: Any, processor: Any, folder: Path, outputs: tuple[str, str], padding: Any = True
) -> tuple[Callable[..., np.ndarray], Callable[..., np.ndarray]]:
    """Exports both towers; the reference by processor and model."""
    tokenizer, images = processor.tokenizer, processor.image_processor
    length = model.config.text_config.max_position_embeddings
    ids = torch.tensor([[5] * length], dtype=torch.int64)
    side = model.config.vision_config.image_size
    pixels = torch.zeros(1, 3, side, side)
    text = Tower(model, lambda it, ids: vectors_of(it.get_text_features(input_ids=ids)))
    vision = Tower(model, lambda it, pixels: vectors_of(it.get_image_features(pixel_values=pixels)))
    fixed = padding == "max_length"
    export(text, folder / "onnx/text_model.onnx", {"input_ids": ids}, outputs[0], [] if fixed else ["input_ids"])
    export(vision, folder / "onnx/vision_model.onnx", {"pixel_values": pixels}, outputs[1], [])

    def texts(some: Sequence[str]) -> np.ndarray:
        fed = tokenizer(list(some), padding=padding, truncation=True, max_length=length, return_tensors="pt")
        mask = {} if fixed else {"attention_mask": fed["attention_mask"]}
        with torch.no_grad():
            return unit(vectors_of(model.get_text_features(input_ids=fed["input_ids"], **mask)))

    def pictures(some: Sequence[Any]) -> np.ndarray:
        with torch.no_grad():
            fed = images(images=list(some), return_tensors="pt")
            return unit(vectors_of(model.get_image_features(pixel_values=fed["pixel_values"])))

    return texts, pictures


def clip(folder: Path, size: Size) -> Twin:
    vocabulary, merges = bpe("</w>")
    for token in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary.setdefault(token, len(vocabulary))
    tokenizer = hf.CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=77)
    words = {"vocab_size": len(vocabulary), "max_position_embeddings": 77, "eos_token_id": len(vocabulary) - 1}
    config = hf.CLIPConfig(
        text_config=size.layer(**words, bos_token_id=len(vocabulary) - 2, pad_token_id=len(vocabulary) - 1),
        vision_config=size.layer(image_size=size.side, patch_size=size.patch),
        projection_dim=24,
    )
    model = hf.CLIPModel(config).eval()
    louder(model)
    images = pil_processor("CLIPImageProcessor", size={"shortest_edge": size.side}, crop_size=square(size.side))
    save(folder, model, tokenizer, images)
    texts, pictures = image_text(model, Pair(tokenizer, images), folder, ("text_embeds", "image_embeds"))
    return Twin(folder=folder, texts=texts, pictures=pictures)


def immich(folder: Path, size: Size) -> Twin:
    """As Immich's exporter cuts a model of OpenCLIP: one row at a time, texts of whole numbers of 32 bits."""
    twin = clip(folder / "hub", size)
    model = hf.CLIPModel(hf.CLIPConfig.from_pretrained(folder / "hub")).eval()
    torch.manual_seed(5)
    louder(model)
    tokenizer = hf.CLIPTokenizer.from_pretrained(folder / "hub")
    images = hf.CLIPImageProcessorPil.from_pretrained(folder / "hub")
    tokenizer.save_pretrained(folder / "textual")
    text = Tower(model, lambda it, ids: normal(vectors_of(it.get_text_features(input_ids=ids.long()))))
    vision = Tower(model, lambda it, pixels: normal(vectors_of(it.get_image_features(pixel_values=pixels))))
    ids, pixels = torch.ones(1, 77, dtype=torch.int32), torch.zeros(1, 3, size.side, size.side)
    export(text, folder / "textual/model.onnx", {"text": ids}, "embedding", None)
    export(vision, folder / "visual/model.onnx", {"image": pixels}, "embedding", None)
    told = {"embed_dim": 24, "vision_cfg": {"image_size": size.side}, "text_cfg": {"context_length": 77}}
    (folder / "config.json").write_text(json.dumps(told))
    preprocessing = {
        "size": [size.side, size.side], "mode": "RGB", "mean": images.image_mean, "std": images.image_std,
        "interpolation": "bicubic", "resize_mode": "shortest", "fill_color": 0,
    }  # fmt: skip
    (folder / "visual/preprocess_cfg.json").write_text(json.dumps(preprocessing))

    def texts(some: Sequence[str]) -> np.ndarray:
        fed = tokenizer(list(some), padding="max_length", max_length=77, return_tensors="pt")
        with torch.no_grad():
            return unit(vectors_of(model.get_text_features(input_ids=fed["input_ids"])))

    def pictures(some: Sequence[Any]) -> np.ndarray:
        with torch.no_grad():
            return unit(vectors_of(model.get_image_features(**images(images=list(some), return_tensors="pt"))))

    assert twin.pictures is not None
    return Twin(folder=folder, texts=texts, pictures=pictures)


def normal(rows: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(rows, dim=-1)


def siglip_model(vocabulary: int, size: Size) -> Any:
    config = hf.SiglipConfig(
        text_config=size.layer(vocab_size=vocabulary, max_position_embeddings=64, projection_size=size.hidden),
        vision_config=size.layer(image_size=size.side, patch_size=size.patch),
    )
    model = hf.SiglipModel(config).eval()
    louder(model)
    return model


def siglip(folder: Path, size: Size) -> Twin:
    """The reference's tokenizer is sentencepiece itself; ours is the `tokenizer.json` that the hub's exports carry."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "spiece.model").open("wb") as written:
        sentencepiece.SentencePieceTrainer.train(
            sentence_iterator=iter(canonical(sentence) for sentence in SENTENCES), model_writer=written, vocab_size=120,
            hard_vocab_limit=False, pad_id=-1, eos_id=1, unk_id=2, bos_id=0, minloglevel=2,
        )  # fmt: skip
    reference = hf.SiglipTokenizer(str(folder / "spiece.model"), model_max_length=64)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "spiece.model"))
    pieces = [(processor.id_to_piece(n), processor.get_score(n)) for n in range(processor.get_piece_size())]
    backend = Tokenizer(models.Unigram(pieces, unk_id=2))
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.post_processor = processors.TemplateProcessing(single="$A </s>", special_tokens=[("</s>", 1)])
    model = siglip_model(len(pieces), size)
    images = pil_processor("SiglipImageProcessor", size=square(size.side))
    save(folder, model, reference, images)
    backend.save(str(folder / "tokenizer.json"))
    pair = Pair(reference, images)
    texts, pictures = image_text(model, pair, folder, ("pooler_output", "pooler_output"), "max_length")
    return Twin(folder=folder, texts=texts, pictures=pictures)


def canonical(text: str) -> str:
    return " ".join(text.lower().translate(str.maketrans("", "", string.punctuation)).split())


def siglip2(folder: Path, size: Size) -> Twin:
    vocabulary = {"<pad>": 0, "<eos>": 1, "<bos>": 2, "<unk>": 3, "<mask>": 4}
    letters = sorted({letter for sentence in SENTENCES for letter in sentence.lower().replace(" ", "▁")})
    for piece in [*letters, *(f"<0x{byte:02X}>" for byte in range(256)), "do", "og", "th", "he", "the", "▁d"]:
        vocabulary.setdefault(piece, len(vocabulary))
    merges = [("d", "o"), ("o", "g"), ("t", "h"), ("h", "e"), ("th", "e"), ("▁", "d")]
    tokenizer = hf.Siglip2Tokenizer(vocab=vocabulary, merges=merges, padding_side="right", model_max_length=64)
    end = processors.TemplateProcessing(single="$A <eos>", special_tokens=[("<eos>", 1)])
    tokenizer.backend_tokenizer.post_processor = end
    model = siglip_model(len(vocabulary), size)
    images = pil_processor("SiglipImageProcessor", size=square(size.side), resample=2)
    save(folder, model, tokenizer, images)
    pair = Pair(tokenizer, images)
    texts, pictures = image_text(model, pair, folder, ("pooler_output", "pooler_output"), "max_length")
    return Twin(folder=folder, texts=texts, pictures=pictures)


def clap(folder: Path, size: Size, fused: bool) -> Twin:
    vocabulary, merges = bpe()
    words = {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3}
    for token in [*vocabulary, "<mask>"]:
        words.setdefault(token, len(words))
    tokenizer = hf.RobertaTokenizer(vocab=words, merges=merges, model_max_length=77)
    extractor = hf.ClapFeatureExtractor(
        feature_size=64, truncation="fusion" if fused else "rand_trunc", sampling_rate=8_000, max_length_s=2,
        hop_length=80, fft_window_size=256, frequency_max=3_800,
    )  # fmt: skip
    config = hf.ClapConfig(
        text_config=size.layer(vocab_size=len(words), max_position_embeddings=79, pad_token_id=1, type_vocab_size=1),
        audio_config={
            "num_mel_bins": 64, "spec_size": 256, "patch_size": 4, "patch_stride": [4, 4], "hidden_size": 64,
            "patch_embeds_hidden_size": 8, "depths": [1, 1, 1, 1], "num_attention_heads": [1, 2, 2, 4],
            "window_size": 8, "enable_fusion": fused, "enable_patch_layer_norm": True,
        },
        projection_dim=24,
    )  # fmt: skip
    model = hf.ClapModel(config).eval()
    louder(model)
    save(folder, model, tokenizer, extractor)
    export_clap(model, folder, fused, extractor)

    def texts(some: Sequence[str]) -> np.ndarray:
        fed = tokenizer(list(some), padding=True, truncation=True, return_tensors="pt")
        with torch.no_grad():
            return unit(
                vectors_of(model.get_text_features(**{name: fed[name] for name in ("input_ids", "attention_mask")}))
            )

    def sounds(some: Sequence[np.ndarray]) -> np.ndarray:
        fed = extractor(list(some), sampling_rate=8_000, return_tensors="pt")
        more = {"is_longer": torch.zeros(len(some), 1, dtype=torch.bool)} if fused else {}
        with torch.no_grad():
            return unit(vectors_of(model.get_audio_features(input_features=fed["input_features"].float(), **more)))

    return Twin(folder=folder, texts=texts, sounds=sounds)


def export_clap(model: Any, folder: Path, fused: bool, extractor: Any) -> None:
    ids = torch.tensor([[5] * 9, [6] * 9])
    text = Tower(model, lambda it, ids, mask: vectors_of(it.get_text_features(input_ids=ids, attention_mask=mask)))
    feeds = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    export(text, folder / "onnx/text_model.onnx", feeds, "text_embeds", list(feeds))
    mel = torch.zeros(1, 4 if fused else 1, extractor.nb_max_samples // extractor.hop_length + 1, 64)
    no = torch.zeros(1, 1, dtype=torch.bool)
    audio = Tower(model, lambda it, mel: vectors_of(it.get_audio_features(input_features=mel, is_longer=no)))
    export(audio, folder / "onnx/audio_model.onnx", {"input_features": mel}, "audio_embeds", [])


def square(side: int) -> dict[str, int]:
    return {"height": side, "width": side}


@dataclass
class Pair:
    """A processor of texts and pictures."""

    tokenizer: Any
    image_processor: Any


def pil_processor(name: str, **options: Any) -> Any:
    """The processor that works by Pillow, under whichever name this version of transformers has it."""
    return (getattr(hf, f"{name}Pil", None) and getattr(hf, f"{name}Pil")(**options)) or getattr(hf, name)(**options)


def save(folder: Path, model: Any, tokenizer: Any, processor: Any, **told: Any) -> None:
    """The files beside the towers."""
    folder.mkdir(parents=True, exist_ok=True)
    model.config.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    processor.save_pretrained(folder)
    if told:
        path = folder / "tokenizer_config.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **told}))
