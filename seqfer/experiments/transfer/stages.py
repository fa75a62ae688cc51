"""Names the stages of an encoder, and finds the layers that `--unfreeze` and `--stages` train.

A stage begins with every layer that has weights and includes the norms, activations and pools that follow; the classifier is not a stage and
is always trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from seqfer.core.errors import SettingsError
from seqfer.core.numbers import is_count
from seqfer.models.layers import FrameEncoder
from seqfer.training.image_schedule import stage_numbers


@dataclass(frozen=True)
class Unfreezing:
    """One step: the classifier and the last `stages` of the encoder are trained, its first `layers_frozen` layers of `depth_order()` are not."""

    name: str
    title: str
    stages: int
    layers_frozen: int


def stage_names(encoder: FrameEncoder) -> tuple[str, ...]:
    """The stages from the input on, each by the name its first layer has in the encoder ("stem", "blocks.0", ...)."""
    names = {id(module): name for name, module in encoder.named_modules()}
    found: dict[int, str] = {}
    for number, layer in zip(stage_numbers(encoder), encoder.depth_order(), strict=True):
        found.setdefault(number, names[id(layer)])
    return tuple(found.values())


def plan_unfreezing(encoder: FrameEncoder, which: str, unfreeze: str, stages: Sequence[str]) -> tuple[Unfreezing, ...]:
    """The steps from the classifier alone to the deepest requested one, each continuing from the one before.

    `unfreeze` is `last:N`, `all`, or the name of a stage, from which on all layers are trained; `stages` are further steps, also as plain
    numbers N. `which` names the encoder in messages. Raises SettingsError, listing the stages, for an unknown one.
    """
    depths = {0, *(_depth(encoder, which, text) for text in (unfreeze, *stages) if text)}
    return tuple(_step(encoder, depth) for depth in sorted(depths))


def _depth(encoder: FrameEncoder, which: str, text: str) -> int:
    names = stage_names(encoder)
    if not names:
        raise SettingsError(
            f"{which} has no layers to freeze or to retrain; fit it again: seqfer train --set encoder={which}"
        )
    if text == "all":
        return len(names)
    if text in names:
        return len(names) - names.index(text)
    number = text.removeprefix("last:")
    if is_count(number) and int(number) <= len(names):
        return int(number)
    raise SettingsError(
        f"no {text!r} to unfreeze; {which} has {len(names)} stages before its classifier: {', '.join(names)}; "
        f"give last:0 to last:{len(names)}, all, or the stage to start from"
    )


def _step(encoder: FrameEncoder, depth: int) -> Unfreezing:
    numbers = stage_numbers(encoder)
    total = max(numbers) + 1
    frozen = sum(number < total - depth for number in numbers)
    if depth == 0:
        return Unfreezing("head", "classifier only", 0, frozen)
    if depth == total:
        return Unfreezing("all", "all stages", depth, 0)
    return Unfreezing(f"last-{depth}", f"last {depth} stage{'s' if depth > 1 else ''}", depth, frozen)
