"""Texts -> vectors of one window or more, padded as the model was trained: wrong padding turns rankings upside down."""

from __future__ import annotations

import string
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from sensorium.core.contents import Content
from sensorium.core.errors import BadSetting, ModelDamaged
from sensorium.core.spaces import Vectors
from sensorium.encoders.model_files import REMEDY, ModelFiles
from sensorium.encoders.onnx_forms import TextForm
from sensorium.encoders.onnx_session import Array, OnnxModel
from sensorium.encoders.towers import batches, checked_text, unit

INPUTS = ("input_ids", "attention_mask", "token_type_ids", "text")
NO_PUNCTUATION = str.maketrans("", "", string.punctuation)


def cleaned(text: str, form: TextForm) -> str:
    """A text as the tokenizer is to see it.

    canonical: small letters, no ASCII punctuation, single blanks, as SigLIP's training did it
    (big_vision, `canonicalize_text`).

    >>> form = TextForm(model="", tokenizer="", most=64, pad="", lower=True, canonical=True)
    >>> cleaned(" Two dogs,  in the SNOW! ", form)
    'two dogs in the snow'
    """
    if form.lower or form.canonical:
        text = text.lower()
    if form.canonical:
        text = " ".join(text.translate(NO_PUNCTUATION).split())
    return text


class OnnxTexts:
    """A text longer than a window is cut into windows of equal length and gets the mean of their vectors: its end
    counts as much as its start, where the libraries that models come with drop it."""

    def __init__(self, files: ModelFiles, form: TextForm, width: int, threads: int) -> None:
        self._form = form
        self._width = width
        self._tokenizer = _tokenizer(files, form.tokenizer)
        self._model = OnnxModel(files, form.model, threads)
        self._model.require_inputs(INPUTS)
        self._output = self._model.output(form.outputs)
        self._pad = _pad_id(self._tokenizer, form)
        self._before, self._after = _special(self._tokenizer)
        self._ids = "text" if "text" in self._model.inputs else "input_ids"
        shape = self._model.shapes[self._ids]
        self._length = shape[1] if isinstance(shape[1], int) else form.most if form.fixed else 0
        if self._room < 1:
            raise BadSetting(f"a window of {form.most} tokens holds nothing", subject=form.model, remedy=REMEDY)

    @property
    def _room(self) -> int:
        most = min(self._form.most, self._length or self._form.most)
        return most - len(self._before) - len(self._after)

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for what is no text."""
        windows, owners = self._cut([checked_text(content, n) for n, content in enumerate(contents)])
        vectors = np.empty((len(windows), self._width), np.float32)
        for chosen in self._batches(windows):
            found = self._model.run(self._output, self._feed([windows[n] for n in chosen]), self._width)
            vectors[chosen] = unit(found)
        sums = np.zeros((len(contents), self._width), np.float32)
        np.add.at(sums, owners, vectors)
        return unit(sums)

    def _batches(self, windows: list[list[int]]) -> Iterable[list[int]]:
        """Positions of windows that are run together. One by one for a model that takes one row, which may be because
        it rounds by the largest value that it meets: even the padding of a neighbour would count."""
        if self._model.rows == 1:
            return ([position] for position in range(len(windows)))
        return batches([self._length or len(window) for window in windows])

    def _cut(self, texts: Sequence[str]) -> tuple[list[list[int]], list[int]]:
        """The windows of all texts, and the position of the text that each is of."""
        windows: list[list[int]] = []
        owners: list[int] = []
        cleaned_texts = [cleaned(text, self._form) for text in texts]
        for position, encoding in enumerate(self._tokenizer.encode_batch(cleaned_texts, add_special_tokens=False)):
            count = max(1, -(-len(encoding.ids) // self._room))
            for part in np.array_split(np.asarray(encoding.ids, np.int64), count):
                windows.append([*self._before, *part.tolist(), *self._after])
                owners.append(position)
        return windows, owners

    def _feed(self, windows: list[list[int]]) -> dict[str, Array]:
        shape = (len(windows), max(self._length, 1, *(len(window) for window in windows)))
        ids, mask = np.full(shape, self._pad, np.int64), np.zeros(shape, np.int64)
        for row, window in enumerate(windows):
            place = slice(shape[1] - len(window), None) if self._form.left else slice(len(window))
            ids[row, place], mask[row, place] = window, 1
        if self._form.seen:
            mask[:] = 1
        feed: dict[str, Array] = {self._ids: ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        return {name: rows for name, rows in feed.items() if name in self._model.inputs}


def _tokenizer(files: ModelFiles, name: str) -> Any:
    from tokenizers import Tokenizer

    data = files.read(name)
    try:
        tokenizer = Tokenizer.from_buffer(data)
    except Exception as error:  # the parser, written in Rust, raises `Exception` itself
        raise ModelDamaged("no tokenizer can be made of it", subject=name, remedy=REMEDY) from error
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def _pad_id(tokenizer: Any, form: TextForm) -> int:
    number = tokenizer.token_to_id(form.pad) if form.pad else None
    if number is None:
        raise BadSetting(
            f"no token fills texts up: {form.pad!r} is not in the vocabulary",
            subject=form.tokenizer,
            remedy="name `pad_token` in tokenizer_config.json, as the model was trained with it",
        )
    return int(number)


def _special(tokenizer: Any) -> tuple[list[int], list[int]]:
    """The tokens that stand before and after every text."""
    encoding = tokenizer.encode("a")
    mask, ids = encoding.special_tokens_mask, encoding.ids
    before = next((n for n, special in enumerate(mask) if not special), len(mask))
    after = next((n for n, special in enumerate(reversed(mask)) if not special), 0)
    return ids[:before], ids[len(ids) - after :]
