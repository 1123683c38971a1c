"""Encoders by sentence-transformers: any model of texts, pictures or sounds that it loads. Needs the extra `models`.

Settings name a model as `sentence-transformers:OWNER/NAME` or by a folder, with options: `?dim=256` cuts vectors (for
models that were trained for it), `device=cpu`, `batch=8`, `dtype=bfloat16`, `image=448` (side of pictures for models
that take any size), `query=TEXT` and `piece=TEXT` (prompts in place of the model's own).

Nothing is fetched, no code of a model is run, and no weights but safetensors are read. torch is imported by
sentence-transformers, never by us.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import numpy as np

from sensorium.core.calibration import Calibration
from sensorium.core.contents import AudioInput, Content, ImageInput, Role, is_pixels
from sensorium.core.errors import BadInput, BadSetting, ExtraMissing, ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.spaces import Space, Vectors
from sensorium.encoders import guessed
from sensorium.encoders.model_files import REMEDY, ModelFiles
from sensorium.encoders.onnx_forms import RESAMPLES
from sensorium.encoders.options import parsed, slug, whole_number
from sensorium.encoders.probing import require_tells_apart
from sensorium.encoders.sound import checked
from sensorium.encoders.towers import checked_text, unit
from sensorium.models.cache import located
from sensorium.models.choosing import READABLE

READING = "1"
"""The version of how contents are prepared and handed over."""

OPTIONS = {"dim": "", "device": "", "batch": "8", "dtype": "", "image": "448", "query": "", "piece": ""}
DECISIVE = ("dim", "dtype", "image", "query", "piece")
"""Options that change vectors; the others change only how fast they come."""

SENSES = {"text": Modality.TEXT, "image": Modality.IMAGE, "audio": Modality.AUDIO}
SECONDS = 10.0
"""Of a window of sound, where the model does not say how much it hears."""
WHOLE_TEXTS = 8_192
"""Tokens from which on a model is taken to read any piece at once."""


class SentenceTransformersEncoder:
    """Fits the ports `Encoder` and `SoundEncoder`. Made by `load`. May be shared by threads: they take turns.

    model: a `SentenceTransformer`. files: of its folder, which name the space.
    """

    def __init__(self, model: Any, files: ModelFiles, name: str, options: Mapping[str, str]) -> None:
        self._model, self._options = model, options
        self._batch, self._width = max(1, whole_number(options, "batch")), whole_number(options, "dim")
        whole = int(model.get_embedding_dimension() or 0)
        if not whole or self._width > whole:
            raise BadSetting(f"its vectors have {whole} numbers", subject="dim", remedy="give no more than that")
        self.modalities = frozenset(SENSES[said] for said in model.modalities if said in SENSES)
        processor = getattr(model[0], "processor", None)
        self.image_input: ImageInput | None = None
        self.audio_input: AudioInput | None = None
        if Modality.IMAGE in self.modalities:
            self.image_input = image_input(getattr(processor, "image_processor", None), whole_number(options, "image"))
        if Modality.AUDIO in self.modalities:
            self.audio_input = audio_input(getattr(processor, "feature_extractor", None))
        self.space = Space(name=slug(name), version=READING, width=self._width or whole, digest=_digest(files, options))
        self._turn = threading.Lock()

    @classmethod
    def load(cls, threads: int = 0, model: str = "") -> SentenceTransformersEncoder:
        """The encoder of a model. model: a folder, a hub id or a name in the table, and options.

        threads: not used; torch takes what `OMP_NUM_THREADS` says. Raises BadSetting, ModelDamaged, and ExtraMissing
        where the extra is not installed or the model not on this machine.
        """
        if not model:
            raise BadSetting("no model is named", subject="sentence-transformers", remedy="say OWNER/NAME or a folder")
        named, options = parsed(model, OPTIONS)
        folder = located(named)
        try:
            from sentence_transformers import SentenceTransformer
        except ImportError as error:
            raise ExtraMissing(
                f"{error.name} is not installed", subject=named, remedy="pip install 'sensorium[models]'"
            ) from error
        kwargs: dict[str, Any] = {"use_safetensors": True}
        if options["dtype"]:
            kwargs["dtype"] = options["dtype"]
        try:
            made = SentenceTransformer(
                str(folder),
                device=options["device"] or None,
                local_files_only=True,
                trust_remote_code=False,
                model_kwargs=kwargs,
            )
        except Exception as error:  # the library passes on whatever transformers and torch raise
            raise ModelDamaged(
                f"sentence-transformers can not load it ({_first_line(error)})", subject=named, remedy=REMEDY
            ) from error
        return cls(made, ModelFiles(folder), Path(named).name or folder.name, options)

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """float32 [len(contents), space.width], unit rows; questions get the model's prompt for questions.

        Raises BadInput for another modality and for contents that are not what `image_input` and `audio_input` say.
        """
        self._require(modality)
        if len(contents) == 0:
            return np.empty((0, self.space.width), np.float32)
        if modality is Modality.TEXT:
            return self._texts([checked_text(content, n) for n, content in enumerate(contents)], role)
        make = self._picture if modality is Modality.IMAGE else self._sound
        return self._run([make(content, position) for position, content in enumerate(contents)], role)

    def verify(self) -> None:
        """Encodes unlike contents of every sense. Raises ModelDamaged where they get the same vector."""
        for modality in sorted(self.modalities):
            wanted = {Modality.IMAGE: self.image_input, Modality.AUDIO: self.audio_input}.get(modality)
            encode = partial(self.encode, modality, role="piece")
            require_tells_apart(encode, self.space, modality, wanted)

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """A guess (`guessed`): no curve was fitted for this space."""
        self._require(asked)
        self._require(found)
        return self._among_texts if asked == found == Modality.TEXT else guessed.unknown(asked == found)

    @cached_property
    def _among_texts(self) -> Calibration:
        return guessed.of_texts(lambda texts: self.encode(Modality.TEXT, texts, "piece"))

    def _require(self, modality: Modality) -> None:
        if modality not in self.modalities:
            raise BadInput(
                f"{self.space.name} does not encode {modality}", remedy=f"give {', '.join(sorted(self.modalities))}"
            )

    def _texts(self, texts: Sequence[str], role: Role) -> Vectors:
        """A text that is longer than the model reads gets the mean of its parts."""
        parts = [part for text in texts for part in self._parts(text)]
        owners = [position for position, text in enumerate(texts) for _ in self._parts(text)]
        # As {"text": ...}: by itself, a text that looks like an address or a path would be opened.
        vectors = self._run([{"text": part} for part in parts], role)
        sums = np.zeros((len(texts), self.space.width), np.float32)
        np.add.at(sums, owners, vectors)
        return unit(sums)

    def _parts(self, text: str) -> list[str]:
        """The text in parts of as many words each, which the model reads whole."""
        limit = int(self._model.max_seq_length or WHOLE_TEXTS)
        words = text.split()
        if limit >= WHOLE_TEXTS or len(words) < 2 or self._tokens(text) <= limit:
            return [text]
        count = -(-self._tokens(text) // max(1, limit - 8))
        parts = [" ".join(part) for part in np.array_split(np.asarray(words, object), min(count, len(words)))]
        return [smaller for part in parts for smaller in self._parts(part)]

    def _tokens(self, text: str) -> int:
        tokenizer = getattr(self._model.tokenizer, "tokenizer", self._model.tokenizer)
        return len(tokenizer(text, truncation=False, verbose=False)["input_ids"])

    def _picture(self, content: Content, position: int) -> dict[str, Any]:
        wanted = self.image_input
        assert wanted is not None
        if is_pixels(content) and content.shape == (wanted.height, wanted.width, 3):
            return {"image": content}
        raise BadInput(
            f"content {position} is not a picture of uint8 {[wanted.height, wanted.width, 3]}",
            remedy="let a reader make the pixels that `image_input` names",
        )

    def _sound(self, content: Content, position: int) -> dict[str, Any]:
        wanted = self.audio_input
        assert wanted is not None
        samples = checked(content, position).astype(np.float32) / np.float32(32_768)
        return {"audio": {"array": samples, "sampling_rate": wanted.rate}}

    def _run(self, inputs: Sequence[Mapping[str, Any]], role: Role) -> Vectors:
        prompt = self._options["query" if role == "query" else "piece"]
        encode = self._model.encode_query if role == "query" else self._model.encode_document
        with self._turn:
            found = encode(
                list(inputs),
                batch_size=self._batch,
                show_progress_bar=False,
                convert_to_numpy=True,
                truncate_dim=self._width or None,
                **({"prompt": prompt} if prompt else {}),
            )
        rows = np.asarray(found, np.float32)
        if rows.shape != (len(inputs), self.space.width) or not np.isfinite(rows).all():
            raise ModelDamaged(
                f"it gives an array of shape {list(rows.shape)}",
                subject=self.space.id,
                remedy="report it, with its name",
            )
        return unit(rows)


def image_input(processor: Any, side: int) -> ImageInput:
    """The pixels that a processor of pictures asks for. side: where it takes pictures of any size.

    >>> image_input(None, 448)
    ImageInput(width=448, height=448, fit='pad', resample='bicubic', shorter=0)
    """
    size, crop = (_sizes(getattr(processor, name, None)) for name in ("size", "crop_size"))
    number = getattr(processor, "resample", None)
    resample = RESAMPLES[int(number)] if number is not None and int(number) in range(len(RESAMPLES)) else "bicubic"
    if size.get("shortest_edge") and crop.get("height") and getattr(processor, "do_center_crop", False):
        return ImageInput(
            width=crop["width"], height=crop["height"], fit="crop", resample=resample, shorter=size["shortest_edge"]
        )
    if size.get("height") and size.get("width"):
        return ImageInput(width=size["width"], height=size["height"], fit="squash", resample=resample)
    return ImageInput(width=side, height=side, fit="pad")


def audio_input(extractor: Any) -> AudioInput:
    """The windows that a feature extractor hears."""
    seconds = next(
        (float(value) for name in ("max_length_s", "chunk_length") if (value := getattr(extractor, name, None))),
        SECONDS,
    )
    rate = int(getattr(extractor, "sampling_rate", None) or 16_000)
    return AudioInput(rate=rate, seconds=seconds, hop=seconds / 2)


def _sizes(said: Any) -> dict[str, int]:
    """A size as a mapping, in every form that processors give it."""
    if said is None:
        return {}
    if isinstance(said, int):
        return {"height": said, "width": said}
    found = {name: _entry(said, name) for name in ("height", "width", "shortest_edge")}
    return {name: int(value) for name, value in found.items() if value}


def _entry(said: Any, name: str) -> Any:
    return said.get(name) if isinstance(said, Mapping) else getattr(said, name, None)


def _digest(files: ModelFiles, options: Mapping[str, str]) -> str:
    decisive = {
        "reading": READING,
        "files": {name: files.digest(name) for name in files.names if name.endswith(READABLE)},
        "options": {name: options[name] for name in DECISIVE},
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
