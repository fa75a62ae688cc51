"""`seqfer.list_datasets`, `seqfer.list_models` and their commands: the corpora, encoders and baselines that seqfer knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class KnownCorpus:
    """One corpus. `checked` says what `seqfer.prepare` checks; `clips_by_class` are the published counts, empty where none are known."""

    name: str
    title: str
    layout: str
    licence: str
    source: str
    checked: tuple[str, ...]
    clips_by_class: Mapping[str, int]


@dataclass(frozen=True)
class KnownModel:
    """One encoder or baseline (`kind`). `channels` is 1 for grey faces; `parameters` include the running statistics of batch norm,
    `parameters_trainable` do not; `weights` is the included file or None, `scores` are those of its card."""

    name: str
    kind: str
    paper: str
    input_size_px: int
    channels: int
    feature_dim: int
    parameters: int
    parameters_trainable: int
    multiplications_convolutions: int
    weights: str | None
    scores: Mapping[str, float]


def list_datasets() -> pd.DataFrame:
    """The corpora that `seqfer.prepare` reads, a row each. The command is `seqfer datasets`.

    Columns: `name`, `title`, `layout` of the folder, `licence`, `source` (where to request a copy), `checked` (a tuple of texts),
    `clips_by_class` (a dict of the published counts).

    Example:
        >>> import seqfer
        >>> "posed" in set(seqfer.list_datasets()["name"])
        True
    """
    return _table(KnownCorpus, known_corpora())


def list_models() -> pd.DataFrame:
    """The frame encoders and baselines, a row each. The command is `seqfer models`.

    Columns: `name`, `kind` (encoder or baseline), `paper`, `input_size_px`, `channels`, `feature_dim`, `parameters`,
    `parameters_trainable`, `multiplications_convolutions` (of one image), `weights` (the included file, missing where there is none),
    `scores` (a dict, empty without weights).

    Example:
        >>> import seqfer
        >>> models = seqfer.list_models().set_index("name")
        >>> int(models.loc["resezap", "parameters"])
        54480
    """
    return _table(KnownModel, known_models())


def known_corpora() -> tuple[KnownCorpus, ...]:
    """All corpora, by name."""
    from seqfer.core import registry
    from seqfer.corpus.published import published

    found = []
    for name in registry.names("datasets"):
        module, facts = registry.find("datasets", name), published(name)
        stated = (module.NAME, module.TITLE, module.LAYOUT, module.LICENCE, module.SOURCE)
        found.append(KnownCorpus(*stated, tuple(facts.get("checked", ())), facts.get("clips_by_class", {})))
    return tuple(found)


def known_models() -> tuple[KnownModel, ...]:
    """All encoders, then all baselines, by name."""
    from seqfer.core import registry

    return tuple(_known_model(kind, name) for kind in ("encoders", "baselines") for name in registry.names(kind))


def _known_model(kind: str, name: str) -> KnownModel:
    """Nothing is allocated or computed: the network is built on torch's meta device."""
    import torch

    from seqfer.core import registry
    from seqfer.models.included import SHIPPED
    from seqfer.models.layers import convolution_multiplications, parameter_counts
    from seqfer.models.weights import load_tensors

    module, shipped = registry.find(kind, name), SHIPPED.get(name)
    with torch.device("meta"):
        encoder = module.build()
        parameters, trainable = parameter_counts(encoder)
        multiplications = convolution_multiplications(encoder)
    scores = load_tensors(shipped.path, shipped.sha256)[1].get("scores") or {} if shipped else {}
    return KnownModel(
        name=name,
        kind=kind.removesuffix("s"),
        paper=module.PAPER,
        input_size_px=encoder.input_size,
        channels=encoder.channels,
        feature_dim=encoder.feature_dim,
        parameters=parameters,
        parameters_trainable=trainable,
        multiplications_convolutions=multiplications,
        weights=shipped.file if shipped else None,
        scores={key: float(value) for key, value in scores.items()},
    )


def _table(kind: type, known: tuple[Any, ...]) -> pd.DataFrame:
    import pandas as pd

    names = [field.name for field in fields(kind)]
    return pd.DataFrame([[getattr(one, name) for name in names] for one in known], columns=names)
