"""`python -m benchmarks.judged WHAT --data DIR --work DIR`: measures, and prints tables in Markdown."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from benchmarks.judged import answers, documents, fusion, matrix, mixed, moments

MEASURES: dict[str, Callable[[Path, Path], Iterator[str]]] = {
    "answers": answers.measure,
    "documents": documents.measure,
    "films": moments.measure,
    "fusion": fusion.measure,
    "matrix": matrix.measure,
    "mixed": mixed.measure,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.judged", description=__doc__)
    parser.add_argument("what", choices=MEASURES)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with documents, flickr8k, video, speech, esc10"
    )
    parser.add_argument("--work", type=Path, required=True, help="folder for libraries and films; it is kept")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    for line in MEASURES[arguments.what](arguments.data.resolve(), arguments.work.resolve()):
        print(line, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
