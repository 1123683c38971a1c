"""How far a long run got: kept in a file, so that a run that was stopped goes on from there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import nn


class Progress:
    """Everything that going on needs: what learns, its optimizer and schedule, and how many steps or epochs are done.

    log_scale: the logarithm of an inverse temperature that is learnt too; None where there is none.
    """

    def __init__(self, parts: nn.ModuleList, optimizer: Any, schedule: Any, log_scale: Any = None) -> None:
        self.done = 0
        self._parts, self._optimizer, self._schedule = parts, optimizer, schedule
        self._log_scale = log_scale

    def load(self, checkpoint: Path) -> None:
        """Takes up what the file holds; where there is none, nothing changes."""
        if not checkpoint.exists():
            return
        state = torch.load(checkpoint, weights_only=True)
        self.done = state["done"]
        self._parts.load_state_dict(state["parts"])
        if self._log_scale is not None:
            with torch.no_grad():
                self._log_scale.copy_(state["scale"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._schedule.load_state_dict(state["schedule"])

    def save(self, checkpoint: Path) -> None:
        """Writes the file whole or not at all."""
        state = {
            "done": self.done,
            "parts": self._parts.state_dict(),
            "optimizer": self._optimizer.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        if self._log_scale is not None:
            state["scale"] = self._log_scale.detach()
        partial = checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(checkpoint)
