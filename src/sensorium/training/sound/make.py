"""`python -m sensorium.training.sound.make --work DIR --out ENCODER_FOLDER --esc10 DIR --teacher yamnet.onnx`
makes the tower of sounds.

It writes `sound.onnx`, `golden_sound.npz` and, with captioned pictures, the curves of all pairs with sound into the
folder of an encoder that has text and picture towers. `--manifest` joins them to the encoder: files, input and curves.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from sensorium.encoders.compact import CompactEncoder
from sensorium.encoders.sound import RATE
from sensorium.training.refit import curve_json
from sensorium.training.sound.fitted import crossed_heads, fitted_curves
from sensorium.training.sound.head import SoundRecipe, fit_sound_head
from sensorium.training.sound.lessons import gather, lessons_of
from sensorium.training.sound.publish import GOLDEN, HOP, MODEL, WINDOW, publish_sound
from sensorium.training.sound.trunk import fold_norms, load_trunk
from sensorium.training.space import SpacePlan

log = logging.getLogger("sensorium.training.sound.make")

CURVES = "sound_curves.json"
"""In the work folder: what `--manifest` takes."""


def main(arguments: list[str] | None = None) -> None:
    """Reads the command line and trains."""
    parser = argparse.ArgumentParser(prog="python -m sensorium.training.sound.make", description=__doc__)
    parser.add_argument("--work", type=Path, required=True, help="keeps packages and features; may be deleted after")
    parser.add_argument("--out", type=Path, required=True, help="the encoder's folder")
    parser.add_argument("--esc10", type=Path, required=True, help="holds meta.tsv and audio/")
    parser.add_argument("--teacher", type=Path, required=True, help="yamnet as ONNX, beside its class map")
    parser.add_argument("--pictures", type=Path, help="holds images/ and captions_train.tsv; for the curves")
    parser.add_argument("--manifest", action="store_true", help="join model and curves to the encoder's manifest")
    parser.add_argument("--only-curves", action="store_true", help="leave the tower that is there as it is")
    parser.add_argument("--threads", type=int, default=2, help="of torch; another number may change last digits")
    chosen = parser.parse_args(arguments)
    logging.basicConfig(format="%(asctime)s %(message)s")
    logging.getLogger("sensorium").setLevel(logging.INFO)
    torch.set_num_threads(chosen.threads)
    make_sound(chosen, SoundRecipe())


def make_sound(places: Any, recipe: SoundRecipe) -> None:
    """Trains, publishes, fits the curves. places: the arguments of the command."""
    plan, encoder = SpacePlan(), CompactEncoder.load(threads=1, folder=places.out)
    trunk = load_trunk()
    fold_norms(trunk)
    material = gather(places.esc10, places.teacher, places.work, trunk, encoder, recipe.seed)
    log.info("%d labelled clips, %d blocks of free sounds", len(material.clips), len(material.heard))
    if not places.only_curves:
        publish_sound(load_trunk(), fit_sound_head(lessons_of(material, recipe), plan, recipe), places.out)
    if places.pictures is not None:
        heads = crossed_heads(material, plan, recipe)
        curves = fitted_curves(material, heads, encoder, places.pictures)
        said = {name: curve_json(curve) for name, curve in curves.items()}
        (places.work / CURVES).write_text(json.dumps(said, indent=2) + "\n")
    if places.manifest:
        kept = json.loads((places.work / CURVES).read_text())
        join(places.out, kept)


def join(out: Path, curves: Mapping[str, Any]) -> None:
    """Names model, input and curves in the manifest that is there. curves: as `curve_json` gives them."""
    path = out / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    for name in (MODEL, GOLDEN):
        manifest["files"][name] = hashlib.sha256((out / name).read_bytes()).hexdigest()
    manifest["preprocessing"]["audio"] = {"rate": RATE, "seconds": WINDOW, "hop": HOP}
    manifest["calibrations"] |= curves
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
