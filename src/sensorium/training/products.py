"""In what precision large products are taken while training."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import torch


def halved() -> bool:
    """Whether this processor multiplies in bfloat16 itself: where it does not, that takes five times as long."""
    return any(
        bool(getattr(torch.cpu, name, bool)()) for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    )


def fast_products() -> AbstractContextManager[Any]:
    """Products in bfloat16 where the processor has them, else in 32 bits."""
    context: AbstractContextManager[Any] = torch.autocast("cpu", torch.bfloat16, enabled=halved())
    return context
