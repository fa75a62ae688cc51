"""AdamW as torch computes it, without the import of torch's compiler, which takes longer than training a temporal head.

torch's optimizers import `torch._dynamo`, with SymPy, when they are made and when they step, only to tell the compiler to leave them alone. The
functions behind these wrappers are called here; with a version of torch that has other wrappers, they compute the same and import it again.
"""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch.optim import Adam, Optimizer


class AdamW(torch.optim.AdamW):
    """`torch.optim.AdamW` (Loshchilov and Hutter 2019), for loops that give `step` no closure."""

    def add_param_group(self, param_group: dict[str, Any]) -> None:
        """As in torch."""
        inspect.unwrap(Optimizer.add_param_group)(self, param_group)

    @torch.no_grad()
    def step(self, closure: None = None) -> None:  # type: ignore[override]
        """One step by the gradients there are."""
        inspect.unwrap(Adam.step)(self)

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Remove all gradients."""
        for group in self.param_groups:
            for weights in group["params"]:
                weights.grad = None
