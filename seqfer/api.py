"""What `import seqfer` offers: the functions behind the commands, with the same names and defaults. Heavy packages load when a function runs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import InputError, SeqferError, SettingsError, TrainingError, WeightsError

if TYPE_CHECKING:
    from seqfer.film.annotation import Annotation
    from seqfer.models.image_model import ImageModel

__all__ = [
    "InputError",
    "SeqferError",
    "SettingsError",
    "TrainingError",
    "WeightsError",
    "annotate",
    "load_model",
    "read",
]


def annotate(
    video: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str] | None = None,
    resume: bool = False,
    progress: bool = True,
    **settings: Any,
) -> Annotation:
    """Annotate a video: find and track its faces, and compute emotions (and valence) of every face on every frame.

    `video` is a file, a folder of pictures, or `camera:0`. `out` is the folder for all files that `seqfer annotate-video` writes; without it
    nothing is kept on disk. `resume` continues an interrupted annotation in `out`. `progress` shows a progress bar. `settings` are those of
    `seqfer annotate-video` (docs/commands.md), by their names: `valence=True`, `model="small"`, `start_s=10`.

    Raises InputError for a video that cannot be read, SettingsError for an unknown setting or value, WeightsError for damaged weights.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=2))
        >>> result = seqfer.annotate("drawn.mp4", valence=True, detector="haar", progress=False)
        >>> list(result.frames.columns[:4])
        ['frame', 'time_s', 'shot', 'face']
    """
    from seqfer.core.settings import narrowed
    from seqfer.core.settings_files import read_settings
    from seqfer.film.annotation import read_annotation
    from seqfer.film.one import annotate_film
    from seqfer.film.settings import AnnotateSettings, AnnotateVideoSettings, OutputOptions

    if resume and out is None:
        raise SettingsError("resume=True continues what is in a folder; give the folder as out")
    chosen = read_settings(AnnotateVideoSettings, overrides=[settings])
    options = OutputOptions(chosen.faces, chosen.overlay, chosen.formats, "seqfer.annotate")
    rows = narrowed(chosen, AnnotateSettings)
    with tempfile.TemporaryDirectory(prefix="seqfer-") as passing:
        folder = Path(out) if out is not None else Path(passing) / "annotation"
        annotate_film(os.fspath(video), folder, rows, options, resume=resume, quiet=not progress)
        return read_annotation(folder, in_memory=out is None)


def read(folder: str | os.PathLike[str]) -> Annotation:
    """The results of an earlier `seqfer annotate-video` or `seqfer.annotate(..., out=folder)`.

    Raises InputError for a folder without a finished annotation.

    Example:
        >>> import seqfer
        >>> from pathlib import Path
        >>> from seqfer.posed import PosedFilm, write_posed_film
        >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=2))
        >>> _ = seqfer.annotate("drawn.mp4", out="drawn-seqfer", detector="haar", progress=False)
        >>> seqfer.read("drawn-seqfer").summary.analysed
        50
    """
    from seqfer.film.annotation import read_annotation

    return read_annotation(Path(folder))


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
