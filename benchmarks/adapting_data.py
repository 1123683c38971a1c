"""What `benchmarks.adapting` measures on, as vectors that are made once and kept in a folder."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium import plugins
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.settings import Settings
from sensorium.core.spaces import Vectors
from sensorium.evaluation.encoding import AS_PIECE, encode_entries
from sensorium.evaluation.reading import EvaluationPorts
from sensorium.evaluation.tasks import Entry
from sensorium.readers.guarded import SandboxedReader
from sensorium.readers.recognise import recognise


@dataclass(frozen=True, slots=True, kw_only=True)
class Captioned:
    """Texts and pictures as vectors. picture_of: for each text the number of its picture. names: what the texts say.
    files: the pictures' names."""

    texts: Vectors = field(repr=False)
    pictures: Vectors = field(repr=False)
    picture_of: npt.NDArray[np.int64] = field(repr=False)
    names: tuple[str, ...] = field(repr=False)
    files: tuple[str, ...] = field(repr=False)

    @property
    def right(self) -> npt.NDArray[np.bool_]:
        """bool [texts, pictures]: a picture is right for its texts, and for every text of the same words."""
        same: dict[str, set[int]] = {}
        for name, picture in zip(self.names, self.picture_of.tolist(), strict=True):
            same.setdefault(name.casefold(), set()).add(picture)
        right = np.zeros((len(self.names), len(self.pictures)), dtype=bool)
        for row, name in enumerate(self.names):
            right[row, sorted(same[name.casefold()])] = True
        return right


@dataclass(frozen=True, slots=True, kw_only=True)
class Data:
    """fashion: products by split. elsewhere: other domains by name, which nothing is learned of."""

    encoder: Encoder
    fashion: dict[str, Captioned]
    elsewhere: dict[str, Captioned]


def read(data: Path, work: Path) -> Data:
    """Everything, encoded where it is not kept yet."""
    encoder: Encoder = plugins.load("sensorium.encoders", "compact").load(1)
    products = _rows(data / "fashion" / "products.tsv")
    fashion = {
        split: _captioned(
            encoder,
            [(row["title"], data / "fashion" / "images" / row["image"]) for row in products if row["split"] == split],
            work / f"fashion-{split}",
        )
        for split in ("train", "dev", "test")
    }
    captions = _rows(data / "flickr8k" / "captions_dev.tsv")
    flickr = [(row["caption"], data / "flickr8k" / "images" / row["image"]) for row in captions]
    stamps = _rows(data / "tuxpaint" / "stamps.tsv")
    drawings = [(row["text_en"], data / "tuxpaint" / row["image"]) for row in stamps if row["text_en"]]
    elsewhere = {
        "Flickr8k dev": _captioned(encoder, flickr, work / "flickr8k"),
        "drawings": _captioned(encoder, drawings, work / "tuxpaint"),
    }
    return Data(encoder=encoder, fashion=fashion, elsewhere=elsewhere)


def _captioned(encoder: Encoder, pairs: Sequence[tuple[str, Path]], cache: Path) -> Captioned:
    files = list(dict.fromkeys(path for _, path in pairs))
    number = {path: position for position, path in enumerate(files)}
    told = "\n".join([encoder.space.id, *(f"{text}\t{path.name}" for text, path in pairs)])
    kept = cache.with_name(f"{cache.name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.npz")
    if not kept.exists():
        texts = [Entry(id=str(n), modality=Modality.TEXT, text=text) for n, (text, _) in enumerate(pairs)]
        pictures = [Entry(id=str(path), modality=Modality.IMAGE, path=path) for path in files]
        kept.parent.mkdir(parents=True, exist_ok=True)
        np.savez(kept, texts=_encoded(encoder, texts), pictures=_encoded(encoder, pictures))
    with np.load(kept, allow_pickle=False) as arrays:
        return Captioned(
            texts=arrays["texts"],
            pictures=arrays["pictures"],
            picture_of=np.array([number[path] for _, path in pairs]),
            names=tuple(text for text, _ in pairs),
            files=tuple(path.name for path in files),
        )


def _encoded(encoder: Encoder, entries: Sequence[Entry]) -> Vectors:
    with closing(SandboxedReader(Settings())) as reader:
        ports = EvaluationPorts(
            encoder=encoder,
            indexes=plugins.load("sensorium.indexes", "faiss")(),
            reader=reader,
            recognise=recognise,
        )
        encoded = encode_entries(dict.fromkeys(entries, AS_PIECE), ports)
    return np.stack([encoded[entry].pieces[0] for entry in entries])


def _rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))
