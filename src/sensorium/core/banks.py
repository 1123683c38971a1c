"""Banks of questions: what hubs are told by."""

from __future__ import annotations

from dataclasses import dataclass, field

from sensorium.core.spaces import Vectors

HUBNESS = "hubness"
"""The name of the look that sets hubs back: a question asks for it by a word of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class QueryBank:
    """Vectors of questions of one modality, from public training data, and how sharply they are weighed.

    vectors: float32 [questions, width], unit rows. beta: above 0; the larger, the more the nearest count alone.
    """

    vectors: Vectors = field(repr=False)
    beta: float

    def __post_init__(self) -> None:
        if not (self.beta > 0 and len(self.vectors)):
            raise ValueError("a query bank has at least one question, and a beta above 0")
