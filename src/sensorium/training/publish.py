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
from tokenizers import Tokenizer

from sensorium.core.details import DetailForm
from sensorium.encoders.compact import OTHERS
from sensorium.encoders.languages import LANGUAGES, EnglishOrNot, read_odds
from sensorium.training import golden, modules, tokens
from sensorium.training.compact import Trunks
from sensorium.training.export import export
from sensorium.training.layers import fold_batch_norms
from sensorium.training.space import SpacePlan, TextHeads, Towers
from sensorium.training.trunks import e5, efficientnet, minilm

TEXT_STORE, IMAGE_STORE = "int8", "int8"
GOLDEN_TOLERANCE = 0.002
"""A mean that is off by two grey levels changes more; the runtime repeats torch to a millionth."""
COMMAND = "python -m sensorium.training compact --data DIR --parallel TABLE --work DIR --out DIR"


def publish_towers(towers: Towers, trunks: Trunks, odds: npt.NDArray[np.float16], out: Path, *, detailed: bool) -> None:
    """Writes the models for English and for pictures, the tokenizer, golden vectors and what tells languages apart.
    The trunks are left as they are.

    odds: of `english_odds`. detailed: whether the models give finer vectors for a second look.
    """
    out.mkdir(parents=True, exist_ok=True)
    np.savez(out / LANGUAGES, odds=odds)
    ours, _ = golden_texts(trunks.english.tokenizer, odds)
    english = modules.TextTower(copy.deepcopy(trunks.english.model), towers.english, towers.plan, detailed=detailed)
    _publish_text(english, tokens.windows(trunks.english.tokenizer, ours), ours, out, "text")
    shutil.copyfile(minilm.model_folder() / "tokenizer.json", out / "tokenizer.json")
    _publish_image(towers, trunks, out, detailed)


def publish_others(trunk: e5.Trunk, heads: TextHeads, plan: SpacePlan, out: Path, *, detailed: bool) -> None:
    """Writes the model for texts in other languages, its tokenizer and its golden vectors beside those for English."""
    english = Tokenizer.from_file(str(out / "tokenizer.json"))
    english.no_padding()
    english.no_truncation()
    _, theirs = golden_texts(english, read_odds((out / LANGUAGES).read_bytes(), english.get_vocab_size()))
    tower = modules.TextTower(modules.as_published(trunk.model, trunk.stored), heads, plan, detailed=detailed)
    _publish_text(tower, tokens.windows(trunk.tokenizer, theirs), theirs, out, OTHERS)
    trunk.tokenizer.save(str(out / f"tokenizer_{OTHERS}.json"), pretty=False)


def golden_texts(tokenizer: Any, odds: npt.NDArray[np.float16]) -> tuple[list[str], list[str]]:
    """The fixed texts that go to the English tower, and those that go to the other one."""
    is_english = EnglishOrNot(tokenizer, odds)
    return (
        [text for text in golden.TEXTS if is_english(text)],
        [text for text in golden.TEXTS if not is_english(text)],
    )


def publish_manifest(out: Path, name: str, version: str, width: int, late: DetailForm | None) -> None:
    """Writes `manifest.json` over the files that are there, still without curves."""
    manifest = {
        "made_by": COMMAND,
        "name": name,
        "version": version,
        "width": width,
        "files": _digests(out),
        "preprocessing": {
            "text": {"max_tokens": tokens.MAX_TOKENS, "longer": "mean of windows"},
            "image": {"side": efficientnet.SIDE, "fit": "squash", "resampling": "bicubic", "channels": "RGB"},
        },
        "golden_tolerance": GOLDEN_TOLERANCE,
        **({"late": {part: round(number, 6) for part, number in asdict(late).items()}} if late else {}),
        "calibrations": {},
    }
    (out / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")


def rewrite_manifest(out: Path, version: str | None = None) -> None:
    """Puts the files that are there now into the manifest that is there, and a version where one is given."""
    path = out / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    manifest |= {"made_by": COMMAND, "files": _digests(out), "version": version or manifest["version"]}
    path.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def _digests(out: Path) -> dict[str, str]:
    files = [*sorted(out.glob("*.onnx")), *sorted(out.glob("*.npz")), *sorted(out.glob("tokenizer*.json"))]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


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
