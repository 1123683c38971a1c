"""ONNX towers run by onnxruntime: texts or pictures in, unit vectors out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content, Pixels, is_pixels
from sensorium.core.details import DetailForm, Details
from sensorium.core.errors import BadInput, ModelDamaged
from sensorium.core.spaces import Vectors
from sensorium.processes.cores import usable_cores
from sensorium.processes.memory import give_back

Feed = Mapping[str, npt.NDArray[np.generic]]

VECTORS, WORDS, GRID = "vectors", "words", "grid"
"""Outputs of the models: `words` and `grid` are the details of texts and of pictures, which not every model gives."""

BATCH_TOKENS = 1024
"""Tokens of one batch of texts, padding included: more of them are no faster and only hold more memory."""
IMAGE_BATCH = 2
"""Pictures of one batch: more are no faster on a processor and hold 25 MB each."""


class Session(Protocol):
    """What is used of an onnxruntime session."""

    def run(self, outputs: list[str], feed: Feed) -> list[Vectors]: ...


def open_session(model: bytes, threads: int, outputs: Sequence[str] = (VECTORS,)) -> Session:
    """An onnxruntime session on the processor; 0 threads takes every core that this process may use.

    Raises ModelDamaged when the model lacks one of `outputs`.
    """
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads would take the cores from the reading process and from other searches.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    missing = set(outputs) - {output.name for output in session.get_outputs()}
    if missing:
        raise ModelDamaged(
            f"the model does not give {', '.join(sorted(missing))}", subject="onnx", remedy="reinstall sensorium"
        )
    ours: Session = session
    give_back()
    return ours


class TextTower:
    """Texts -> vectors, by a model with the inputs input_ids and attention_mask.

    max_tokens: what one window holds, [CLS] and [SEP] included. A longer text is cut into windows of equal length and
    gets the mean of their vectors, so that its end counts as much as its start. details: their form where the model
    gives them, float32 [n, tokens, width]: unit rows, and rows of zeros for tokens that do not count.
    """

    def __init__(
        self, session: Session, tokenizer: Any, max_tokens: int, width: int, details: DetailForm | None = None
    ) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        self._width = width
        self._details = details

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for what is no text."""
        windows, owners = self._cut(contents)
        vectors = np.empty((len(windows), self._width), np.float32)
        for chosen, (found,) in self._run(windows, [VECTORS]):
            vectors[chosen] = found
        return self._mean(vectors, owners, len(contents))

    def encode_detailed(self, contents: Sequence[Content]) -> tuple[Vectors, Details | None]:
        """What `encode` gives, and for each text a row for each of its tokens that counts, over all of its windows."""
        if self._details is None:
            return self.encode(contents), None
        windows, owners = self._cut(contents)
        vectors = np.empty((len(windows), self._width), np.float32)
        words: dict[int, Vectors] = {}
        for chosen, (found, padded) in self._run(windows, [VECTORS, WORDS]):
            vectors[chosen] = found
            longest = max(len(windows[position]) for position in chosen)
            _require_shape(padded, (len(chosen), longest, self._details.width))
            for position, rows in zip(chosen, padded, strict=True):
                real = rows[: len(windows[position])]
                words[position] = real[real.any(axis=1)]
        of_texts: list[list[Vectors]] = [[] for _ in contents]
        for position, owner in enumerate(owners):
            of_texts[owner].append(words[position])
        return self._mean(vectors, owners, len(contents)), [np.concatenate(rows) for rows in of_texts]

    def row_spans(self, text: str) -> list[tuple[int, int]]:
        """The interval of characters that each row of the details stands for; (0, 0) for a token of no word.

        Empty for a text of several windows.
        """
        encoding = self._tokenizer.encode(text)
        return list(encoding.offsets) if len(encoding.ids) <= self._max_tokens else []

    def _cut(self, contents: Sequence[Content]) -> tuple[list[list[int]], list[int]]:
        """The windows of all texts, and the position of the text that each is of."""
        texts = [checked_text(content, position) for position, content in enumerate(contents)]
        windows: list[list[int]] = []
        owners: list[int] = []
        for position, encoding in enumerate(self._tokenizer.encode_batch(texts)):
            for window in self._windows(encoding.ids):
                windows.append(window)
                owners.append(position)
        return windows, owners

    def _windows(self, ids: list[int]) -> Iterator[list[int]]:
        if len(ids) <= self._max_tokens:
            yield ids
            return
        first, inner, last = ids[0], ids[1:-1], ids[-1]
        count = -(-len(inner) // (self._max_tokens - 2))
        for part in np.array_split(np.asarray(inner), count):
            yield [first, *part.tolist(), last]

    def _run(self, windows: list[list[int]], outputs: list[str]) -> Iterator[tuple[list[int], list[Vectors]]]:
        """Positions of windows, batch by batch, and what the model gave for them."""
        for chosen in batches([len(window) for window in windows]):
            yield chosen, self._session.run(outputs, self._feed([windows[position] for position in chosen]))

    def _mean(self, vectors: Vectors, owners: Sequence[int], texts: int) -> Vectors:
        sums = np.zeros((texts, self._width), np.float32)
        np.add.at(sums, owners, vectors)
        return unit(sums)

    def _feed(self, windows: list[list[int]]) -> Feed:
        shape = (len(windows), max(map(len, windows)))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        return {"input_ids": ids, "attention_mask": mask}


class ImageTower:
    """Pictures -> vectors, by a model that takes uint8 pixels [n, side, side, 3] and normalises them itself.

    details: their form where the model gives them, float32 [n, cells, width] of unit rows.
    """

    def __init__(self, session: Session, side: int, width: int, details: DetailForm | None = None) -> None:
        self._session = session
        self._side = side
        self._width = width
        self._details = details

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length, of at least one picture.

        Raises BadInput for what is no picture of the right size.
        """
        return self._run(contents, [VECTORS])[0]

    def encode_detailed(self, contents: Sequence[Content]) -> tuple[Vectors, Details | None]:
        """What `encode` gives, and for each picture a row for each of its cells."""
        if self._details is None:
            return self.encode(contents), None
        vectors, grid = self._run(contents, [VECTORS, GRID])
        _require_shape(grid, (len(contents), self._details.cells, self._details.width))
        return vectors, list(grid)

    def _run(self, contents: Sequence[Content], outputs: list[str]) -> list[Vectors]:
        """One array for each output, over all batches."""
        pictures = [self._checked(content, position) for position, content in enumerate(contents)]
        starts = range(0, len(pictures), IMAGE_BATCH)
        batches = [self._session.run(outputs, self._feed(pictures[n : n + IMAGE_BATCH])) for n in starts]
        found = [np.concatenate(parts) for parts in zip(*batches, strict=True)]
        _require_shape(found[0], (len(contents), self._width))
        return found

    def _feed(self, pictures: list[Pixels]) -> Feed:
        return {"pixels": np.stack(pictures)}

    def _checked(self, content: Content, position: int) -> Pixels:
        shape = (self._side, self._side, 3)
        if is_pixels(content) and content.shape == shape:
            return content
        given = f"{content.dtype} {list(content.shape)}" if isinstance(content, np.ndarray) else type(content).__name__
        raise BadInput(
            f"content {position} is {given}, not a picture of uint8 {list(shape)}",
            remedy="let a reader make the pixels that `image_input` names",
        )


def _require_shape(given: Vectors, shape: tuple[int, ...]) -> None:
    if given.shape != shape:
        raise ModelDamaged(
            f"the model gives an array of shape {list(given.shape)}, and its manifest says {list(shape)}",
            subject="onnx",
            remedy="reinstall sensorium",
        )


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions in batches of like lengths: what is padded is computed too."""
    batch: list[int] = []
    for position in sorted(range(len(lengths)), key=lengths.__getitem__):
        length = lengths[position]
        full = (len(batch) + 1) * length > BATCH_TOKENS
        if batch and (full or length > lengths[batch[0]] * 3 // 2 + 8):
            yield batch
            batch = []
        batch.append(position)
    if batch:
        yield batch


def unit(rows: Vectors) -> Vectors:
    """Rows scaled to unit length.

    >>> unit(np.array([[3.0, 4.0]], np.float32)).round(3).tolist()
    [[0.6000000238418579, 0.800000011920929]]
    """
    scaled: Vectors = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), np.float32(1e-12))
    return scaled


def checked_text(content: Content, position: int) -> str:
    """`content` if it is a text that can be written as UTF-8. Raises BadInput."""
    if not isinstance(content, str):
        raise BadInput(f"content {position} is {type(content).__name__}, not a text", remedy="give a str")
    try:
        content.encode()
    except UnicodeEncodeError:
        raise BadInput(f"content {position} holds half a character", remedy="decode it as UTF-8 first") from None
    return content
