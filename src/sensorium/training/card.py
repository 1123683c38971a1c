"""The model card and the notices that go with the weights."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from importlib.metadata import distribution
from pathlib import Path

from sensorium.training.measures import Recalls

HERE = Path(__file__).parent


def write_card(out: Path, values: Mapping[str, object], figures: Mapping[str, tuple[Recalls, Recalls]]) -> None:
    """Writes `MODEL_CARD.md` beside the models.

    values: what the card's text asks for, beyond figures and sizes. figures: of both directions, by language.
    """
    sizes = {f"{name}_mb": (out / f"{name}.onnx").stat().st_size / 1e6 for name in ("text", "text_many", "image")}
    card = (HERE / "card.template.md").read_text(encoding="utf-8")
    rows = "\n".join(f"| {language} | {t2i} | {i2t} |" for language, (t2i, i2t) in figures.items())
    (out / "MODEL_CARD.md").write_text(card.format(**values, **sizes, figures=rows), encoding="utf-8")


def write_notices(out: Path) -> None:
    """Writes `NOTICE` and the licence that the trunks are under, as their package carries it."""
    shutil.copyfile(HERE / "notice.template.txt", out / "NOTICE")
    package = distribution("efficientnet-lite-pytorch")
    licence = next(file for file in package.files or [] if file.name == "LICENSE")
    shutil.copyfile(str(package.locate_file(licence)), out / "LICENSE-APACHE-2.0.txt")
