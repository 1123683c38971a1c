"""How the files of a model lie, and what they say: the layout of the hub's ONNX exports, and Immich's.

The hub's: `config.json`, `preprocessor_config.json` (or `processor_config.json`, which holds the same inside),
`tokenizer.json`, `tokenizer_config.json`, and in `onnx/` the towers, each in one or more precisions, as
`vision_model_quantized.onnx`. Immich's: `config.json` of OpenCLIP, `visual/`, `textual/`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sensorium.core.errors import BadSetting
from sensorium.encoders.model_files import ModelFiles
from sensorium.encoders.onnx_forms import (
    ImageForm,
    SoundForm,
    TextForm,
    image_form,
    open_clip_image_form,
    sound_form,
)

OUTPUTS = {"text": ("text_embeds", "embedding"), "vision": ("image_embeds", "embedding"), "audio": ("audio_embeds",)}
POOLED = "pooler_output"
"""What SigLIP calls its vectors; of CLIP's towers it is the state before the shared space."""

WIDTH, TOKENS = {"clip": 512, "clap": 512, "siglip": 768}, {"clip": 77, "clap": 512, "siglip": 64}
"""What `config.json` leaves out where it is the default of transformers' configuration of that kind."""

MOST_TOKENS = 8_192
ROBERTA_OFFSET = 2
"""Positions that RoBERTa's embedding has more than tokens."""

KINDS = ("clip", "siglip", "clap")


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a model's folder holds. kind: of `KINDS`, or "open_clip". width: of its vectors.

    scale, bias: what the model multiplies cosines by and adds, where a file says so.
    """

    kind: str
    width: int
    text: TextForm | None
    image: ImageForm | None
    sound: SoundForm | None

    @property
    def decisive(self) -> dict[str, Any]:
        """Everything but weights that decides a vector."""
        return {"kind": self.kind, **{name: form and asdict(form) for name, form in self._forms}}

    @property
    def models(self) -> list[str]:
        """The ONNX files."""
        return [form.model for _, form in self._forms if form is not None]

    @property
    def _forms(self) -> list[tuple[str, TextForm | ImageForm | SoundForm | None]]:
        return [("text", self.text), ("image", self.image), ("sound", self.sound)]


def read_layout(files: ModelFiles, variant: str = "") -> Layout:
    """Reads what a folder says of itself. variant: the precision of the towers, as "quantized" or "fp16"; "" for full.

    Raises BadSetting where it is no layout that is known, ModelDamaged where a file is missing or can not be read.
    """
    config = files.read_json("config.json")
    if files.has("visual/model.onnx") or files.has("textual/model.onnx"):
        return _open_clip(files, config)
    return _hub(files, config, variant)


def _hub(files: ModelFiles, config: Mapping[str, Any], variant: str) -> Layout:
    kind = str(config.get("model_type", ""))
    if kind not in KINDS:
        raise BadSetting(
            f"models of the type {kind!r} are not read as ONNX",
            subject="config.json",
            remedy=f"take one of {', '.join(KINDS)}, or sentence-transformers:MODEL",
        )
    towers = {name: _tower(files, name, variant) for name in OUTPUTS}
    pooled = (POOLED,) if kind == "siglip" else ()
    text, vision, audio = towers.values()
    if not (text or vision or audio):
        raise BadSetting(
            f"there is no onnx/*_model{_suffix(variant)}.onnx",
            subject=files.folder.name,
            remedy=f"there are: {', '.join(name for name in files.names if name.endswith('.onnx')) or 'none'}",
        )
    return Layout(
        kind=kind,
        width=_width(kind, config),
        text=_text(files, kind, config, text, OUTPUTS["text"] + pooled) if text else None,
        image=image_form(vision, _preprocessing(files), OUTPUTS["vision"] + pooled) if vision else None,
        sound=sound_form(audio, _preprocessing(files), OUTPUTS["audio"]) if audio else None,
    )


def _tower(files: ModelFiles, name: str, variant: str) -> str | None:
    path = f"onnx/{name}_model{_suffix(variant)}.onnx"
    return path if files.has(path) else None


def _suffix(variant: str) -> str:
    return f"_{variant}" if variant else ""


def _preprocessing(files: ModelFiles) -> Mapping[str, Any]:
    """Of pictures or sounds; newer folders keep it inside of `processor_config.json`."""
    if files.has("preprocessor_config.json"):
        return files.read_json("preprocessor_config.json")
    inside = files.read_json_if_there("processor_config.json")
    found = inside.get("image_processor") or inside.get("feature_extractor")
    return found if isinstance(found, Mapping) else files.read_json("preprocessor_config.json")


def _width(kind: str, config: Mapping[str, Any]) -> int:
    if kind != "siglip":
        return int(config.get("projection_dim", WIDTH[kind]))
    text, vision = config.get("text_config", {}), config.get("vision_config", {})
    width = text.get("projection_size") or vision.get("hidden_size") or text.get("hidden_size") or WIDTH[kind]
    return int(width)


def _text(files: ModelFiles, kind: str, config: Mapping[str, Any], model: str, outputs: tuple[str, ...]) -> TextForm:
    told, text = files.read_json_if_there("tokenizer_config.json"), config.get("text_config", {})
    positions = int(text.get("max_position_embeddings", TOKENS[kind] + (ROBERTA_OFFSET if kind == "clap" else 0)))
    most = positions - (ROBERTA_OFFSET if kind == "clap" else 0)
    limit = told.get("model_max_length")
    if isinstance(limit, int | float) and 0 < limit < most and kind != "siglip":
        most = int(limit)
    canonical = kind == "siglip" and str(told.get("tokenizer_class", "")).startswith("SiglipTokenizer")
    return TextForm(
        model=model,
        tokenizer="tokenizer.json",
        most=min(most, MOST_TOKENS),
        pad=_token(told.get("pad_token"))
        or _token(files.read_json_if_there("special_tokens_map.json").get("pad_token")),
        fixed=kind == "siglip",
        seen=kind == "siglip",
        left=told.get("padding_side") == "left",
        lower=kind == "siglip" or bool(told.get("do_lower_case", False)),
        canonical=canonical,
        outputs=outputs,
    )


def _token(said: Any) -> str:
    """A token as it stands in these files: by itself, or as an object with its properties."""
    return str(said["content"]) if isinstance(said, Mapping) and "content" in said else str(said or "")


def _open_clip(files: ModelFiles, config: Mapping[str, Any]) -> Layout:
    text, image = None, None
    if files.has("textual/model.onnx"):
        told, options = files.read_json_if_there("textual/tokenizer_config.json"), config.get("text_cfg", {})
        canonical = (options.get("tokenizer_kwargs") or {}).get("clean") == "canonicalize"
        text = TextForm(
            model="textual/model.onnx",
            tokenizer="textual/tokenizer.json",
            most=min(int(options.get("context_length", TOKENS["clip"])), MOST_TOKENS),
            pad=_token(told.get("pad_token")),
            fixed=True,
            lower=canonical,
            canonical=canonical,
            outputs=OUTPUTS["text"],
        )
    if files.has("visual/model.onnx"):
        image = open_clip_image_form(
            "visual/model.onnx", files.read_json("visual/preprocess_cfg.json"), OUTPUTS["vision"]
        )
    if not isinstance(config.get("embed_dim"), int):
        raise BadSetting("it does not say how wide its vectors are", subject="config.json", remedy="add `embed_dim`")
    return Layout(kind="open_clip", width=config["embed_dim"], text=text, image=image, sound=None)
