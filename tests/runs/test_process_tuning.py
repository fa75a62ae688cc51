"""Only commands, tools and workers change threads and the allocator of the process; library code leaves them as they are."""

from __future__ import annotations

import ast
from pathlib import Path
from types import SimpleNamespace

import cv2
import pytest
import torch
from parsed import parsed

import seqfer
from seqfer.film.one import annotate_film
from seqfer.film.settings import AnnotateSettings, OutputOptions
from seqfer.runs import process_tuning
from seqfer.runs.process_tuning import on_recorded_threads, torch_threads, tune_for_video, tune_worker, usable_cores
from tests.drawn_film import write_drawn_film

PACKAGE = Path(seqfer.__file__).parent
PROCESS_WIDE = {"set_num_threads", "set_num_interop_threads", "setNumThreads", "mallopt", "putenv"}
MAY_TUNE = {"runs/workers.py", "runs/process_tuning.py"}


def sources() -> dict[str, ast.Module]:
    paths = sorted(PACKAGE.rglob("*.py"))
    return {path.relative_to(PACKAGE).as_posix(): parsed(path.read_text(encoding="utf-8")) for path in paths}


def changes_environment(node: ast.AST) -> bool:
    targets = node.targets if isinstance(node, ast.Assign | ast.Delete) else []
    return any(isinstance(t, ast.Subscript) and ast.unparse(t.value).endswith("environ") for t in targets)


def test_one_module_changes_the_process() -> None:
    found = set()
    for name, tree in sources().items():
        for node in ast.walk(tree):
            if (isinstance(node, ast.Attribute) and node.attr in PROCESS_WIDE) or changes_environment(node):
                found.add(name)
    assert found == {"runs/process_tuning.py"}


def test_only_commands_and_workers_tune() -> None:
    for name, tree in sources().items():
        if name.startswith("commands/") or name in MAY_TUNE:
            continue
        called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
        assert not {word for word in called if word.rpartition(".")[2].startswith("tune_")}, name


@pytest.mark.parametrize("threads", [1, 2])
def test_annotating_from_python_leaves_the_process_as_it_is(threads: int, tmp_path: Path) -> None:
    before = torch.get_num_threads(), cv2.getNumThreads()
    film = write_drawn_film(tmp_path / "film.mp4", there=3, gone=1)
    try:
        torch.set_num_threads(threads)
        cv2.setNumThreads(threads)
        settings = AnnotateSettings(detector="haar", valence=True)
        annotate_film(str(film), tmp_path / "out", settings, OutputOptions(faces=False), quiet=True)
        assert (torch.get_num_threads(), cv2.getNumThreads()) == (threads, threads)
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])


def test_a_command_for_videos_leaves_a_core_for_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    before = torch.get_num_threads(), cv2.getNumThreads()
    monkeypatch.setattr(process_tuning, "_cores", None)
    try:
        tune_for_video(4)
        assert (usable_cores(), torch.get_num_threads(), cv2.getNumThreads()) == (3, before[0], 1)
        tune_for_video(1)
        assert usable_cores() == 1
    finally:
        cv2.setNumThreads(before[1])


def test_a_worker_computes_on_the_threads_of_its_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_tuning, "_cores", None)
    with torch_threads(1):
        tune_worker(3)
        assert (torch.get_num_threads(), usable_cores()) == (3, 3)


def test_a_run_computes_on_the_threads_that_its_settings_state() -> None:
    @on_recorded_threads
    def compute(settings: SimpleNamespace, more: int) -> tuple[int, int]:
        return torch.get_num_threads(), more

    before = torch.get_num_threads()
    assert compute(SimpleNamespace(threads=before + 2), more=5) == (before + 2, 5)
    assert torch.get_num_threads() == before


def test_threads_are_restored_after_an_error() -> None:
    before = torch.get_num_threads()

    def fail() -> None:
        with torch_threads(before + 1):
            assert torch.get_num_threads() == before + 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert torch.get_num_threads() == before
