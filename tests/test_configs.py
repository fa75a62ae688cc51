"""Every settings file is read by the command that its first line names, and has a comment on its purpose."""

import shlex
from pathlib import Path

import pytest

from seqfer.cli import build_parser
from seqfer.core.settings_files import read_settings

CONFIGS = sorted((Path(__file__).resolve().parent.parent / "configs").glob("*.toml"))


@pytest.mark.parametrize("file", CONFIGS, ids=lambda file: file.stem)
def test_first_line_is_its_command(file):
    from seqfer.experiments.crossval.settings import CvSettings
    from seqfer.experiments.transfer.settings import TransferSettings
    from seqfer.training.settings import HeadSettings, TrainSettings, ValenceSettings

    first, *others = file.read_text().splitlines()
    command = shlex.split(first.removeprefix("# "))
    assert command[0] == "seqfer"
    args = build_parser().parse_args(command[1:])
    assert args.config == Path("configs") / file.name
    settings = {
        "cv": CvSettings,
        "train": TrainSettings,
        "train-head": HeadSettings,
        "transfer": TransferSettings,
        "train-valence": ValenceSettings,
    }
    read_settings(settings[args.command], file)
    assert any("docs/results.md" in line for line in others[:6])


def test_the_default_config_is_the_default():
    from seqfer.experiments.crossval.settings import CvSettings

    assert read_settings(CvSettings, next(f for f in CONFIGS if f.stem == "cv")) == CvSettings()
