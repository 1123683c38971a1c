"""Encoders of ONNX files: CLIP, SigLIP, SigLIP 2 and CLAP in the layout of the hub or of Immich. No torch.

Everything that is done to a text, a picture or a sound is read from the model's own files; tests hold the vectors
against those of the reference library. Settings name a model as `onnx:FOLDER`, `onnx:OWNER/NAME` or by its name in the
table of `sensorium models`; `?variant=quantized` takes towers of another precision.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from sensorium.core.calibration import Calibration
from sensorium.core.contents import AudioInput, Content, ImageInput, Role
from sensorium.core.errors import BadInput, BadSetting, ModelDamaged
from sensorium.core.items import Modality
from sensorium.core.spaces import Space, Vectors
from sensorium.encoders import guessed
from sensorium.encoders.golden import read_golden
from sensorium.encoders.manifest import chain_name, read_curve
from sensorium.encoders.model_files import REMEDY, ModelFiles
from sensorium.encoders.onnx_layout import Layout, read_layout
from sensorium.encoders.onnx_session import external_data
from sensorium.encoders.options import parsed, slug
from sensorium.encoders.probing import require_tells_apart
from sensorium.models.cache import located

READING = "1"
"""The version of how files are read and contents prepared. Another one gives other vectors, so it is another space."""

OURS = "sensorium.json"
"""A file that a folder may bring: `calibrations` as in a manifest, `golden_tolerance`, `name`, `version`."""

GOLDEN = {Modality.TEXT: "golden_text.npz", Modality.IMAGE: "golden_image.npz", Modality.AUDIO: "golden_sound.npz"}
GOLDEN_TOLERANCE = 1e-3

OPTIONS = {"variant": ""}
_VARIANT = re.compile(r"[a-z0-9_]{0,32}")
_SCALARS = ("logit_scale", "logit_bias")


class Tower(Protocol):
    """Contents of one modality -> vectors."""

    def encode(self, contents: Sequence[Content]) -> Vectors: ...


class OnnxEncoder:
    """Fits the ports `Encoder` and `SoundEncoder`. A tower is loaded when it is first needed. May be shared by threads.

    notes: what users should know of it, one sentence each.
    """

    def __init__(self, files: ModelFiles, layout: Layout, name: str, threads: int = 0) -> None:
        self._files, self._layout, self._threads = files, layout, threads
        self._ours = files.read_json_if_there(OURS)
        forms = {Modality.TEXT: layout.text, Modality.IMAGE: layout.image, Modality.AUDIO: layout.sound}
        self.modalities = frozenset(modality for modality, form in forms.items() if form is not None)
        self.image_input: ImageInput | None = None if layout.image is None else layout.image.input
        self.audio_input: AudioInput | None = None if layout.sound is None else layout.sound.input
        self.space = Space(
            name=slug(str(self._ours.get("name", name))),
            version=slug(str(self._ours.get("version", READING))),
            width=layout.width,
            digest=self._digest(),
        )
        self._towers: dict[Modality, Tower] = {}
        self._loading = threading.RLock()

    @classmethod
    def load(cls, threads: int = 0, model: str = "") -> OnnxEncoder:
        """The encoder of a model. model: a folder, a hub id or a name in the table, and options.

        threads: of each tower; 0 takes every core that this process may use. Nothing is fetched. Raises BadSetting,
        ExtraMissing where the model is not on this machine, ModelDamaged.
        """
        if not model:
            raise BadSetting("no model is named", subject="onnx", remedy="say onnx:FOLDER or onnx:OWNER/NAME")
        named, options = parsed(model, OPTIONS)
        if not _VARIANT.fullmatch(options["variant"]):
            raise BadSetting("there is no such variant", subject=options["variant"], remedy="say quantized, or fp16")
        folder = located(named)
        files = ModelFiles(folder)
        name = Path(named).name or folder.name
        return cls(files, read_layout(files, options["variant"]), name, threads)

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        """float32 [len(contents), space.width], unit rows. Both roles are the same to these models.

        Raises BadInput for another modality and for contents that are not what `image_input` and `audio_input` say,
        ModelDamaged or GoldenMismatch when this call loads a tower that can not be trusted.
        """
        self._require(modality)
        if len(contents) == 0:
            return np.empty((0, self.space.width), np.float32)
        return self._tower(Modality(modality)).encode(contents)

    def verify(self) -> None:
        """Loads all towers and checks them: against golden vectors where the folder has some, else that they tell
        contents apart. Raises GoldenMismatch or ModelDamaged."""
        for modality in sorted(self.modalities):
            self._check(modality, self._tower(modality))

    def calibration(self, asked: Modality, found: Modality) -> Calibration:
        """The curve that the folder brings for this pair, else the model's own sigmoid, else a guess (`guessed`)."""
        self._require(asked)
        self._require(found)
        own = self._curves.get(chain_name(asked, found))
        if own is not None:
            return own
        if {asked, found} == {Modality.TEXT, Modality.IMAGE}:
            return self._across
        if asked == found == Modality.TEXT:
            return self._among_texts
        return guessed.unknown(asked == found)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know before choosing it."""
        told = []
        if self._layout.text is not None:
            most = self._layout.text.most
            told.append(
                f"texts of more than {most} tokens are read in windows of at most {most}, and their vectors averaged"
            )
        if not self._curves:
            told.append("scores are guessed: no curve was fitted for this space")
        return tuple(told)

    @cached_property
    def _curves(self) -> Mapping[str, Calibration]:
        try:
            return {name: read_curve(numbers) for name, numbers in self._ours.get("calibrations", {}).items()}
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise ModelDamaged(f"a curve can not be read ({error})", subject=OURS, remedy=REMEDY) from error

    @cached_property
    def _across(self) -> Calibration:
        known = {}
        if self._files.has("model.safetensors"):
            known = guessed.scalars(self._files.folder / "model.safetensors", _SCALARS)
        scale = float(np.exp(min(known["logit_scale"], 10.0))) if "logit_scale" in known else None
        if "logit_bias" in known and scale:
            return guessed.by_sigmoid(scale, known["logit_bias"])
        if self._layout.kind == "siglip" or (self._layout.text is not None and self._layout.text.canonical):
            return guessed.by_sigmoid(scale or guessed.SIGLIP_SCALE, guessed.SIGLIP_BIAS)
        return guessed.by_softmax(scale or guessed.CLIP_SCALE)

    @cached_property
    def _among_texts(self) -> Calibration:
        return guessed.of_texts(lambda texts: self.encode(Modality.TEXT, texts, "piece"))

    def _digest(self) -> str:
        models = [name for model in self._layout.models for name in (model, *external_data(self._files, model))]
        read = [*models, *([self._layout.text.tokenizer] if self._layout.text else [])]
        decisive = {
            "reading": READING,
            "files": {name: self._files.digest(name) for name in sorted(read)},
            "layout": self._layout.decisive,
        }
        return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()

    def _require(self, modality: Modality) -> None:
        if modality not in self.modalities:
            raise BadInput(
                f"{self.space.name} does not encode {modality}", remedy=f"give {', '.join(sorted(self.modalities))}"
            )

    def _tower(self, modality: Modality) -> Tower:
        with self._loading:
            if modality not in self._towers:
                tower = self._load(modality)
                self._check(modality, tower)
                self._towers[modality] = tower
            return self._towers[modality]

    def _load(self, modality: Modality) -> Tower:
        width, threads = self.space.width, self._threads
        if modality is Modality.TEXT and self._layout.text is not None:
            from sensorium.encoders.onnx_text import OnnxTexts

            return OnnxTexts(self._files, self._layout.text, width, threads)
        if modality is Modality.IMAGE and self._layout.image is not None:
            from sensorium.encoders.onnx_pictures import OnnxPictures

            return OnnxPictures(self._files, self._layout.image, width, threads)
        from sensorium.encoders.onnx_sounds import OnnxSounds

        assert self._layout.sound is not None
        return OnnxSounds(self._files, self._layout.sound, width, threads)

    def _check(self, modality: Modality, tower: Tower) -> None:
        name = GOLDEN[modality]
        if self._files.has(name):
            tolerance = float(self._ours.get("golden_tolerance", GOLDEN_TOLERANCE))
            read_golden(self._files.read(name), name).check(tower.encode, tolerance, f"{self.space.id} {modality}")
            return
        wanted = {Modality.IMAGE: self.image_input, Modality.AUDIO: self.audio_input}.get(modality)
        require_tells_apart(tower.encode, self.space, modality, wanted)
