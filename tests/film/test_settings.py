"""Settings of video annotation: what does not fit together, further files, cutting of clips."""

import pytest

from seqfer.core.errors import SettingsError
from seqfer.film.settings import AnnotateSettings, ClipSettings, OutputOptions


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"precision": "bf16", "runtime": "onnx"}, "computes in int8 and fp32"),
        ({"valence_model": "mine.safetensors"}, "add --valence"),
        ({"valence": True, "valence_method": "norms", "valence_model": "mine.safetensors"}, "norms"),
        ({"valence_method": "model"}, "add --valence"),
        ({"head": "lstm"}, "head"),
        ({"fps": -1.0}, "fps"),
        ({"start_s": -0.5}, "start_s"),
        ({"detect_hz": 0.0}, "detect_hz"),
        ({"max_gap_s": 61.0}, "max_gap_s"),
        ({"folder_fps": -1.0}, "folder_fps"),
        ({"end_s": float("nan")}, "end_s"),
    ],
)
def test_what_does_not_fit_is_one_line(values, words):
    with pytest.raises(SettingsError, match=words) as caught:
        AnnotateSettings(**values)
    assert "\n" not in str(caught.value)


def test_valence_with_a_model_or_norms():
    assert AnnotateSettings(valence=True, valence_method="norms").valence
    assert AnnotateSettings(valence=True, valence_model="mine.safetensors").valence_model == "mine.safetensors"


def test_every_further_file_is_written_once():
    assert OutputOptions(formats=("elan", "elan", "webvtt"), overlay=True).extra_files == ("elan", "webvtt", "overlay")
    assert OutputOptions().extra_files == ()
    with pytest.raises(SettingsError, match="elan"):
        OutputOptions(formats=("word",))


@pytest.mark.parametrize(("name", "value"), [("fps", -1.0), ("fps", 1001.0), ("fusion", "median"), ("detect_hz", 0.0)])
def test_clips_are_cut_within_ranges(name, value):
    with pytest.raises(SettingsError, match=name):
        ClipSettings(**{name: value})
