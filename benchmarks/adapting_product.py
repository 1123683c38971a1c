"""A library that the built-in encoder filled, asked by it and by an adapted one, with the second look and without."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

import sensorium
from benchmarks.adapting_data import Captioned, Data
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder
from sensorium.core.settings import Settings
from sensorium.encoders.adapters import Adapter
from sensorium.encoders.layered import QUERY, AdaptedEncoder
from sensorium.evaluation.intervals import cluster_bootstrap

SETTINGS = Settings(writing=0, speech=0, threads=1)
DEPTH = 100


def through_the_product(data: Data, images: Path, adapters: Mapping[Modality, Adapter]) -> Iterator[str]:
    """Titles held out find their pictures, through `search`. adapters: of questions alone."""
    test = data.fashion["test"]
    with tempfile.TemporaryDirectory() as folder:
        with sensorium.open(folder, settings=SETTINGS, encoder=data.encoder) as library:
            library.add(*(images / name for name in test.files))
        for name, encoder in (("base", data.encoder), ("adapted", AdaptedEncoder(data.encoder, adapters, QUERY))):
            for rerank in (False, True):
                look = "with the second look" if rerank else "without it"
                yield f"{name}, {look}: {_asked(folder, test, encoder, rerank)}"


def _asked(folder: str, test: Captioned, encoder: Encoder, rerank: bool) -> str:
    """Success at 1 and the mean reciprocal rank, among the first hundred."""
    found = []
    right = test.right
    with sensorium.open(folder, settings=SETTINGS, encoder=encoder) as library:
        for title, wanted in zip(test.names, right, strict=True):
            names = {test.files[number] for number in np.flatnonzero(wanted)}
            hits = library.search(title, modalities=["image"], k=DEPTH, rerank=None if rerank else False)
            ranks = [rank for rank, hit in enumerate(hits, 1) if Path(hit.item.lineage.source).name in names]
            found.append(1 / ranks[0] if ranks else 0.0)
    values, clusters = np.array(found), np.arange(len(found))
    first = cluster_bootstrap((values == 1).astype(np.float64), clusters)
    return f"R@1 {first}, MRR {cluster_bootstrap(values, clusters)}"
