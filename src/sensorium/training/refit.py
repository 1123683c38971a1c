"""What stands beside the towers in an encoder's folder and is fitted after them: the bank of questions, curves, cuts.

`python -m sensorium.training.refit --data DIR --out DIR` fits them anew for an encoder that is there.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

import sensorium
from sensorium.core.calibration import Calibration
from sensorium.core.contents import Pixels, is_pixels
from sensorium.core.items import Modality
from sensorium.core.settings import Settings
from sensorium.core.spaces import Vectors
from sensorium.encoders.bank import BANK
from sensorium.encoders.compact import CompactEncoder
from sensorium.encoders.manifest import chain_name
from sensorium.evaluation.answered import Answered, Asking, Captioned
from sensorium.readers.guarded import SandboxedReader
from sensorium.readers.recognise import recognise
from sensorium.search.asking.question import PictureReading
from sensorium.training.bank import SIZES, HeldOut, publish_bank
from sensorium.training.calibrate import calibrate
from sensorium.training.copies import calibrate_with_copies, damaged
from sensorium.training.pairs import hold_out

log = logging.getLogger("sensorium.training.refit")

Floats = npt.NDArray[np.float64]

COPIED = (Modality.IMAGE, Modality.IMAGE)
"""Where copies are asked with."""

SENSES = (Modality.TEXT, Modality.IMAGE)
LOOKS = ("hubness", "late", "words")
BATCH = 64
ASKING = Asking(depth=50)


def refit(out: Path, data: Path, *, held_out: int = 500, seed: int = 0) -> dict[str, Calibration]:
    """Writes bank, curves and cuts of the encoder in `out` into its folder and its manifest; returns the curves.

    Every chain of looks is asked through the product, so a look is calibrated as it works, whatever it does.

    data: the pictures with captions that it was trained on. held_out, seed: as they were for training, so that the same
    pictures are kept out. Raises BadInput, ModelDamaged.
    """
    everything = Captioned.read(data, "train")
    kept, out_of_it = hold_out(len(everything.pictures), held_out, seed)
    held = everything.take(out_of_it)
    encoder = CompactEncoder.load(folder=out)
    vectors, copies = _held_vectors(encoder, held), _copies(encoder, held.pictures)
    publish_bank(out, _questions(encoder, everything.take(kept), seed), vectors)
    spread = {name: _spread(vectors, *name) for name in product(SENSES, SENSES)}
    write_curves(out, _provisional(spread))
    curves: dict[str, Calibration] = {}
    for hubness, rerank in product((False, True), (False, True)):
        curves |= _fitted(out, held, spread, copies, hubness=hubness, rerank=rerank)
    write_curves(out, curves)
    return curves


def write_curves(out: Path, curves: Mapping[str, Calibration]) -> None:
    """Puts these curves, and the bank if it is there, into the manifest that is there."""
    path = out / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    if (out / BANK).is_file():
        manifest["files"][BANK] = hashlib.sha256((out / BANK).read_bytes()).hexdigest()
    # Those of sounds are fitted by `sensorium.training.sound.make`, and stay.
    others = {name: curve for name, curve in manifest["calibrations"].items() if Modality.AUDIO in name}
    manifest["calibrations"] = others | {name: curve_json(curve) for name, curve in curves.items()}
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def curve_json(curve: Calibration) -> dict[str, Any]:
    """A curve as the manifest holds it."""
    numbers = {name: round(getattr(curve, name), 6) for name in ("mean", "deviation", "slope", "bias", "cut")}
    return {
        **numbers,
        "gallery": curve.gallery,
        **({"knots": [list(knot) for knot in curve.knots]} if curve.knots else {}),
    }


def _provisional(spread: Mapping[tuple[Modality, Modality], tuple[float, float]]) -> dict[str, Calibration]:
    """A rising curve for every chain of looks, so that each of them is taken while answers are collected."""
    chains = [chain for length in range(len(LOOKS) + 1) for chain in combinations(LOOKS, length)]
    return {
        chain_name(*pair, chain): Calibration(mean=mean, deviation=deviation, slope=1.0, bias=-4.0)
        for pair, (mean, deviation) in spread.items()
        for chain in chains
    }


def _fitted(
    out: Path,
    held: Captioned,
    spread: Mapping[tuple[Modality, Modality], tuple[float, float]],
    copies: Floats,
    *,
    hubness: bool,
    rerank: bool,
) -> dict[str, Calibration]:
    """The curves of the chains that come about when a library leaves these looks to its settings."""
    settings = Settings(hubness=int(hubness), rerank=int(rerank))
    with tempfile.TemporaryDirectory() as place:
        with sensorium.open(place, encoder=CompactEncoder.load(folder=out), settings=settings) as library:
            found = library.answered(held, ASKING)
    curves = _curves(found, spread, copies)
    for name, curve in curves.items():
        log.info(
            "%s: slope %.2f, bias %.2f, %d knots, cut %.3f", name, curve.slope, curve.bias, len(curve.knots), curve.cut
        )
    return curves


def _curves(
    found: Answered, spread: Mapping[tuple[Modality, Modality], tuple[float, float]], copies: Floats
) -> dict[str, Calibration]:
    curves = {}
    for known in found.known.values():
        pair = known.asked, known.found
        # Looks that change what pictures score for pictures would have to look at copies too; there is none.
        copied = pair == COPIED and not known.looks
        curves[chain_name(*pair, known.looks)] = (
            calibrate_with_copies(known, copies, *spread[pair]) if copied else calibrate(known, *spread[pair])
        )
    return curves


def _spread(held: HeldOut, asked: Modality, found: Modality) -> tuple[float, float]:
    """Mean and deviation of the inner products of two contents that have nothing to do with each other."""
    own = {Modality.TEXT: held.owner, Modality.IMAGE: np.arange(len(held.pictures))}
    vectors = {Modality.TEXT: held.texts, Modality.IMAGE: held.pictures}
    products = vectors[asked] @ vectors[found].T
    strangers = products[own[asked][:, None] != own[found][None, :]]
    return float(strangers.mean()), float(strangers.std())


def _questions(encoder: CompactEncoder, trained: Captioned, seed: int) -> dict[Modality, Vectors]:
    """Vectors of as many captions and pictures of the training set as the largest bank takes, drawn by chance."""
    draw = random.Random(seed)
    captions = draw.sample(trained.captions, min(max(SIZES), len(trained.captions)))
    pictures = draw.sample(trained.pictures, min(max(SIZES), len(trained.pictures)))
    return {Modality.TEXT: _texts(encoder, captions), Modality.IMAGE: _pictures(encoder, pictures)}


def _held_vectors(encoder: CompactEncoder, held: Captioned) -> HeldOut:
    texts, pictures = _texts(encoder, held.captions), _pictures(encoder, held.pictures)
    return HeldOut(texts=texts, pictures=pictures, owner=np.array(held.described, dtype=np.int64))


def _texts(encoder: CompactEncoder, texts: Sequence[str]) -> Vectors:
    blocks = [texts[start : start + BATCH] for start in range(0, len(texts), BATCH)]
    return np.concatenate([encoder.encode(Modality.TEXT, block, "query") for block in blocks])


def _copies(encoder: CompactEncoder, paths: Sequence[Path]) -> Floats:
    """float64 [pictures]: how alike each picture and its damaged copy are."""
    found = []
    with _reading(encoder) as reading:
        for block in _blocks(paths):
            pixels = [_pixels(reading, path) for path in block]
            there = encoder.encode(Modality.IMAGE, pixels, "piece")
            found.append((encoder.encode(Modality.IMAGE, damaged(pixels), "query") * there).sum(axis=1))
    return np.concatenate(found).astype(np.float64)


def _pictures(encoder: CompactEncoder, paths: Sequence[Path]) -> Vectors:
    """Vectors of pictures, read as the product reads the picture of a question."""
    with _reading(encoder) as reading:
        return np.concatenate(
            [
                encoder.encode(Modality.IMAGE, [_pixels(reading, path) for path in block], "query")
                for block in _blocks(paths)
            ]
        )


def _pixels(reading: PictureReading, path: Path) -> Pixels:
    pixels = reading.read(path)[0].content
    assert is_pixels(pixels), path
    return pixels


def _blocks(paths: Sequence[Path]) -> list[Sequence[Path]]:
    return [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]


@contextmanager
def _reading(encoder: CompactEncoder) -> Iterator[PictureReading]:
    reader = SandboxedReader(Settings())
    try:
        yield PictureReading(reader=reader, recognise=recognise, image_input=encoder.image_input, preview_side=0)
    finally:
        reader.close()


def main(arguments: Sequence[str] | None = None) -> None:
    """Reads the command line and fits."""
    parser = argparse.ArgumentParser(prog="python -m sensorium.training.refit", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="holds images/ and captions_train.tsv")
    parser.add_argument("--out", type=Path, required=True, help="the encoder's folder")
    parser.add_argument("--held-out", type=int, default=500, help="pictures that were kept out of training")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("sensorium").setLevel(logging.INFO)
    refit(chosen.out, chosen.data, held_out=chosen.held_out)


if __name__ == "__main__":
    main()
