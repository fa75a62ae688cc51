"""Numbers are ASCII digits everywhere: what Python's float() and int() read beyond that is refused, in options, settings and files."""

from __future__ import annotations

from pathlib import Path

import pytest

from seqfer.core.errors import SettingsError
from seqfer.core.numbers import decimal_number, is_count, whole_number
from seqfer.core.records import Clip
from seqfer.core.settings_files import Text, read_settings
from seqfer.corpus.manifest import Manifest
from seqfer.datasets import ck_plus
from seqfer.film.settings import AnnotateSettings
from seqfer.raters.settings import TraceSettings
from seqfer.training.settings import TrainSettings

NO_NUMBERS = ["1_0", "\u0661", "\uff11", "\u00b2", " 1", "1\n", "0x1", "0b1", "nan", "inf", "", "-", "1e", "1e99999"]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_no_number(text: str) -> None:
    assert decimal_number(text) is None
    assert whole_number(text) is None
    assert not is_count(text)


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1.0), ("-1.5", -1.5), ("+.5", 0.5), ("2.", 2.0), ("3.0000000e+00", 3.0), ("1E-3", 0.001)]
)
def test_decimal_numbers(text: str, value: float) -> None:
    assert decimal_number(text) == value


def test_whole_numbers() -> None:
    assert [whole_number(text) for text in ("7", "-7", "+07", "7.0", "9" * 19)] == [7, -7, 7, None, None]
    assert is_count("007")
    assert not is_count("-7")
    assert not is_count("9" * 5000)  # int() refuses as many digits with an error of its own


@pytest.mark.parametrize("text", ["1_0", "\u0661\u0660", "0x10", "0o10"])
@pytest.mark.parametrize(
    ("cls", "name"), [(TrainSettings, "seed"), (AnnotateSettings, "start_s"), (TraceSettings, "lag")]
)
def test_options_and_settings(cls: type, name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name} = .*; allowed: "):
        read_settings(cls, sets=[f"{name}={text}"])
    with pytest.raises(SettingsError, match=f"^{name} = .*; allowed: "):
        read_settings(cls, overrides=[{name: Text(text)}])


def test_options_of_usual_forms() -> None:
    made = read_settings(AnnotateSettings, sets=["start_s=1e1", "end_s=+20", "fps=.5", "detect_px=640"])
    assert (made.start_s, made.end_s, made.fps, made.detect_px) == (10.0, 20.0, 0.5, 640)
    assert read_settings(TraceSettings, sets=["lag=-2.5", "value_range=-1,1"]).value_range == (-1.0, 1.0)
    for wrong in ("value_range=-1_0,1", "value_range=[-1_0,1]"):
        with pytest.raises(SettingsError, match="value_range"):
            read_settings(TraceSettings, sets=[wrong])


def test_words_that_hold_numbers() -> None:
    for name, value in (("device", "cuda:\u0661"), ("faces_kept", "\u0662"), ("faces_kept", "1_0")):
        with pytest.raises(SettingsError, match=name):
            AnnotateSettings(**{name: value})


def test_references_of_manifests() -> None:
    manifest = Manifest("drawn", ("anger",), (Clip("a", "p", "anger", ("faces.npy#12",), "drawn"),), Path("root"))
    assert manifest.path_of("faces.npy#12") == (Path("root/faces.npy"), 12)
    for name in ("faces#\u00b2", "faces#\u0661", "faces#1_0"):
        assert manifest.path_of(name) == (Path("root") / name, None)


@pytest.mark.parametrize("text", ["0_3", "\uff13", "3_0"])
def test_labels_of_ck_plus(text: str, tmp_path: Path) -> None:
    file = tmp_path / "S001_001_00000001_emotion.txt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Exception, match="not an emotion file; expected one number from 0 to 7"):
        ck_plus._label(file)
