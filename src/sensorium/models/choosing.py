"""Which files of a model an encoder needs: of several precisions one, and never a format that can hold a program."""

from __future__ import annotations

from collections.abc import Iterable

from sensorium.core.errors import FetchFailed
from sensorium.models.hub import RemoteFile

ONNX, SENTENCE_TRANSFORMERS = "onnx", "sentence-transformers"

TOWERS = ("text", "vision", "audio")
BESIDE = (
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
)
IMMICH = ("textual/", "visual/")
OTHER_ENGINES = ("/rknpu/", "/armnn", "/fp16/")

READABLE = (".json", ".txt", ".safetensors", ".model", ".jinja")
"""What sentence-transformers reads that holds no program: no pickles, no Python."""
ELSEWHERE = ("onnx/", "openvino/", "coreml/", "gguf/", "original/")


def layout_of(files: Iterable[RemoteFile]) -> str:
    """The encoder that a model is for, by its files. Raises FetchFailed where none reads it."""
    paths = {file.path for file in files}
    towers = {f"onnx/{tower}_model.onnx" for tower in TOWERS} | {"textual/model.onnx", "visual/model.onnx"}
    if paths & towers:
        return ONNX
    if "config.json" in paths and any(path.endswith(".safetensors") for path in paths):
        return SENTENCE_TRANSFORMERS
    raise FetchFailed(
        "it has neither ONNX towers nor safetensors", remedy="take another export of it: `sensorium models list`"
    )


def needed(files: Iterable[RemoteFile], encoder: str, variant: str = "") -> list[RemoteFile]:
    """The files that the encoder reads, sorted by path. Raises FetchFailed where its weights are not among them."""
    everything = sorted(files, key=lambda file: file.path)
    if encoder == ONNX:
        chosen = [file for file in everything if _is_onnx(file.path, variant)]
        whole = any(file.path.endswith(".onnx") for file in chosen)
    else:
        chosen = [file for file in everything if _is_plain(file.path)]
        whole = any(file.path.endswith(".safetensors") for file in chosen)
    if not whole:
        raise FetchFailed(
            f"it has no weights for {encoder}" + (f" in the variant {variant}" if variant else ""),
            remedy="there are: " + (", ".join(f.path for f in everything if f.path.endswith(".onnx"))[:300] or "none"),
        )
    return chosen


def _is_onnx(path: str, variant: str) -> bool:
    if path.startswith(IMMICH):
        return path.endswith((".json", ".onnx", ".onnx.data")) and not any(part in path for part in OTHER_ENGINES)
    names = [f"onnx/{tower}_model{f'_{variant}' if variant else ''}.onnx" for tower in TOWERS]
    return path in BESIDE or any(path == name or path.startswith((f"{name}_data", f"{name}.data")) for name in names)


def _is_plain(path: str) -> bool:
    return path.endswith(READABLE) and not path.startswith(ELSEWHERE)
