"""The few kinds of errors seqfer raises on purpose.

Every message is one line: what came, what is allowed, what to do. The command line prints it and exits with code 2; nothing that was
written before the error is removed.
"""


class SeqferError(Exception):
    """Base of all errors that are the input's or the setting's fault, not the program's."""


class InputError(SeqferError):
    """A file, folder, manifest or image that cannot be used as it is."""


class SettingsError(SeqferError):
    """A setting, flag or config key that is unknown or out of range."""


class WeightsError(SeqferError):
    """A weights file that is missing, damaged, of another architecture, or not safetensors."""


class TrainingError(SeqferError):
    """Training that cannot go on, such as a loss that is not a number."""
