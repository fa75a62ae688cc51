"""Opens networks with ONNX Runtime: the one place that decides where and how its sessions compute.

An execution provider is what ONNX Runtime calls its code for one kind of device; each package of ONNX Runtime brings some of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from seqfer.core.errors import SettingsError
from seqfer.runs.device import may_have_cuda

CPU = "cpu"
# Device -> (its execution provider, the package that has it).
PROVIDERS = {
    CPU: ("CPUExecutionProvider", "onnxruntime"),
    "cuda": ("CUDAExecutionProvider", "onnxruntime-gpu"),
    "coreml": ("CoreMLExecutionProvider", "onnxruntime on macOS"),
    "directml": ("DmlExecutionProvider", "onnxruntime-directml on Windows"),
}


@dataclass(frozen=True)
class Placement:
    """Where a network is computed: a device of `PROVIDERS`, `cuda:N` too, on so many threads, and how many batches side by side."""

    device: str = CPU
    threads: int = 1
    cores: int = 1

    @property
    def kind(self) -> str:
        """The device without its number."""
        return self.device.partition(":")[0]


def is_available() -> bool:
    """Whether ONNX Runtime is installed; it is on every platform that has it."""
    return find_spec("onnxruntime") is not None


def session_device(device: str) -> str:
    """The device of the setting `device` for ONNX Runtime; `auto` is CUDA where a GPU and its provider are there, else the CPU.

    Raises SettingsError, which names the package, where the provider of a named device is not installed.
    """
    if device == "auto":
        return "cuda" if may_have_cuda() and _has_provider("cuda") else CPU
    kind = device.partition(":")[0]
    if kind not in PROVIDERS:
        raise SettingsError(
            f"device {device!r} is unavailable with ONNX Runtime; it computes on {', '.join(PROVIDERS)}: use one of these, or --runtime torch"
        )
    if not _has_provider(kind):
        provider, package = PROVIDERS[kind]
        raise SettingsError(
            f"device {device!r} needs {provider} of ONNX Runtime, which is not installed; install {package} in place of the "
            "onnxruntime that is there, or use --device cpu"
        )
    return device


def open_session(content: bytes, place: Placement | None = None, folder: Path | None = None) -> Any:
    """An onnxruntime.InferenceSession of a network's file; what a provider cannot compute is computed on the CPU.

    `folder` has the file of weights that the network names, where it does not hold them itself.

    Raises SettingsError where the device's provider is installed and does not start, as without the libraries of CUDA.
    """
    import onnxruntime  # imported here, because it is slow

    place = place or Placement()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = place.threads, 1
    options.log_severity_level = 4
    # the video decoder uses the cores between runs
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if folder is not None:
        options.add_session_config_entry("session.model_external_initializers_file_folder_path", str(folder.resolve()))
    session = onnxruntime.InferenceSession(content, options, providers=_providers(place))
    wanted = PROVIDERS[place.kind][0]
    if wanted not in session.get_providers():
        raise SettingsError(
            f"device {place.device!r}: {wanted} of ONNX Runtime does not start, as where its libraries or the driver are missing; "
            "install them, or use --device cpu"
        )
    return session


def runtime_name(place: Placement | None = None) -> str:
    """ONNX Runtime with its version, and the device where it is not the CPU."""
    import onnxruntime

    where = "" if place is None or place.kind == CPU else f" on {place.device}"
    return f"onnxruntime {onnxruntime.__version__}{where}"


def _providers(place: Placement) -> list[Any]:
    last = PROVIDERS[CPU][0]
    if place.kind == CPU:
        return [last]
    number = place.device.partition(":")[2]
    first = PROVIDERS[place.kind][0]
    return [(first, {"device_id": number}) if number else first, last]


def _has_provider(kind: str) -> bool:
    import onnxruntime

    return PROVIDERS[kind][0] in onnxruntime.get_available_providers()
