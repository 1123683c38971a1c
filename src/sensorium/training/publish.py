"""The folder that an encoder is loaded from: models, golden vectors, calibration, manifest."""

from __future__ import annotations

import copy
import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sensorium.core.details import DetailForm
from sensorium.encoders.compact import OTHERS
from sensorium.encoders.languages import LANGUAGES, EnglishOrNot
from sensorium.training import e5, efficientnet, golden, minilm, modules, tokens
from sensorium.training.compact import Trunks
from sensorium.training.export import export
from sensorium.training.layers import fold_batch_norms
from sensorium.training.space import Towers

TEXT_STORE, IMAGE_STORE = "int8", "fp16"
SHIPPED_PIECES = 60_000
"""Of the vocabulary of many languages: what is left of 80 MB."""
GOLDEN_TOLERANCE = 0.002
"""A mean that is off by two grey levels changes more; the runtime repeats torch to a millionth."""
COMMAND = "python -m sensorium.training compact --data DIR --parallel TABLE --work DIR --out DIR"


def publish_towers(towers: Towers, trunks: Trunks, odds: npt.NDArray[np.float16], out: Path, *, detailed: bool) -> None:
    """Writes the models, tokenizers, golden vectors and what tells languages apart. The trunks are left as they are.

    odds: of `english_odds`. detailed: whether the models give finer vectors for a second look.
    """
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / LANGUAGES, odds=odds)
    is_english = EnglishOrNot(trunks.english.tokenizer, odds)
    ours = [text for text in golden.TEXTS if is_english(text)]
    theirs = [text for text in golden.TEXTS if not is_english(text)]
    english = modules.TextTower(copy.deepcopy(trunks.english.model), towers.english, towers.plan, detailed=detailed)
    windows = tokens.windows(trunks.english.tokenizer, ours)
    _publish_text(english, windows, ours, out, "text")
    shutil.copyfile(minilm.model_folder() / "tokenizer.json", out / "tokenizer.json")
    cut = e5.cut(trunks.many, SHIPPED_PIECES)
    many = modules.TextTower(modules.as_published(cut.model, cut.stored), towers.many, towers.plan, detailed=detailed)
    _publish_text(many, tokens.windows(cut.tokenizer, theirs), theirs, out, OTHERS)
    cut.tokenizer.save(str(out / f"tokenizer_{OTHERS}.json"), pretty=False)
    _publish_image(towers, trunks, out, detailed)


def publish_manifest(out: Path, name: str, version: str, width: int, late: DetailForm | None) -> None:
    """Writes `manifest.json` over the files that are there, still without curves."""
    files = [*sorted(out.glob("*.onnx")), *sorted(out.glob("*.npz")), *sorted(out.glob("tokenizer*.json"))]
    manifest = {
        "made_by": COMMAND,
        "name": name,
        "version": version,
        "width": width,
        "files": {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files},
        "preprocessing": {
            "text": {"max_tokens": tokens.MAX_TOKENS, "longer": "mean of windows"},
            "image": {"side": efficientnet.SIDE, "fit": "squash", "resampling": "bicubic", "channels": "RGB"},
        },
        "golden_tolerance": GOLDEN_TOLERANCE,
        **({"late": {part: round(number, 6) for part, number in asdict(late).items()}} if late else {}),
        "calibrations": {},
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def _publish_text(
    tower: modules.TextTower, windows: Sequence[Sequence[Sequence[int]]], texts: Sequence[str], out: Path, name: str
) -> None:
    modules.round_weights(tower.eval(), TEXT_STORE)
    golden.write_golden(out / f"golden_{name}.npz", texts, modules.text_vectors(tower, windows))
    ids, mask = tokens.padded([rows[0] for rows in windows[:2]])
    free = {0: "batch", 1: "tokens"}
    inputs = {"input_ids": ids, "attention_mask": mask}
    dynamic = {"input_ids": free, "attention_mask": free}
    outputs = ("vectors", "words") if tower.detailed else ("vectors",)
    export(tower, inputs, outputs, dynamic, out / f"{name}.onnx", TEXT_STORE)


def _publish_image(towers: Towers, trunks: Trunks, out: Path, detailed: bool) -> None:
    pixels = golden.pictures(efficientnet.SIDE)
    tower = modules.ImageTower(copy.deepcopy(trunks.image), towers, detailed=detailed).eval()
    fold_batch_norms(tower)
    modules.round_weights(tower, IMAGE_STORE)
    golden.write_golden(out / "golden_image.npz", pixels, *modules.image_vectors(tower, pixels))
    inputs: dict[str, Any] = {"pixels": torch.from_numpy(pixels[:2])}
    outputs = ("vectors", "grid") if detailed else ("vectors",)
    export(tower, inputs, outputs, {"pixels": {0: "batch"}}, out / "image.onnx", IMAGE_STORE)
