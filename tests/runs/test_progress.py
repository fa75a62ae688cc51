"""Progress on stderr: lines in a log, a bar on a terminal, nothing on stdout."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from seqfer.cli import messages_on_stderr
from seqfer.runs import progress
from seqfer.runs.progress import Progress, ProgressBar, no_progress, within


@pytest.fixture(autouse=True)
def _shown_messages() -> Iterator[None]:
    with messages_on_stderr():
        yield


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that `time.monotonic` returns; change the one element to let time pass."""
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    return now


def test_a_log_has_a_line_per_step_and_no_notes(clock: list[float], capsys: pytest.CaptureFixture[str]) -> None:
    bar = ProgressBar(2, "folds")
    bar.note("epoch 3 of 9")
    clock[0] += 7.4
    bar.step("accuracy 0.5")
    clock[0] += 60
    bar.step("accuracy 0.6")
    bar.close()
    said = capsys.readouterr()
    assert said.err == "folds 1/2 (7 s): accuracy 0.5\nfolds 2/2 (67 s): accuracy 0.6\n"
    assert said.out == ""


@pytest.mark.parametrize(("total", "shown"), [(90, "/90"), (0, "")])
def test_many_short_steps_have_a_line_every_ten_seconds(
    clock: list[float], capsys: pytest.CaptureFixture[str], total: int, shown: str
) -> None:
    bar = ProgressBar(total, "frames")
    for done in range(1, 26):
        clock[0] += 1
        bar.advance(done, "2 faces")
    assert bar.done == 25
    assert capsys.readouterr().err == f"frames 10{shown} (10 s): 2 faces\nframes 20{shown} (20 s): 2 faces\n"


def test_a_terminal_has_a_bar_that_counts_all_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stderr", Terminal())
    bar = ProgressBar(4, "folds")
    bar.note("epoch 1 of 9")
    bar.step("first")
    bar.advance(3, "third")
    bar.step("fourth")
    bar.close()
    last = sys.stderr.getvalue().split("\r")[-1]  # type: ignore[attr-defined]
    assert "folds: 100%" in last
    assert "4/4" in last
    assert "fourth" in last
    assert "epoch 1 of 9" in sys.stderr.getvalue()  # type: ignore[attr-defined]


def test_whether_a_step_is_finished_does_not_depend_on_the_message(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar(2, "epochs") as bar:
        bar.show(Progress("epoch 1/2"))
        bar.show(Progress("epoch 1/2, step 5/5", finished=True))
    assert bar.done == 1
    assert "epochs 1/2" in capsys.readouterr().err


def test_quiet_writes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with ProgressBar(2, "epochs", quiet=True) as bar:
        bar.step("one")
        bar.note("between")
        bar.advance(2, "two")
    no_progress(Progress("nothing"))
    assert capsys.readouterr() == ("", "")
    assert bar.done == 2


def test_a_part_finishes_no_step_of_the_whole() -> None:
    seen: list[Progress] = []
    within(seen.append, "fold 1 ")(Progress("epoch 2", finished=True))
    assert seen == [Progress("fold 1 epoch 2", finished=False)]


def test_a_notebook_has_the_bar_of_tqdm_auto(monkeypatch: pytest.MonkeyPatch) -> None:
    from tqdm.auto import tqdm

    assert not progress.in_notebook()
    kernel = SimpleNamespace(get_ipython=lambda: SimpleNamespace(config={"IPKernelApp": {}}))
    monkeypatch.setitem(sys.modules, "IPython", kernel)
    monkeypatch.setattr(sys, "stderr", io.StringIO())  # which is no terminal
    with ProgressBar(3, "frames") as bar:
        bar.advance(2, "2 faces")
        assert isinstance(bar._bar, tqdm)
        assert bar._bar.n == 2
    assert ProgressBar(3, "frames", quiet=True)._bar is None
    kernel.get_ipython = lambda: SimpleNamespace(config={})  # a terminal of IPython
    assert not progress.in_notebook()
    kernel.get_ipython = lambda: None
    assert not progress.in_notebook()
