"""The folder that an encoder is loaded from: models, golden vectors, calibration, manifest."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from sensorium.core.calibration import Calibration
from sensorium.training import efficientnet, golden, minilm, modules
from sensorium.training.compact import Trunks
from sensorium.training.export import export
from sensorium.training.layers import fold_batch_norms
from sensorium.training.space import Towers

TEXT_STORE, IMAGE_STORE = "int8", "fp16"
GOLDEN_TOLERANCE = 0.002
"""A mean that is off by two grey levels changes more; the runtime repeats torch to a millionth."""
COMMAND = "python -m sensorium.training compact --data DIR --work DIR --out DIR"


def publish_towers(towers: Towers, trunks: Trunks, out: Path) -> None:
    """Writes both models, the tokenizer and the golden vectors. The trunks are left as they are."""
    out.mkdir(parents=True, exist_ok=True)
    _publish_text(towers, trunks, out)
    _publish_image(towers, trunks, out)
    shutil.copyfile(minilm.model_folder() / "tokenizer.json", out / "tokenizer.json")


def publish_manifest(out: Path, name: str, version: str, width: int, curves: Mapping[str, Calibration]) -> None:
    """Writes `manifest.json` over the files that are there."""
    files = [*sorted(out.glob("*.onnx")), *sorted(out.glob("*.npz")), out / "tokenizer.json"]
    manifest = {
        "made_by": COMMAND,
        "name": name,
        "version": version,
        "width": width,
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "preprocessing": {
            "text": {"max_tokens": minilm.MAX_TOKENS, "longer": "mean of windows"},
            "image": {"side": efficientnet.SIDE, "fit": "squash", "resampling": "bicubic", "channels": "RGB"},
        },
        "golden_tolerance": GOLDEN_TOLERANCE,
        "calibrations": {
            pair: {part: round(number, 6) for part, number in asdict(curve).items()} for pair, curve in curves.items()
        },
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def _publish_text(towers: Towers, trunks: Trunks, out: Path) -> None:
    tower = modules.TextTower(copy.deepcopy(trunks.text.model), towers).eval()
    modules.round_weights(tower, TEXT_STORE)
    vectors = modules.text_vectors(tower, trunks.text, golden.TEXTS)
    golden.write_golden(out / "golden_text.npz", golden.TEXTS, vectors)
    ids, mask = minilm.padded([minilm.windows(trunks.text, text)[0] for text in golden.TEXTS[:2]])
    free = {0: "batch", 1: "tokens"}
    inputs = {"input_ids": ids, "attention_mask": mask}
    export(tower, inputs, {"input_ids": free, "attention_mask": free}, out / "text.onnx", TEXT_STORE)


def _publish_image(towers: Towers, trunks: Trunks, out: Path) -> None:
    pixels = golden.pictures(efficientnet.SIDE)
    tower = modules.ImageTower(copy.deepcopy(trunks.image), towers).eval()
    fold_batch_norms(tower)
    modules.round_weights(tower, IMAGE_STORE)
    golden.write_golden(out / "golden_image.npz", pixels, modules.image_vectors(tower, pixels))
    inputs: dict[str, Any] = {"pixels": torch.from_numpy(pixels[:2])}
    export(tower, inputs, {"pixels": {0: "batch"}}, out / "image.onnx", IMAGE_STORE)
