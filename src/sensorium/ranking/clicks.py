"""What people thought of hits, as a server keeps it: one line of JSON for each time that somebody said so."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

from sensorium.ranking.features import NO_CLICKS, Clicks

FEEDBACK = Path("server") / "feedback.jsonl"
"""Where a server keeps what people thought of hits, below the folder of a library."""

MOST_BYTES = 80 * 1024 * 1024
LIKED, DISLIKED = frozenset({"click", "more"}), frozenset({"less"})


def read_clicks(file: Path, tenant: str) -> Clicks:
    """How often items of one tenant were liked and disliked; a line that is none counts nothing.

    The same person, answer, piece and verdict count once.
    """
    said: set[tuple[str, str, str, str]] = set()
    try:
        with file.open("rb") as lines:
            for line in lines.read(MOST_BYTES).splitlines():
                found = _line(line, tenant)
                if found is not None:
                    said.add(found)
    except OSError:
        return NO_CLICKS
    liked: Counter[str] = Counter()
    disliked: Counter[str] = Counter()
    for _, _, piece, verdict in said:
        counts = liked if verdict in LIKED else disliked
        counts[piece.rpartition(".")[0]] += 1
    return Clicks(liked=liked, disliked=disliked)


def _line(line: bytes, tenant: str) -> tuple[str, str, str, str] | None:
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match said:
        case {
            "tenant": str(whose),
            "by": str(by),
            "query_id": str(query),
            "piece": str(piece),
            "verdict": str(verdict),
        }:
            known = whose == tenant and verdict in LIKED | DISLIKED
            return (by, query, piece, verdict) if known else None
    return None
