"""`seqfer.train`, `train_head`, `train_valence`, `train_valence_head` and their commands: a trained model, its figures by epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from seqfer.core.one_line import one_line
from seqfer.results._folders import folder_of
from seqfer.results._paths import AnyPath
from seqfer.results._settings import settings_of
from seqfer.runs.names import ENCODER_WEIGHTS, SEQUENCE_WEIGHTS, VALENCE_WEIGHTS

if TYPE_CHECKING:
    import pandas as pd

    from seqfer.runs.kinds.train import TrainHistory
    from seqfer.runs.kinds.train_head import TrainHeadHistory
    from seqfer.runs.kinds.train_valence import TrainValenceHistory
    from seqfer.runs.kinds.train_valence_head import TrainValenceHeadHistory
    from seqfer.training.settings import HeadSettings, TrainSettings, ValenceHeadSettings, ValenceSettings


class NamedSettings(Protocol):
    """Settings of a training, which name the folder of a new run."""

    @property
    def run_name(self) -> str:
        """The folder's name below `runs/`."""


Settings = TypeVar("Settings", bound=NamedSettings)


@dataclass(frozen=True, eq=False)
class Training:
    """A finished training. `record` is the content of history.json, `weights` the file that it wrote into `folder`."""

    record: TrainHistory | TrainHeadHistory | TrainValenceHistory | TrainValenceHeadHistory
    folder: Path
    weights: Path

    @property
    def history(self) -> pd.DataFrame:
        """A row per `epoch`, from 1 on: `train_loss`, `validation_loss` and `validation_error` on the people held back.

        The error is a fraction; of a valence head it is an RMSE. A baseline has a row per `penalty`; what is fitted in one step has no row.
        """
        import pandas as pd

        curves = {
            name: getattr(self.record, name, None) for name in ("train_loss", "validation_loss", "validation_error")
        }
        known = {name: values for name, values in curves.items() if values is not None}
        penalties = getattr(self.record, "penalties", None)
        if penalties is not None:
            return pd.DataFrame({"penalty": penalties, **known})
        epochs = max(map(len, known.values()), default=0)
        return pd.DataFrame({"epoch": range(1, epochs + 1), **known})

    def __str__(self) -> str:
        return one_line(f"{self.weights}: {self._scores()}")

    def _repr_html_(self) -> str:
        return str(self.history.to_html(index=False, float_format="{:.4f}".format))

    def _scores(self) -> str:
        known = self.record
        if known.kind == "train":
            return (
                f"error {known.held_back_error:.1%} on {known.held_back} held-out images, "
                f"temperature {known.temperature:.2f}, {known.seconds:.0f} s"
            )
        if known.kind == "train-head":
            return (
                f"error {known.error:.1%} on {known.frames} held-out frames "
                f"(the encoder alone: {known.encoder_error:.1%}), calibration error {known.calibration_error:.1%}"
            )
        if known.kind == "train-valence":
            return (
                f"RMSE {known.held_back_rmse:.3f}, CCC {known.held_back_ccc:.3f} "
                f"on {known.held_back} held-out images, {known.seconds:.0f} s"
            )
        scores = known.scores
        return f"RMSE {scores.rmse:.3f}, CCC {scores.ccc:.3f} on {scores.n} frames of people held back"


def train(
    data: AnyPath = "", *, out: AnyPath | None = None, resume: bool = False, progress: bool = True, **settings: Any
) -> Training:
    """Train an encoder or a linear SVM on labelled faces. The command is `seqfer train`.

    `data` is a manifest (.jsonl). `out` is the run folder (default: a new one, runs/train-ENCODER-seedSEED), into which encoder.safetensors, the
    history and a checkpoint are written. `resume` continues the training in `out`, or the newest one, whose settings hold where none are given.
    `progress` shows a progress bar. `settings` are those of `seqfer train` (docs/commands.md): `encoder="resezap"`, `seed=3`, or nested:
    `training={"epochs": 10}`.

    Raises InputError for data that cannot be read, SettingsError for an unknown setting or value, TrainingError where the loss diverges.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> fast = {"epochs": 1, "precision": "fp32"}
        >>> made = seqfer.train("drawn.jsonl", out="tiny", encoder="tiny", split="", held_back=0.5, training=fast, progress=False)
        >>> made.history.columns.tolist()
        ['epoch', 'train_loss', 'validation_loss', 'validation_error']
        >>> len(seqfer.load_model(made.weights).classes)
        7
    """
    from seqfer.training.settings import TrainSettings

    chosen, folder = _settings_and_folder(TrainSettings, data, out, resume, settings)
    with folder_of(folder):
        return run_train(chosen, folder, resume=resume, quiet=not progress)


def train_head(
    data: AnyPath = "", *, out: AnyPath | None = None, resume: bool = False, progress: bool = True, **settings: Any
) -> Training:
    """Train a temporal head (LSTM, BiLSTM, GRU) for videos on a fixed encoder, from still images. The command is `seqfer train-head`.

    The sequences are synthesised from the stills of the manifest `data`. `out` is the run folder (default: a new one, runs/head-HEAD-seedSEED),
    into which sequence.safetensors is written, for `seqfer.annotate(..., model=...)`. `resume` and `progress` are as in `seqfer.train`.
    `settings` are those of `seqfer train-head` (docs/commands.md): `head="bilstm"`, `encoder="small"`.

    Raises as `seqfer.train`.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> few = {"sequences": 8, "held_back_sequences": 4, "length": 8, "correction_limit": 0.0}
        >>> about = {"encoder": "small", "split": "", "held_back": 0.5, "training": {"epochs": 1}}
        >>> made = seqfer.train_head("drawn.jsonl", out="head", progress=False, **about, **few)
        >>> made.weights.name
        'sequence.safetensors'
    """
    from seqfer.training.settings import HeadSettings

    chosen, folder = _settings_and_folder(HeadSettings, data, out, resume, settings)
    with folder_of(folder):
        return run_train_head(chosen, folder, resume=resume, quiet=not progress)


