"""`python -m benchmarks`: measures everything and writes the table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

from benchmarks import filtering, ingest, looking, media, memory, searching, starting
from benchmarks.measure import Figure, Options
from benchmarks.pictures import many_pictures

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("numpy", "onnxruntime", "faiss-cpu", "pillow", "tokenizers")
SUBJECTS: dict[str, Callable[[Options], list[Figure]]] = {
    "starting": starting.measure,
    "searching": searching.measure,
    "filtering": filtering.measure,
    "looking": looking.measure,
    "ingest": ingest.measure,
    "media": media.measure,
    "memory": memory.measure,
}

HEAD = """# Benchmarks

Written by `make bench` on {date}{quick}. Times are minimum / median / 95th percentile / maximum. Product and yardstick
were measured in turns within this run; goals are held against medians.

Machine: {machine}.

| what | Sensorium | yardstick | ratio | goal | met |
| --- | --- | --- | --- | --- | --- |
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="little data and few rounds: does it run at all?")
    parser.add_argument("--only", choices=SUBJECTS, help="one subject, printed and not written")
    parser.add_argument("--photos", type=Path, default=ROOT.parent / "shared" / "data" / "flickr8k" / "images")
    parser.add_argument("--output", type=Path, default=ROOT / "benchmarks" / "results.md")
    arguments = parser.parse_args()

    lines = []
    for name in [arguments.only] if arguments.only else SUBJECTS:
        with tempfile.TemporaryDirectory(prefix="sensorium-bench-") as scratch:
            print(f"measuring: {name}", file=sys.stderr)
            for figure in SUBJECTS[name](_options(arguments, Path(scratch))):
                lines.append(_line(figure))
                print(lines[-1])
    if not arguments.only:
        kept = _kept(arguments.output)
        arguments.output.write_text(_head(quick=arguments.quick) + "\n".join(lines) + "\n" + kept, encoding="utf-8")
        print(f"written: {arguments.output}", file=sys.stderr)
    return 0


def _kept(output: Path) -> str:
    """The sections below the table, which other commands made: they stay."""
    written = output.read_text(encoding="utf-8") if output.exists() else ""
    _, heading, rest = written.partition("\n## ")
    return heading + rest


def _options(arguments: argparse.Namespace, scratch: Path) -> Options:
    count = 100 if arguments.quick else 5_000
    return Options(
        quick=arguments.quick,
        scratch=scratch,
        media=ROOT / "demo" / "media",
        pictures=many_pictures(count, arguments.photos, scratch),
    )


def _head(*, quick: bool) -> str:
    return HEAD.format(
        date=time.strftime("%Y-%m-%d"),
        quick=", by a quick run that proves nothing" if quick else "",
        machine=_machine(),
    )


def _machine() -> str:
    """Processor, cores, system and versions; never the machine's name."""
    info = Path("/proc/cpuinfo")
    models = [line for line in info.read_text().splitlines() if line.startswith("model name")] if info.exists() else []
    processor = models[0].split(":")[1].strip() if models else platform.processor() or platform.machine()
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return f"{processor}, {cores} cores, {platform.system()}, Python {platform.python_version()}, {libraries}"


def _line(figure: Figure) -> str:
    met = {True: "yes", False: "**no**", None: ""}[figure.met]
    cells = (figure.subject, figure.product, figure.yardstick, figure.ratio, figure.goal, met)
    return "| " + " | ".join(cells) + " |"


if __name__ == "__main__":
    sys.exit(main())
