"""Any Sensorium encoder as a model of MTEB, so that public benchmarks run it (Muennighoff et al. 2023, EACL).

`MtebModel` fits `mteb.models.EncoderProtocol` of mteb 2. Pictures that a benchmark brings go through the product's own
guarded reader, so that what is measured is what searches do. mteb itself, of the extra `mteb`, is imported only where
its own types are asked for.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from sensorium.core.contents import Content, ReadRequest, Role
from sensorium.core.errors import BadInput, ExtraMissing, Refused
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors, check_vectors
from sensorium.evaluation.reading import EvaluationPorts

COLUMNS = {"text": Modality.TEXT, "image": Modality.IMAGE}
"""Columns of a benchmark's batches that are encoded -> their sense."""

STRANGE = frozenset({"audio", "video"})
"""Columns that nothing here encodes yet."""

INSTALL = "install sensorium[mteb]"

ENCODE_BATCH = 32


class MtebModel:
    """A Sensorium encoder, asked in the way of mteb 2. Made by `Library.mteb_model`."""

    def __init__(self, ports: EvaluationPorts) -> None:
        self._ports = ports

    @property
    def mteb_model_meta(self) -> Any:
        """An `mteb.models.ModelMeta`: name, revision, width and senses; what is not known is None.

        Raises ExtraMissing without mteb.
        """
        try:
            from mteb.models import ModelMeta
        except ImportError:
            raise _missing() from None
        encoder, unknown = self._ports.encoder, dict.fromkeys(UNKNOWN)
        return ModelMeta(
            loader=None,
            name=f"sensorium/{encoder.space.name}",
            revision=f"{encoder.space.version}-{encoder.space.digest[:12]}",
            embed_dim=encoder.space.width,
            framework=["ONNX"] if encoder.space.name.startswith("compact") else [],
            similarity_fn_name="cosine",
            use_instructions=False,
            modalities=[name for name, modality in COLUMNS.items() if modality in encoder.modalities],
            **unknown,
        )

    def encode(
        self,
        inputs: Iterable[Mapping[str, Any]],
        *,
        task_metadata: Any = None,
        hf_split: str = "",
        hf_subset: str = "",
        prompt_type: Any = None,
        **settings: Any,
    ) -> Vectors:
        """float32 [entries, width], unit rows, in the order of the batches.

        inputs: batches with the columns `text` (str) or `image` (PIL pictures), or both, one entry a row. An entry with
        both becomes the mean of the two vectors, made a unit vector; None in one of them leaves the other. prompt_type:
        "document" encodes as a piece, anything else as a query. What else mteb says (the task, batch sizes) changes
        nothing: no prompt is added that searches would not add.

        Raises BadInput for entries of a sense that the encoder lacks, and for a picture that the reader refuses.
        """
        role: Role = "piece" if str(getattr(prompt_type, "value", prompt_type)) == "document" else "query"
        vectors = [self._batch(batch, role) for batch in inputs]
        return np.concatenate(vectors) if vectors else np.empty((0, self._ports.encoder.space.width), np.float32)

    def similarity(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Cosines [n, m], as mteb computes them. Raises ExtraMissing without mteb."""
        return _functions().cos_sim(embeddings1, embeddings2)

    def similarity_pairwise(self, embeddings1: Any, embeddings2: Any) -> Any:
        """Cosines [n] of the rows, pair by pair, as mteb computes them. Raises ExtraMissing without mteb."""
        return _functions().pairwise_cos_sim(embeddings1, embeddings2)

    def _batch(self, batch: Mapping[str, Any], role: Role) -> Vectors:
        given = {name: batch[name] for name in COLUMNS if name in batch}
        strange = sorted(STRANGE & set(batch))
        if strange or not given:
            raise BadInput(
                f"a batch of {', '.join(strange or batch) or 'nothing'}",
                subject=self._ports.encoder.space.name,
                remedy="choose tasks of texts and pictures",
            )
        rows = len(next(iter(given.values())))
        total = np.zeros((rows, self._ports.encoder.space.width), dtype=np.float32)
        for name, column in given.items():
            there = [row for row in range(rows) if column[row] is not None]
            total[there] += self._vectors(COLUMNS[name], [column[row] for row in there], role)
        lengths = np.linalg.norm(total, axis=1, keepdims=True)
        if (lengths == 0).any():
            raise BadInput("an entry holds nothing", remedy="choose a task whose entries have a text or a picture")
        return np.asarray(total / lengths, dtype=np.float32)

    def _vectors(self, modality: Modality, column: Sequence[Any], role: Role) -> Vectors:
        encoder = self._ports.encoder
        if modality not in encoder.modalities or (modality is Modality.IMAGE and encoder.image_input is None):
            raise BadInput(f"this encoder takes no {modality}", subject=encoder.space.name, remedy="choose other tasks")
        parts = [np.empty((0, encoder.space.width), dtype=np.float32)]
        for start in range(0, len(column), ENCODE_BATCH):
            contents: list[Content] = [
                str(entry) if modality is Modality.TEXT else self._pixels(entry)
                for entry in column[start : start + ENCODE_BATCH]
            ]
            parts.append(check_vectors(encoder.encode(modality, contents, role), encoder.space.width))
        return np.concatenate(parts)

    def _pixels(self, picture: Any) -> Content:
        """A PIL picture as the encoder takes it: written as PNG, which loses nothing, and read like any file."""
        if not hasattr(picture, "save"):
            raise BadInput(
                f"a picture can not be a {type(picture).__name__}",
                subject=self._ports.encoder.space.name,
                remedy="choose a task whose pictures are PIL pictures",
            )
        wanted = self._ports.encoder.image_input
        assert wanted is not None, "asked by _vectors"
        with tempfile.TemporaryFile() as file:
            picture.convert("RGB").save(file, "PNG", compress_level=1)
            file.flush()
            try:
                document = self._ports.reader.read(
                    file.fileno(), "image/png", ReadRequest(image_inputs=(wanted,), preview_side=0)
                )
            except Refused as error:
                raise BadInput(
                    f"a picture of the task was refused: {error.what}",
                    subject=self._ports.encoder.space.name,
                    remedy=error.remedy,
                ) from None
        return document.pieces[0].renditions[0]


UNKNOWN = (
    "release_date",
    "languages",
    "n_parameters",
    "memory_usage_mb",
    "max_tokens",
    "license",
    "open_weights",
    "public_training_code",
    "public_training_data",
    "training_datasets",
)
"""Fields of a ModelMeta that must be given, and of which an encoder says nothing."""


def _functions() -> Any:
    try:
        from mteb import similarity_functions
    except ImportError:
        raise _missing() from None
    return similarity_functions


def _missing() -> ExtraMissing:
    return ExtraMissing("mteb is not installed", subject="mteb", remedy=INSTALL)
