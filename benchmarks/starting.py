"""What a person waits for: the import, one question in a shell, one question encoded."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path

import sensorium
from benchmarks.measure import MILLI, Figure, Options, in_turns
from sensorium import plugins
from sensorium.core.items import Modality
from sensorium.core.ports import Encoder

IMPORT_GOAL = 0.1
COLD_GOAL = 1.0

OUTSIDERS = """
import sys
from functools import partial
before = set(sys.modules)
import sensorium
names = {name.split(".")[0] for name in set(sys.modules) - before}
print(len(names - sys.stdlib_module_names - {"sensorium"}))
"""

QUESTION = "a woman in a red coat walks two dogs through the snow"


def measure(options: Options) -> list[Figure]:
    """Import, cold search, and the encoding of one question."""
    return [_import(options), _cold_search(options), _question(options)]


def _import(options: Options) -> Figure:
    product, yardstick = in_turns(_python("import sensorium"), _python("pass"), rounds=options.rounds(20))
    extra = product.median - yardstick.median
    run = subprocess.run([sys.executable, "-c", OUTSIDERS], capture_output=True, text=True, check=True)
    outsiders = int(run.stdout)
    return Figure(
        subject="`import sensorium`",
        product=f"{product}, {outsiders} libraries from outside loaded",
        yardstick=f"an empty Python: {yardstick}",
        ratio=f"{MILLI * extra:.1f} ms more",
        goal=f"< {MILLI * IMPORT_GOAL:.0f} ms, no library from outside",
        met=extra < IMPORT_GOAL and outsiders == 0,
    )


def _cold_search(options: Options) -> Figure:
    """From the shell to the answer: a new process each time; the files of the model are in the system's cache."""
    place = options.scratch / "cold.library"
    files = sorted(path for path in options.media.rglob("*") if path.is_file())
    with sensorium.open(place) as library:
        library.add(*(files[::8] if options.quick else files))
    command = [str(Path(sys.executable).parent / "sensorium"), "search", "--library", str(place), "--json", QUESTION]

    def search() -> None:
        subprocess.run(command, capture_output=True, check=True)

    product, yardstick = in_turns(search, _python("pass"), rounds=options.rounds(10))
    return Figure(
        subject="cold `sensorium search`, demo library",
        product=str(product),
        yardstick=f"an empty Python: {yardstick}",
        ratio=f"{product.median / yardstick.median:.0f}x",
        goal=f"< {COLD_GOAL} s",
        met=product.median < COLD_GOAL,
    )


def _question(options: Options) -> Figure:
    """Against the text tower's work alone: what checking, windows and copying add."""
    import onnxruntime
    from tokenizers import Tokenizer

    encoder: Encoder = plugins.load("sensorium.encoders", "compact").load()
    weights = Path(sys.modules[type(encoder).__module__].__file__ or "").parent / "weights" / "compact"
    tokenizer = Tokenizer.from_file(str(weights / "tokenizer.json"))
    tokenizer.no_padding()
    session = onnxruntime.InferenceSession(str(weights / "text.onnx"), providers=["CPUExecutionProvider"])

    def bare() -> None:
        ids = [tokenizer.encode(QUESTION).ids]
        session.run(["vectors"], {"input_ids": ids, "attention_mask": [[1] * len(ids[0])]})

    product, yardstick = in_turns(
        lambda: encoder.encode(Modality.TEXT, [QUESTION], "query"), bare, rounds=options.rounds(200), warm=5
    )
    return Figure(
        subject="encoding a question of twelve words",
        product=str(product),
        yardstick=f"onnxruntime alone: {yardstick}",
        ratio=f"{product.median / yardstick.median:.2f}x",
    )


def _python(program: str) -> partial[object]:
    return partial(subprocess.run, [sys.executable, "-c", program], check=True)
