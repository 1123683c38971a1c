"""`python -m benchmarks.writing`: how well and how fast writing is read, on pages and on photographs.

Pages are born-digital PDFs, drawn at 1,600 pixels; their own text is the reference. Photographs carry words that Pillow
writes on them; without those, every line found is looked at as possibly false. One thread, so that processor time says
what the work costs on a machine that others use too.
"""

from __future__ import annotations

import argparse
import difflib
import os
import random
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pypdfium2
from PIL import Image, ImageDraw, ImageFont

from sensorium.core.contents import Pixels
from sensorium.perception.writing import Box, Lines, WritingOptions, WritingRecogniser, as_text, reading_order

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT.parent / "shared" / "data"
PAGE_SIDE, PHOTO_SIDE = 1_600, 896

WHOLE = ((0.0, 0.0, 1.0, 1.0),)
HEAD, LEFT, MIDDLE, RIGHT = 0.062, 0.355, 0.640, 1.0
COLUMNS = (
    (0.0, 0.0, RIGHT, HEAD),
    *((0.0, HEAD, LEFT, 0.490), (0.0, 0.490, LEFT, 1.0)),
    *((LEFT, HEAD, MIDDLE, 0.541), (LEFT, 0.541, MIDDLE, 1.0)),
    *((MIDDLE, HEAD, RIGHT, 0.676), (MIDDLE, 0.676, RIGHT, 1.0)),
)
"""The head, then three columns, each with its notes below it, as people read them: boxes as shares of the page. The PDF
keeps its text in another order."""

PAGES = (
    ("jfk-inaugural-1961.pdf", 1, WHOLE),
    ("gettysburg-address.pdf", 1, WHOLE),
    ("plos-one-wheat-2018.pdf", 3, WHOLE),
    ("usgs-abrasives-2011.pdf", 1, WHOLE),
    ("federal-register-2020-17221.pdf", 2, COLUMNS),
)
"""File, page, and the regions of its text in the order of reading."""

WORDS = (
    "bakery",
    "bridge",
    "castle",
    "coffee",
    "danger",
    "exit",
    "flower",
    "garden",
    "harbour",
    "hotel",
    "library",
    "market",
    "museum",
    "music",
    "number",
    "open",
    "police",
    "river",
    "school",
    "station",
    "street",
    "summer",
    "ticket",
    "winter",
)
HEIGHTS = (0.02, 0.03, 0.05, 0.08, 0.12)
"""Heights of letters as shares of the picture's longest side."""


@dataclass(slots=True)
class Tally:
    """What one kind of picture gave. cost: processor time of each without a line. lines: picture, text, confidence."""

    cost: list[float] = field(default_factory=list)
    cost_with_lines: list[float] = field(default_factory=list)
    lines: list[tuple[str, str, float]] = field(default_factory=list)
    pictures: int = 0
    with_lines: int = 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.writing", description=__doc__)
    parser.add_argument("--documents", type=Path, default=DATA / "documents")
    parser.add_argument("--photos", type=Path, default=DATA / "flickr8k" / "images")
    parser.add_argument("--count", type=int, default=200, help="photographs of each kind")
    parser.add_argument("--seed", type=int, default=8)
    parser.add_argument("--every-line", action="store_true", help="keep what is unsure too, to choose a threshold")
    arguments = parser.parse_args()
    least = 0.0 if arguments.every_line else WritingOptions().confidence
    short = 0.0 if arguments.every_line else WritingOptions().short_confidence
    options = WritingOptions(threads=1, confidence=least, short_confidence=short)
    with WritingRecogniser.load(options) as recogniser:
        measure_pages(recogniser, arguments.documents)
        photos = chosen(arguments.photos, arguments.count, arguments.seed)
        measure_photos(recogniser, photos, random.Random(arguments.seed))
    return 0


def measure_pages(recogniser: WritingRecogniser, documents: Path) -> None:
    print("| page | characters | lines | character error rate | words found | processor time |\n" + "| --- " * 6 + "|")
    for name, number, regions in PAGES:
        pixels, reference = page(documents / name, number, regions)
        lines, seconds = timed(recogniser, pixels)
        found = normal(as_text(reading_order(lines, aspect=pixels.shape[1] / pixels.shape[0])))
        wanted = normal(reference)
        errors, recall = distance(wanted, found) / len(wanted), word_recall(wanted, found)
        print(f"| {name}, {number} | {len(wanted)} | {len(lines)} | {errors:.4f} | {recall:.3f} | {seconds:.1f} s |")


def measure_photos(recogniser: WritingRecogniser, photos: Sequence[Path], chance: random.Random) -> None:
    bare, scores = Tally(), defaultdict(list)
    for path in photos:
        with Image.open(path) as opened:
            photo = opened.convert("RGB").resize((PHOTO_SIDE, PHOTO_SIDE), Image.Resampling.BICUBIC)
        lines, seconds = timed(recogniser, np.asarray(photo))
        note(bare, path.stem, lines, seconds)
        words, height = lettered(photo, chance)
        lines, _ = timed(recogniser, np.asarray(photo))
        scores[height].append(likeness(words, lines))
    print(f"\n{bare.pictures} photographs as they are, {bare.with_lines} of them with a line. Processor time")
    for kind, cost in (("without a line", bare.cost), ("with lines", bare.cost_with_lines)):
        median, mean, most = np.median(cost), np.mean(cost), np.percentile(cost, 95)
        print(f"  {kind}: median {median:.2f}, mean {mean:.2f}, p95 {most:.2f} s")
    for name, text, confidence in bare.lines:
        print(f"  {name} {confidence:.2f} {text}")
    print("\n| height of letters | pictures | whole and right | four fifths right |\n" + "| --- " * 4 + "|")
    for height, values in sorted(scores.items()):
        right, nearly = np.mean(np.array(values) == 1), np.mean(np.array(values) >= 0.8)
        print(f"| {height:.0%} | {len(values)} | {right:.3f} | {nearly:.3f} |")


