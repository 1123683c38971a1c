"""Pictures -> vectors: pixels of the size that the model wants, scaled and normalised as its own files say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from sensorium.core.contents import Content, Pixels, is_pixels
from sensorium.core.errors import BadInput
from sensorium.core.spaces import Vectors
from sensorium.encoders.model_files import ModelFiles
from sensorium.encoders.onnx_forms import ImageForm
from sensorium.encoders.onnx_session import OnnxModel
from sensorium.encoders.towers import unit

INPUTS = ("pixel_values", "image")
AT_ONCE = 4
"""Pictures of one run: more hold memory and are no faster on a processor."""


def normalised(pictures: Sequence[Pixels], form: ImageForm) -> npt.NDArray[np.float32]:
    """float32 [n, 3, height, width] of uint8 [height, width, 3] each.

    >>> from sensorium.core.contents import ImageInput
    >>> half, wanted = (0.5, 0.5, 0.5), ImageInput(width=1, height=1)
    >>> form = ImageForm(model="", input=wanted, factor=1 / 255, mean=half, deviation=half)
    >>> normalised([np.array([[[0, 255, 255]]], np.uint8)], form).ravel().tolist()
    [-1.0, 1.0, 1.0]
    """
    scaled = np.stack(pictures).astype(np.float32) * np.float32(form.factor)
    rows = (scaled - np.array(form.mean, np.float32)) / np.array(form.deviation, np.float32)
    return np.ascontiguousarray(rows.transpose(0, 3, 1, 2))


class OnnxPictures:
    """Pictures of `form.input` -> unit vectors."""

    def __init__(self, files: ModelFiles, form: ImageForm, width: int, threads: int) -> None:
        self._form = form
        self._width = width
        self._model = OnnxModel(files, form.model, threads)
        self._model.require_inputs(INPUTS)
        self._output = self._model.output(form.outputs)
        self._input = next(name for name in INPUTS if name in self._model.inputs)

    def encode(self, contents: Sequence[Content]) -> Vectors:
        """float32 [len(contents), width], unit length. Raises BadInput for what is no picture of the right size."""
        pictures = [self._checked(content, position) for position, content in enumerate(contents)]
        vectors = np.empty((len(pictures), self._width), np.float32)
        for start in range(0, len(pictures), AT_ONCE):
            some = pictures[start : start + AT_ONCE]
            found = self._model.run(self._output, {self._input: normalised(some, self._form)}, self._width)
            vectors[start : start + len(some)] = unit(found)
        return vectors

    def _checked(self, content: Content, position: int) -> Pixels:
        shape = (self._form.input.height, self._form.input.width, 3)
        if is_pixels(content) and content.shape == shape:
            return content
        given = f"{content.dtype} {list(content.shape)}" if isinstance(content, np.ndarray) else type(content).__name__
        raise BadInput(
            f"content {position} is {given}, not a picture of uint8 {list(shape)}",
            remedy="let a reader make the pixels that `image_input` names",
        )
