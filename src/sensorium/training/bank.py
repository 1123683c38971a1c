"""The bank of questions that hubs are told by: which training questions, how many, how sharply weighed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sensorium.core.banks import QueryBank
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.encoders.bank import BANK, packed, read_bank
from sensorium.rerankers.hubness import nearness
from sensorium.training.measures import recalls

SIZES = (250, 500, 1_000, 2_000)
BETAS = (20.0, 30.0, 40.0, 60.0)

WORTH = 0.5
"""Points of mean recall that a larger bank has to bring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Vectors of pictures that training did not see and of their captions. owner: the picture of each caption."""

    texts: Vectors
    pictures: Vectors
    owner: npt.NDArray[np.int64]

    def right(self) -> npt.NDArray[np.bool_]:
        """bool [captions, pictures]."""
        return np.asarray(self.owner[:, None] == np.arange(len(self.pictures))[None, :])


def publish_bank(out: Path, questions: Mapping[Modality, Vectors], held: HeldOut) -> dict[Modality, QueryBank]:
    """Chooses the banks, writes `bank.npz` and returns what is read back from it.

    questions: vectors of captions and of pictures that were trained on, in an order without meaning; their start is
    taken. A caption's bank is chosen by what captions find among the kept-out pictures, a picture's the other way.
    """
    across, right = held.texts @ held.pictures.T, held.right()
    banks = {
        Modality.TEXT: _chosen(questions[Modality.TEXT], across, right, held.pictures),
        Modality.IMAGE: _chosen(questions[Modality.IMAGE], across.T, right.T, held.texts),
    }
    with (out / BANK).open("wb") as file:
        np.savez(file, **packed(banks))  # type: ignore[arg-type]  # the stubs take these for savez's own keywords
    return read_bank((out / BANK).read_bytes(), held.texts.shape[1])


def _chosen(
    questions: Vectors, products: npt.NDArray[np.float32], right: npt.NDArray[np.bool_], pieces: Vectors
) -> QueryBank:
    """The smallest bank whose mean recall is within `WORTH` of the best one's."""
    tried = [
        (_mean_recall(products - nearness(pieces, bank)[None, :].astype(np.float32), right), bank)
        for bank in _banks(questions)
    ]
    best = max(recall for recall, _ in tried)
    enough = [
        (len(bank.vectors), -recall, number) for number, (recall, bank) in enumerate(tried) if recall >= best - WORTH
    ]
    return tried[min(enough)[2]][1]


def _banks(questions: Vectors) -> Sequence[QueryBank]:
    sizes = sorted({min(size, len(questions)) for size in SIZES})
    return [QueryBank(vectors=questions[:size], beta=beta) for size in sizes for beta in BETAS]


def _mean_recall(products: npt.NDArray[np.float32], right: npt.NDArray[np.bool_]) -> float:
    found = recalls(products, right)
    return (found.first + found.five + found.ten) / 3
