"""Two encoders by name, and a process that searches a library until it is told to end.

Run as a program: `reembed_world.py LIBRARY END`, which prints one line of JSON for each answer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import sensorium
from sensorium import plugins
from sensorium.core.contents import Content, Role
from sensorium.core.items import Modality
from sensorium.core.spaces import Vectors
from sensorium.testing.encoders import HashEncoder

QUESTIONS = ("the river rose", "note 7", "centimetres", "a dog named t3")


class Named(HashEncoder):
    """A HashEncoder whose space has a name of its own, which answers tell."""

    def __init__(self, name: str, width: int) -> None:
        super().__init__(width=width, version=name)
        self.space = replace(self.space, name=name)

    def encode(self, modality: Modality, contents: Sequence[Content], role: Role) -> Vectors:
        return super().encode(modality, contents, role)


FIRST, SECOND = Named("first", 32), Named("second", 48)
ENCODERS = {"compact": FIRST, "first": FIRST, "second": SECOND}


def by_name(name: str, threads: int) -> Any:
    """In place of plugins."""
    return ENCODERS[name]


def told(results: sensorium.SearchResults) -> dict[str, Any]:
    """What an answer is made of: how many hits, by which routes, and each hit's text with its raw score."""
    return {
        "hits": len(results),
        "routes": sorted({evidence.route for hit in results for evidence in hit.evidence}),
        "raw": [[hit.piece.text, hit.evidence[0].raw] for hit in results],
    }


def check(question: str, answer: dict[str, Any], hits: int) -> str:
    """That an answer is whole and of one space; returns the space's name."""
    assert answer["hits"] == hits, answer
    [route] = answer["routes"]
    encoder = {f"vectors:{one.space.name}": one for one in (FIRST, SECOND)}[route]
    [asked] = encoder.encode(Modality.TEXT, [question], "query")
    for text, raw in answer["raw"]:
        [vector] = encoder.encode(Modality.TEXT, [text], "piece")
        assert abs(float(asked @ vector) - raw) < 1e-5, (question, route, text)
    return encoder.space.name


def main(library: str, end: str) -> None:
    """Searches without a pause."""
    with sensorium.open(library) as opened:
        while not Path(end).exists():
            for question in QUESTIONS:
                sys.stdout.write(json.dumps([question, told(opened.search(question, k=5))]) + "\n")
                sys.stdout.flush()


if __name__ == "__main__":
    plugins.load_encoder = by_name
    main(*sys.argv[1:])
