"""ONNX towers run by onnxruntime: texts or pictures in, unit vectors out."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content, Pixels
from sensorium.core.errors import BadInput
from sensorium.core.spaces import Vectors

Feed = Mapping[str, npt.NDArray[np.generic]]

BATCH_TOKENS = 1024
"""Tokens of one batch of texts, padding included: more of them are no faster and only hold more memory."""
IMAGE_BATCH = 2
"""Pictures of one batch: more are no faster on a processor and hold 25 MB each."""


class Session(Protocol):
    """What is used of an onnxruntime session."""

    def run(self, outputs: list[str], feed: Feed) -> list[Vectors]: ...


def open_session(model: bytes, threads: int) -> Session:
    """An onnxruntime session on the processor; 0 threads takes every core that this process may use."""
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Spinning threads would take the cores from the reading process and from other searches.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session: Session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session


def usable_cores() -> int:
    """How many cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class TextTower:
    """Texts -> vectors, by a model with the inputs input_ids and attention_mask.

    max_tokens: what one window holds, [CLS] and [SEP] included. A longer text is cut into windows of equal length and
    gets the mean of their vectors, so that its end counts as much as its start.
    """

    def __init__(self, session: Session, tokenizer: Any, max_tokens: int, width: int) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self._max_tokens = max_tokens
        self._width = width

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for what is no text."""
        texts = [_checked_text(content, position) for position, content in enumerate(contents)]
        windows: list[list[int]] = []
        owners: list[int] = []
        for position, encoding in enumerate(self._tokenizer.encode_batch(texts)):
            for window in self._windows(encoding.ids):
                windows.append(window)
                owners.append(position)
        sums = np.zeros((len(texts), self._width), np.float32)
        np.add.at(sums, owners, self._run(windows))
        return unit(sums)

    def _windows(self, ids: list[int]) -> Iterator[list[int]]:
        if len(ids) <= self._max_tokens:
            yield ids
            return
        first, inner, last = ids[0], ids[1:-1], ids[-1]
        count = -(-len(inner) // (self._max_tokens - 2))
        for part in np.array_split(np.asarray(inner), count):
            yield [first, *part.tolist(), last]

    def _run(self, windows: list[list[int]]) -> Vectors:
        vectors = np.empty((len(windows), self._width), np.float32)
        for chosen in _batches([len(window) for window in windows]):
            feed = self._feed([windows[position] for position in chosen])
            vectors[chosen] = self._session.run(["vectors"], feed)[0]
        return vectors

    def _feed(self, windows: list[list[int]]) -> Feed:
        shape = (len(windows), max(map(len, windows)))
        ids, mask = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
        for row, window in enumerate(windows):
            ids[row, : len(window)] = window
            mask[row, : len(window)] = 1
        return {"input_ids": ids, "attention_mask": mask}


class ImageTower:
    """Pictures -> vectors, by a model that takes uint8 pixels [n, side, side, 3] and normalises them itself."""

    def __init__(self, session: Session, side: int, width: int) -> None:
        self._session = session
        self._side = side
        self._width = width

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for what is no picture of the right size."""
        pictures = [self._checked(content, position) for position, content in enumerate(contents)]
        vectors = np.empty((len(pictures), self._width), np.float32)
        for start in range(0, len(pictures), IMAGE_BATCH):
            feed = self._feed(pictures[start : start + IMAGE_BATCH])
            vectors[start : start + IMAGE_BATCH] = self._session.run(["vectors"], feed)[0]
        return vectors

    def _feed(self, pictures: list[Pixels]) -> Feed:
        return {"pixels": np.stack(pictures)}

    def _checked(self, content: Content, position: int) -> Pixels:
        shape = (self._side, self._side, 3)
        if isinstance(content, np.ndarray) and content.dtype == np.uint8 and content.shape == shape:
            return content
        given = f"{content.dtype} {list(content.shape)}" if isinstance(content, np.ndarray) else type(content).__name__
        raise BadInput(
            f"content {position} is {given}, not a picture of uint8 {list(shape)}",
            remedy="let a reader make the pixels that `image_input` names",
        )


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
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


def _checked_text(content: Content, position: int) -> str:
    if not isinstance(content, str):
        raise BadInput(f"content {position} is {type(content).__name__}, not a text", remedy="give a str")
    try:
        content.encode()
    except UnicodeEncodeError:
        raise BadInput(f"content {position} holds half a character", remedy="decode it as UTF-8 first") from None
    return content