def train_valence(
    data: AnyPath = "", *, out: AnyPath | None = None, resume: bool = False, progress: bool = True, **settings: Any
) -> Training:
    """Train nine valence levels of faces, from raters' votes on still images or from annotated clips. The command is `seqfer train-valence`.

    `data` is a manifest of stills with votes, or of clips with valence. `out` is the run folder (default: a new one,
    runs/valence-ENCODER-seedSEED), into which valence.safetensors is written, for `seqfer.annotate(..., valence_model=...)`. `resume` and
    `progress` are as in `seqfer.train`. `settings` are those of `seqfer train-valence` (docs/commands.md): `encoder="small"`, `whole=True`.

    Raises as `seqfer.train`.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> made = seqfer.train_valence("drawn.jsonl", out="levels", encoder="small", split="", held_back=0.5, progress=False)
        >>> made.record.kind, made.weights.name
        ('train-valence', 'valence.safetensors')
    """
    from seqfer.training.settings import ValenceSettings

    chosen, folder = _settings_and_folder(ValenceSettings, data, out, resume, settings)
    with folder_of(folder):
        return run_train_valence(chosen, folder, resume=resume, quiet=not progress)


def train_valence_head(
    data: AnyPath = "", *, out: AnyPath | None = None, resume: bool = False, progress: bool = True, **settings: Any
) -> Training:
    """Train a temporal head (LSTM, BiLSTM, GRU) that regresses valence, from annotated clips. The command is `seqfer train-valence-head`.

    `data` is a manifest whose clips have valence, such as one of `seqfer.prepare_films`. `out` is the run folder (default: a new one,
    runs/valence-head-HEAD-seedSEED), into which sequence.safetensors is written, for `seqfer.annotate(..., valence_model=...)`. `resume` and
    `progress` are as in `seqfer.train`. `settings` are those of `seqfer train-valence-head` (docs/commands.md): `head="lstm"`.

    Raises as `seqfer.train`.

    Example:
        >>> import seqfer
        >>> _ = seqfer.prepare("posed", out="drawn.jsonl", people=2)
        >>> made = seqfer.train_valence_head("drawn.jsonl", out="regressed", encoder="small", training={"epochs": 2}, progress=False)
        >>> made.history["epoch"].tolist()
        [1, 2]
    """
    from seqfer.training.settings import ValenceHeadSettings

    chosen, folder = _settings_and_folder(ValenceHeadSettings, data, out, resume, settings)
    with folder_of(folder):
        return run_train_valence_head(chosen, folder, resume=resume, quiet=not progress)


def run_train(settings: TrainSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> Training:
    """Train into the run folder `out`. Raises as `train`."""
    from seqfer.training.settings import need_data
    from seqfer.training.train_encoder import train_encoder

    need_data(settings.data, "fer2013")
    return Training(train_encoder(settings, out, resume=resume, quiet=quiet), out, out / ENCODER_WEIGHTS)


def run_train_head(settings: HeadSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> Training:
    """Train into the run folder `out`. Raises as `train_head`."""
    from seqfer.training.settings import need_data
    from seqfer.training.train_head import train_head

    need_data(settings.data, "fer2013")
    return Training(train_head(settings, out, resume=resume, quiet=quiet), out, out / SEQUENCE_WEIGHTS)


def run_train_valence(settings: ValenceSettings, out: Path, *, resume: bool = False, quiet: bool = False) -> Training:
    """Train into the run folder `out`. Raises as `train_valence`."""
    from seqfer.training.settings import need_data
    from seqfer.training.train_valence import train_valence

    need_data(settings.data, "fer2013")
    return Training(train_valence(settings, out, resume=resume, quiet=quiet), out, out / VALENCE_WEIGHTS)


def run_train_valence_head(
    settings: ValenceHeadSettings, out: Path, *, resume: bool = False, quiet: bool = False
) -> Training:
    """Train into the run folder `out`. Raises as `train_valence_head`."""
    from seqfer.training.settings import need_data
    from seqfer.training.train_valence_head import train_valence_head

    need_data(settings.data, "films", "seqfer prepare-films VIDEO... --annotations FOLDER -o videos.jsonl")
    return Training(train_valence_head(settings, out, resume=resume, quiet=quiet), out, out / SEQUENCE_WEIGHTS)


def _settings_and_folder(
    cls: type[Settings], data: AnyPath, out: AnyPath | None, resume: bool, settings: Mapping[str, Any]
) -> tuple[Settings, Path]:
    """The settings, over those of the run that is resumed, and the run folder."""
    from seqfer.runs.folder import default_folder

    chosen = settings_of(cls, {"data": data}, settings)
    folder = default_folder(chosen.run_name, resume) if out is None else Path(out)
    return settings_of(cls, {"data": data}, settings, resumed=folder) if resume else chosen, folder
