"""The exceptions that seqfer raises for wrong input, settings, weights files and failed training.

Every message is one line: what came, what is allowed, what to do. The command line prints it and exits with code 2; nothing that was
written before the error is removed.
"""

LONGEST = 6000  # characters of a message; a path may have 4,096


class SeqferError(Exception):
    """Base class of all errors caused by the input or a setting, not by a defect in seqfer. A message that repeats a very long value is shortened."""

    def __str__(self) -> str:
        text = super().__str__()
        return text if len(text) <= LONGEST else f"{text[: LONGEST - 500]} ... {text[-490:]}"


class InputError(SeqferError):
    """A file, folder, manifest or image that cannot be used as it is."""


class SettingsError(SeqferError):
    """A setting, flag or config key that is unknown or out of range."""


class WeightsError(SeqferError):
    """A weights file that is missing, damaged, of another architecture, or not safetensors."""


class TrainingError(SeqferError):
    """Training that cannot continue, for example because the loss is NaN."""
