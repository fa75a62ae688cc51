"""What every reader of annotation files promises, checked for each one found. A file added to `seqfer/traces/readers/` is tested too."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from trace_files import FACEREADER, FRAMES, SECONDS, SEWA, carma_2014, carma_2016, carma_2021, darma, eaf

from seqfer.core import registry
from seqfer.core.errors import InputError, SettingsError
from seqfer.traces.reading import READERS, kinds, read_traces, recognise

NAMES = registry.names(READERS)
EXAMPLES = {  # kind -> files of it
    "carma": (carma_2014([1, 2]), carma_2016([1, 2]), carma_2021([1, 2])),
    "darma": (darma([(1, 1), (2, 2)], labels=("Valence", "Arousal")),),
    "elan": (eaf(),),
    "facereader": (FACEREADER,),
    "sewa": (SEWA,),
    "run": (FRAMES, SECONDS),
    "csv": ("time_s,value\n0,0.5\n1,0.25\n",),
    "elan_tab": ("valence\t\t0.0\t1.5\t0.5\nvalence\t\t1.5\t2.0\t-0.25\n",),
    "darma_combined": (
        "AnnotationFile,MultimediaFile,Magnitude,XLabel,YLabel,Second,X,Y,Button\nann.csv,film.mp4,1000,Valence,Arousal,1,50,0,0\n",
    ),
    "samples": ("0.1,0.5\n0.25,0.25\n",),
}
PAIRS = [(kind, number) for kind, files in EXAMPLES.items() for number in range(len(files))]
NOTHING = ("", "\n", "Dear rater,\nthank you\n", "%%%%%%", "<html>", "\ufeff", ",;\t" * 50, '"' * 99, "1" * 5000)


def test_the_known_readers_are_found() -> None:
    assert set(EXAMPLES) <= set(NAMES)
    assert set(kinds()) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_says_what_it_reads(name: str) -> None:
    module = registry.find(READERS, name)
    assert module.ABOUT.strip() == module.ABOUT != ""
    assert "\n" not in module.ABOUT
    assert isinstance(module.PRIORITY, int)
    assert 0 <= module.PRIORITY <= 99
    assert module.__doc__
    assert list(inspect.signature(module.recognise).parameters) == ["head"]
    assert list(inspect.signature(module.read).parameters) == ["path", "request"]


def test_readers_are_tried_in_an_order_without_ties() -> None:
    priorities = [registry.find(READERS, name).PRIORITY for name in kinds()]
    assert priorities == sorted(set(priorities))


@pytest.mark.parametrize("name", NAMES)
def test_a_text_of_something_else_is_not_recognised(name: str) -> None:
    for head in NOTHING:
        assert kinds()[name].recognise(head) is False, repr(head[:20])


@pytest.mark.parametrize(("kind", "number"), PAIRS)
def test_an_example_is_recognised_and_gives_traces(kind: str, number: int, tmp_path: Path) -> None:
    path = tmp_path / "export.dat"
    path.write_text(EXAMPLES[kind][number])
    assert recognise(path) == kind
    traces = read_traces(path)
    assert traces
    assert [trace.name for trace in traces] == [trace.name for trace in read_traces(path, kind=kind)]
    assert all(trace.source == str(path) and len(trace.values) for trace in traces)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "words").write_text("Dear rater,\nthank you\n")
    for path in (tmp_path / "none", tmp_path / "words"):
        with pytest.raises(InputError) as error:
            read_traces(path, kind=name)
        assert "\n" not in str(error.value)
        assert path.name in str(error.value)


def test_an_unknown_kind_lists_all(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as error:
        read_traces(tmp_path, kind="nothing")
    assert all(name in str(error.value) for name in NAMES)
