"""What a model does to its inputs, as plain data: read from the model's own files, never assumed silently."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from sensorium.core.contents import AudioInput, ImageInput, Resample
from sensorium.core.errors import BadSetting

RESAMPLES: tuple[Resample, ...] = get_args(Resample)
RGB = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class TextForm:
    """How texts become tokens.

    model, tokenizer: files. most: tokens of one window. fixed: whether every text is padded to `most`. seen: whether
    the model is to see the padding, as SigLIP was trained. pad: the token that fills up. left: whether it stands
    before. lower, canonical: whether letters are made small, and punctuation taken out, before. outputs: names of the
    vectors, the best first.
    """

    model: str
    tokenizer: str
    most: int
    pad: str
    fixed: bool = False
    seen: bool = False
    left: bool = False
    lower: bool = False
    canonical: bool = False
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageForm:
    """How pixels become numbers: `(pixels * factor - mean) / deviation`, as [3, height, width]."""

    model: str
    input: ImageInput
    factor: float = 1.0
    mean: tuple[float, ...] = (0.0, 0.0, 0.0)
    deviation: tuple[float, ...] = (1.0, 1.0, 1.0)
    outputs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundForm:
    """How samples become a picture of their pitch over time, as CLAP's feature extractor makes it.

    bands: of the mel scale between `lowest` and `highest` Hz. points: of the Fourier transform. hop: samples from frame
    to frame. fusion: whether the model sees four views of a sound, which are one and the same here, since no window is
    longer than the model hears. padding: what fills a window up: "repeatpad", "repeat" or "pad".
    """

    model: str
    input: AudioInput
    bands: int
    points: int
    hop: int
    lowest: float
    highest: float
    fusion: bool
    padding: str
    outputs: tuple[str, ...] = ()


def image_form(model: str, values: Mapping[str, Any], outputs: tuple[str, ...]) -> ImageForm:
    """From a `preprocessor_config.json`. Raises BadSetting for what is not understood.

    >>> sizes = {"size": {"shortest_edge": 8}, "crop_size": 8, "resample": 3}
    >>> image_form("v.onnx", {**sizes, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}, ()).input
    ImageInput(width=8, height=8, fit='crop', resample='bicubic', shorter=8)
    """
    values = {name: value for name, value in values.items() if value is not None}  # null stands for the default
    if not values.get("do_resize", True):
        raise _not_understood("do_resize is false: pictures of any size")
    form = ImageForm(model=model, input=_image_input(values), outputs=outputs)
    factor = float(values.get("rescale_factor", 1 / 255)) if values.get("do_rescale", True) else 1.0
    if not values.get("do_normalize", True):
        return ImageForm(model=model, input=form.input, factor=factor, outputs=outputs)
    mean, deviation = (_three(values, name) for name in ("image_mean", "image_std"))
    return ImageForm(model=model, input=form.input, factor=factor, mean=mean, deviation=deviation, outputs=outputs)


def open_clip_image_form(model: str, values: Mapping[str, Any], outputs: tuple[str, ...]) -> ImageForm:
    """From a `preprocess_cfg.json` of OpenCLIP, as Immich's exports carry it. Raises BadSetting.

    >>> sizes = {"size": [8, 8], "interpolation": "bicubic", "resize_mode": "squash"}
    >>> open_clip_image_form("v.onnx", {**sizes, "mean": [0.5] * 3, "std": [0.5] * 3}, ()).input.fit
    'squash'
    """
    size = values.get("size")
    height, width = size if isinstance(size, list) and len(size) == 2 else (size, size)
    mode = values.get("resize_mode", "shortest")
    resample = values.get("interpolation", "bicubic")
    if resample not in RESAMPLES or mode not in ("shortest", "squash"):
        raise _not_understood(f"interpolation {resample!r}, resize_mode {mode!r}")
    wanted = ImageInput(
        width=_side(width),
        height=_side(height),
        fit="crop" if mode == "shortest" else "squash",
        resample=resample,
        shorter=min(_side(width), _side(height)) if mode == "shortest" else 0,
    )
    mean, deviation = (_three(values, name) for name in ("mean", "std"))
    return ImageForm(model=model, input=wanted, factor=1 / 255, mean=mean, deviation=deviation, outputs=outputs)


def sound_form(model: str, values: Mapping[str, Any], outputs: tuple[str, ...]) -> SoundForm:
    """From the `preprocessor_config.json` of a CLAP model. Raises BadSetting for what is not understood.

    >>> config = {"sampling_rate": 48000, "max_length_s": 10, "truncation": "rand_trunc", "padding": "repeatpad"}
    >>> sound_form("a.onnx", config, ()).input.most_samples
    480000
    """
    kind = values.get("feature_extractor_type", "ClapFeatureExtractor")
    padding, truncation = values.get("padding", "repeatpad"), values.get("truncation", "fusion")
    if kind != "ClapFeatureExtractor" or values.get("top_db") is not None:
        raise _not_understood(f"feature extractor {kind}, top_db {values.get('top_db')}")
    if padding not in ("repeatpad", "repeat", "pad") or truncation not in ("fusion", "rand_trunc"):
        raise _not_understood(f"padding {padding!r}, truncation {truncation!r}")
    seconds = float(values.get("max_length_s", 10))
    return SoundForm(
        model=model,
        input=AudioInput(rate=int(values.get("sampling_rate", 48_000)), seconds=seconds, hop=seconds / 2),
        bands=int(values.get("feature_size", 64)),
        points=int(values.get("fft_window_size", 1024)),
        hop=int(values.get("hop_length", 480)),
        lowest=float(values.get("frequency_min", 0)),
        highest=float(values.get("frequency_max", 14_000)),
        fusion=truncation == "fusion",
        padding=padding,
        outputs=outputs,
    )


def _image_input(values: Mapping[str, Any]) -> ImageInput:
    number = values.get("resample", 3)
    if number not in range(len(RESAMPLES)):
        raise _not_understood(f"resample {number}")
    resample = RESAMPLES[number]
    size, cropped = values.get("size"), bool(values.get("do_center_crop", "crop_size" in values))
    shorter = size.get("shortest_edge") if isinstance(size, Mapping) else size if cropped else None
    if cropped and shorter:
        height, width = _height_and_width(values.get("crop_size", shorter))
        return ImageInput(width=width, height=height, fit="crop", resample=resample, shorter=_side(shorter))
    height, width = _height_and_width(size)
    if cropped and _height_and_width(values.get("crop_size", size)) != (height, width):
        raise _not_understood("a picture is squashed and then cut")
    return ImageInput(width=width, height=height, fit="squash", resample=resample)


def _height_and_width(size: Any) -> tuple[int, int]:
    if isinstance(size, Mapping):
        return _side(size.get("height")), _side(size.get("width"))
    return _side(size), _side(size)


def _side(value: Any) -> int:
    if not (isinstance(value, int) and 0 < value <= 4_096):
        raise _not_understood(f"pictures of {value} pixels a side")
    return value


def _three(values: Mapping[str, Any], name: str) -> tuple[float, ...]:
    given = values.get(name)
    numbers: list[Any] = given if isinstance(given, list) else [given] * RGB
    if len(numbers) != RGB or not all(isinstance(number, int | float) for number in numbers):
        raise _not_understood(f"{name} is {given}")
    return tuple(float(number) for number in numbers)


def _not_understood(what: str) -> BadSetting:
    return BadSetting(
        f"this preprocessing is not understood ({what})",
        subject="encoder",
        remedy="take a model for pictures of one size, or sentence-transformers:MODEL, which runs its own code",
    )
