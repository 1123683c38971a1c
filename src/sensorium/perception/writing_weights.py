"""Which weights read writing: files inside the package `rapidocr`, by sha256. Imports nothing of that package."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path

from sensorium.core.errors import ExtraMissing, ModelDamaged
from sensorium.core.items import Producer

PACKAGES = ("rapidocr", "cv2", "onnxruntime")
"""What has to be installed, as it is imported."""

DETECTION, RECOGNITION, DIRECTION = (
    "PP-OCRv6_det_small.onnx",
    "PP-OCRv6_rec_small.onnx",
    "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
)
SHA256 = {
    DETECTION: "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    RECOGNITION: "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
    DIRECTION: "e47acedf663230f8863ff1ab0e64dd2d82b838fceb5957146dab185a89d6215c",
}
"""The files of rapidocr 3.10 (PaddleOCR's models, Apache-2.0)."""

REMEDY = "install sensorium with its dependencies anew: `pip install --force-reinstall sensorium`"

PRODUCER = Producer(
    name="writing.pp-ocrv6-small",
    version="1",
    digest=hashlib.sha256("".join(SHA256.values()).encode()).hexdigest(),
)
"""What the lines are derived by. The version moves when what is made of the models' output changes."""


def missing() -> str | None:
    """What is missing for reading writing, in words; None when all is there. Nothing is imported for it.

    >>> missing() is None or missing().startswith("the package")
    True
    """
    for package in PACKAGES:
        if find_spec(package) is None:
            return f"the package {package} is not installed"
    return None


def folder() -> Path:
    """Where the weights lie. Raises ExtraMissing."""
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ExtraMissing("the package rapidocr is not installed", subject="writing in pictures", remedy=REMEDY)
    return Path(spec.origin).parent / "models"


def check(weights: Path) -> None:
    """Raises ModelDamaged unless each file is the one that is named here."""
    for name, digest in SHA256.items():
        try:
            found = hashlib.sha256((weights / name).read_bytes()).hexdigest()
        except OSError:
            raise ModelDamaged("a model file is missing", subject=name, remedy=REMEDY) from None
        if found != digest:
            raise ModelDamaged("a model file is not the one that was measured", subject=name, remedy=REMEDY)