def note(tally: Tally, name: str, lines: Lines, seconds: float) -> None:
    tally.pictures += 1
    tally.with_lines += bool(lines)
    (tally.cost_with_lines if lines else tally.cost).append(seconds)
    tally.lines.extend((name, line.text, line.confidence) for line in lines)


def page(path: Path, number: int, regions: Sequence[Box]) -> tuple[Pixels, str]:
    """A page as pixels, and its text. number: from 1. regions: see `PAGES`."""
    with pypdfium2.PdfDocument(path) as document:
        sheet = document[number - 1]
        width, height = sheet.get_size()
        bitmap = sheet.render(scale=PAGE_SIDE / max(width, height)).to_numpy()
        words = sheet.get_textpage()
        if regions == WHOLE:
            text = words.get_text_range()
        else:
            corners = ((x0 * width, (1 - y1) * height, x1 * width, (1 - y0) * height) for x0, y0, x1, y1 in regions)
            text = "\n".join(words.get_text_bounded(*corner) for corner in corners)
        return np.ascontiguousarray(bitmap[..., 2::-1]), text


def lettered(photo: Image.Image, chance: random.Random) -> tuple[str, float]:
    """Writes one to three words on the photograph; returns them and the height that was wanted of their letters."""
    draw, height = ImageDraw.Draw(photo), chance.choice(HEIGHTS)
    words = " ".join(chance.sample(WORDS, chance.choice((1, 2, 3))))
    words = chance.choice((str.lower, str.upper, str.title))(words)
    size = max(8, round(height * PHOTO_SIDE))
    font = ImageFont.load_default(size)
    while (width := draw.textlength(words, font=font)) > 0.95 * PHOTO_SIDE:
        size -= 1
        font = ImageFont.load_default(size)
    left, top = chance.uniform(0, PHOTO_SIDE - width), chance.uniform(0, PHOTO_SIDE - 1.3 * size)
    ink = chance.choice(((255, 255, 255), (0, 0, 0), (255, 220, 0), (200, 20, 20)))
    paper = (255 - ink[0], 255 - ink[1], 255 - ink[2])
    style = chance.choice(("plain", "edge", "plate"))
    if style == "plate":
        draw.rectangle((left - 4, top, left + width + 4, top + 1.25 * size), fill=paper)
    edge = max(1, size // 12) if style == "edge" else 0
    draw.text((left, top), words, font=font, fill=ink, stroke_width=edge, stroke_fill=paper)
    return words, height


def likeness(words: str, lines: Lines) -> float:
    """0..1: how much of the words was read, as one line or as several side by side; case and spaces do not count."""
    wanted = words.lower().replace(" ", "")
    texts = [line.text.lower().replace(" ", "") for line in lines]
    texts.append("".join(text for block in reading_order(lines) for text in pieces(block, wanted)))
    return max(difflib.SequenceMatcher(None, wanted, text, autojunk=False).ratio() for text in texts)


def pieces(block: Lines, wanted: str) -> Iterator[str]:
    for line in block:
        text = line.text.lower().replace(" ", "")
        if text in wanted:
            yield text


def timed(recogniser: WritingRecogniser, pixels: Pixels) -> tuple[Lines, float]:
    """The lines, and the processor time that the worker took for them, in seconds."""
    before = used(recogniser)
    lines = recogniser.read(pixels)
    return lines, used(recogniser) - before


def used(recogniser: WritingRecogniser) -> float:
    """Processor time of the worker so far, in seconds (Linux)."""
    process = recogniser.process
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def chosen(folder: Path, count: int, seed: int) -> list[Path]:
    paths = sorted(folder.iterdir())
    random.Random(seed).shuffle(paths)
    return paths[:count]


def normal(text: str) -> str:
    """White space as one space; the mark that PDFium puts for a hyphen at the end of a line as that hyphen."""
    return re.sub(r"\s+", " ", text.replace("\ufffe", "-").replace("\x02", "-")).strip()


def word_recall(wanted: str, found: str) -> float:
    """The share of the words that were found, in whatever order, 0..1."""
    left, right = Counter(wanted.split()), Counter(found.split())
    return (left & right).total() / left.total()


def distance(wanted: str, found: str) -> int:
    """Levenshtein's distance in characters, rows as the bits of one number (Myers, J. ACM 46, 1999; Hyyrö, 2001)."""
    masks: dict[str, int] = defaultdict(int)
    for place, character in enumerate(wanted):
        masks[character] |= 1 << place
    every, last = (1 << len(wanted)) - 1, 1 << (len(wanted) - 1)
    plus, minus, score = every, 0, len(wanted)
    for character in found:
        equal = masks[character]
        vertical = equal | minus
        horizontal = (((equal & plus) + plus) ^ plus) | equal
        up, down = minus | (~(horizontal | plus) & every), plus & horizontal
        score += bool(up & last) - bool(down & last)
        up, down = ((up << 1) | 1) & every, (down << 1) & every
        plus, minus = down | (~(vertical | up) & every), up & vertical
    return score


if __name__ == "__main__":
    raise SystemExit(main())
