"""An encoder as a teacher: its English tower, whatever a text's language, and its pictures, out of its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.core.errors import BadInput, ModelDamaged
from sensorium.core.items import Modality
from sensorium.encoders.compact import CompactEncoder
from sensorium.encoders.manifest import Manifest, read_manifest
from sensorium.encoders.towers import TextTower, open_session
from sensorium.training.features import cached_features
from sensorium.training.heads import Floats, unit
from sensorium.training.space import SpacePlan
from sensorium.training.trunks import efficientnet

SLACK = 0.01
"""Of a block's squared length, for weights that were rounded."""


@dataclass(frozen=True, slots=True)
class Teacher:
    """What the files of an encoder's folder give for texts and pictures. work: keeps what was computed once.

    identity: the sha256 of the models that it asks.
    """

    plan: SpacePlan
    folder: Path
    work: Path
    encoder: CompactEncoder = field(repr=False)
    english: TextTower = field(repr=False)
    identity: str

    @classmethod
    def of(cls, folder: Path, plan: SpacePlan, work: Path, threads: int = 2) -> Teacher:
        """Raises ModelDamaged."""
        manifest = read_manifest(folder)
        if manifest.space.width != plan.width:
            raise BadInput(
                f"the encoder is {manifest.space.width} wide, the plan {plan.width}",
                subject=folder.name,
                remedy="give the plan that it was made by",
            )
        identity = " ".join(manifest.files[name] for name in ("text.onnx", "image.onnx"))
        return cls(plan, folder, work, CompactEncoder.load(threads, folder), _english(manifest, threads), identity)

    def texts(self, texts: Sequence[str]) -> Floats:
        """float32 [n, width]: where the English tower puts these texts."""
        producer = f"english tower {self.identity.split()[0]}"
        found = cached_features(self.work / "features", producer, texts, str.encode, self.english.encode, block=1024)
        return np.asarray(found, np.float32)

    def pictures(self, paths: Sequence[Path]) -> tuple[Floats, npt.NDArray[np.float16]]:
        """float32 [n, width] vectors, and float16 [n, cells, d] details; no details where the encoder gives none."""
        producer = f"pictures {self.identity.split()[1]}"
        found = cached_features(
            self.work / "features", producer, paths, lambda path: path.name.encode(), self._encoded, block=32
        )
        width = self.plan.width
        form = self.encoder.details
        shape = (len(paths), form.cells, form.width) if form else (len(paths), 0, 0)
        return np.asarray(found[:, :width], np.float32), np.asarray(found[:, width:]).reshape(shape)

    def blocks(self, vectors: Floats) -> tuple[Floats, Floats]:
        """Unit rows of the shared block and of the private block of texts. Raises ModelDamaged for another plan's."""
        plan = self.plan
        shared, private = vectors[:, : plan.shared], vectors[:, plan.shared : plan.shared + plan.text]
        share = float((private**2).sum(axis=1).mean())
        if abs(share - plan.text_share) > SLACK:
            raise ModelDamaged(
                f"the private block has a share of {share:.2f}, not {plan.text_share}",
                subject="text.onnx",
                remedy="give the plan that it was made by",
            )
        return unit(shared), unit(private)

    def picture_block(self, vectors: Floats) -> Floats:
        """Unit rows of the shared block of pictures."""
        return unit(vectors[:, : self.plan.shared])

    def _encoded(self, paths: Sequence[Path]) -> Floats:
        pixels = [efficientnet.read_picture(path) for path in paths]
        vectors, details = self.encoder.encode_detailed(Modality.IMAGE, pixels, "piece")
        return vectors if details is None else np.hstack([vectors, np.stack(details).reshape(len(paths), -1)])


def _english(manifest: Manifest, threads: int) -> TextTower:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_buffer(manifest.read("tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    session = open_session(manifest.read("text.onnx"), threads)
    return TextTower(session, tokenizer, int(manifest.preprocessing["text"]["max_tokens"]), manifest.space.width)
