"""`seqfer.load_model`: a trained model of single faces, for arrays of faces and for videos."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from seqfer.core.errors import SettingsError, WeightsError

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from seqfer.models.single_face import SingleFaceModel
    from seqfer.results.annotating import OneVideo
    from seqfer.results.annotation import Annotation


@dataclass(frozen=True, eq=False)
class FaceModel:
    """A trained model of single faces on a device.

    `faces` of its methods are an array (face height width) or (face height width 3) RGB, one face (height width) or (height width 3), or a list of
    faces of any sizes; uint8 from 0 to 255, or floats from 0 to 1, which are rounded to 255 levels. They are made grey and resized as the model
    needs; a face should fill its picture as in FER2013: eyes at 0.39 of the height, 0.38 of the width apart.
    """

    model: SingleFaceModel
    precision: str = "auto"  # as it was asked for

    @property
    def classes(self) -> tuple[str, ...]:
        """The emotions, in the order of the columns of `predict`."""
        return self.model.classes

    @property
    def input_size(self) -> int:
        """Width and height in pixels to which faces are resized."""
        return self.model.input_size

    @property
    def device(self) -> str:
        """Where it computes: cpu, cuda:0, mps."""
        return str(self.model.device)

    def predict(self, faces: Any) -> pd.DataFrame:
        """Calibrated probabilities: a row per face, a column per class; each row sums to 1. `np.asarray` of it is (face class) float64.

        Raises InputError for faces of another type, range or shape.

        Example:
            >>> import numpy as np
            >>> import seqfer
            >>> model = seqfer.load_model("small")
            >>> list(model.predict(np.zeros((2, 64, 64), np.uint8)).columns)
            ['anger', 'disgust', 'fear', 'happiness', 'sadness', 'surprise', 'neutral']
        """
        import pandas as pd

        return pd.DataFrame(self.model.predict(self._stack(faces)), columns=self._columns)

    def embed(self, faces: Any) -> np.ndarray:
        """Features: float32 (face feature). Of a model that classifies two views of a face, the mean over the face and its mirror image.

        Raises InputError for faces of another type, range or shape.

        Example:
            >>> import numpy as np
            >>> import seqfer
            >>> seqfer.load_model("small").embed(np.zeros((2, 48, 48, 3))).dtype
            dtype('float32')
        """
        return self.model.embed(self._stack(faces))

    def predict_video(self, video: OneVideo, **settings: Any) -> Annotation:
        """Annotate one video with this model on its device; arguments, result and errors are those of `seqfer.annotate`.

        Example:
            >>> import seqfer
            >>> from pathlib import Path
            >>> from seqfer.posed import PosedFilm, write_posed_film
            >>> _ = write_posed_film(Path("drawn.mp4"), PosedFilm(seconds=1))
            >>> seqfer.load_model("small").predict_video("drawn.mp4", detector="haar", progress=False).summary.model.name
            'small'
        """
        from seqfer.results.annotating import annotate_one

        if "model" in settings:
            raise SettingsError(f"model is {settings['model']!r}, but this is the model {self.model.name}; omit model")
        chosen = {"device": self.device, "precision": self.precision}
        return annotate_one(video, **{**chosen, **settings, "model": self.model.name})

    @cached_property
    def _columns(self) -> pd.Index[str]:
        import pandas as pd

        return pd.Index(self.classes)  # made once: of a list it would take longer than all else around a face

    def _stack(self, faces: Any) -> np.ndarray:
        from seqfer.corpus.face_arrays import face_stack

        return face_stack(faces, self.model.input_size, self.model.channels)

    def __repr__(self) -> str:
        size = f"{self.input_size} x {self.input_size} {'grey' if self.model.channels == 1 else 'RGB'}"
        return f"<FaceModel {self.model.name} on {self.device}: faces of {size} pixels to {', '.join(self.classes)}>"


def load_model(
    name: str | os.PathLike[str] = "compact", *, device: str = "auto", runtime: str = "auto", precision: str = "auto"
) -> FaceModel:
    """A trained model of single faces: an included one by name (`compact`, `small`), a .safetensors file of `seqfer train`, or a .onnx file of
    `seqfer export`, which has no features to `embed`.

    `device` is auto, cpu, cuda, cuda:N, mps, coreml or directml. `runtime` is auto, onnx or torch: auto computes included models on the CPU with ONNX
    Runtime, without importing torch. `precision` is auto, int8 (compact on the CPU) or fp32; auto is fp32 for faces, as the published figures were
    measured, and for videos what `seqfer.annotate` chooses. Raises SettingsError for an unknown name, device, runtime or precision, and where there
    is no int8, WeightsError for a file that is damaged or of another kind of model.

    Example:
        >>> import numpy as np
        >>> import seqfer
        >>> model = seqfer.load_model("small")
        >>> model.predict(np.zeros((48, 48), np.uint8)).shape
        (1, 7)
    """
    from seqfer.models.graph_model import PRECISIONS
    from seqfer.models.image_choice import open_image_model
    from seqfer.models.included import check_included_or_file

    if precision not in PRECISIONS:
        raise SettingsError(f"precision is {precision!r}; allowed: {', '.join(PRECISIONS)}")
    which = os.fspath(name)
    check_included_or_file(which)
    if which.endswith(".safetensors"):
        _check_kind(which)
    of_faces = "fp32" if precision == "auto" else precision
    return FaceModel(open_image_model(which, device=device, runtime=runtime, precision=of_faces), precision)


def _check_kind(file: str) -> None:
    """Raises WeightsError for a file of valence or of a model over time; the message names the setting that takes the file."""
    from seqfer.models.opening import kind_of

    kind = kind_of(file)
    if kind != "image":
        setting = "model" if kind == "video" else "valence_model"
        raise WeightsError(
            f"{file}: is not a model of single faces; use it as seqfer.annotate(video, {setting}={file!r})"
        )
