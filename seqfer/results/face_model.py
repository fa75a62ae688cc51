"""`seqfer.load_model`: a trained model of single faces."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqfer.models.image_model import ImageModel


def load_model(name: str | os.PathLike[str] = "compact", *, device: str = "auto") -> ImageModel:
    """A trained model of single faces: an included one by name (`compact`, `small`), or a .safetensors file of `seqfer train`.

    `device` is auto, cpu, cuda, cuda:N or mps. Its `predict` takes uint8 faces (face height width) of its `input_size` and returns
    probabilities (face class) in the order of its `classes`. Raises SettingsError for an unknown name or device, WeightsError for a
    damaged file.

    Example:
        >>> import numpy as np
        >>> import seqfer
        >>> model = seqfer.load_model("small")
        >>> model.predict(np.zeros((2, 48, 48), np.uint8)).shape
        (2, 7)
    """
    from seqfer import models

    return models.open(os.fspath(name), kind="image", device=device)
