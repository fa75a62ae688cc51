"""The lock of a run folder: one process at a time, released however it ends, and no obstacle where file systems have no locks."""

from __future__ import annotations

import errno
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.core.files import StagedFile
from seqfer.runs.lock import LOCK, lock_folder, unlock_folder

fcntl = pytest.importorskip("fcntl", reason="flock is of POSIX")
KILL_ITSELF = "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"


def in_another_process(folder: Path, then: str = "", before: str = "") -> str:
    """What another process says that locks the folder: its complaint, or nothing."""
    code = (
        f"import sys, pathlib\nfrom seqfer.core.errors import InputError\nfrom seqfer.runs.lock import lock_folder\n{before}\n"
        f"try:\n    lock_folder(pathlib.Path(sys.argv[1]))\nexcept InputError as error:\n    print(error)\n{then}"
    )
    done = subprocess.run([sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done.stdout


def without_flock(code: str) -> str:
    """Source that makes flock fail, as some network file systems do."""
    return f"import fcntl, errno\ndef fail(*_):\n    raise OSError(errno.{code}, 'no locks here')\nfcntl.flock = fail"


def test_the_second_process_is_refused_at_once(tmp_path: Path) -> None:
    assert lock_folder(tmp_path / "run")
    said = in_another_process(tmp_path / "run")
    assert said == f"{tmp_path / 'run'}: another run is using it; wait for it or give another --out\n"
    unlock_folder(tmp_path / "run")
    assert in_another_process(tmp_path / "run") == ""


def test_a_killed_process_holds_nothing(tmp_path: Path) -> None:
    assert in_another_process(tmp_path, then=KILL_ITSELF) == ""
    assert lock_folder(tmp_path)
    unlock_folder(tmp_path)


def test_the_same_process_may_lock_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lock_folder(tmp_path)
    assert not lock_folder(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert not lock_folder(Path("."))
    unlock_folder(tmp_path)
    unlock_folder(tmp_path)  # nothing is held any more


def test_a_folder_that_is_made_anew_is_locked_anew(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    assert lock_folder(folder)
    shutil.rmtree(folder)
    assert in_another_process(folder) == ""
    assert lock_folder(folder)
    assert "another run is using it" in in_another_process(folder)
    unlock_folder(folder)


@pytest.mark.parametrize("code", ["ENOLCK", "EOPNOTSUPP", "ENOSYS"])
def test_a_file_system_without_locks_still_works(tmp_path: Path, code: str) -> None:
    before = without_flock(code)
    assert in_another_process(tmp_path / "run", then=KILL_ITSELF, before=before) == ""
    assert in_another_process(tmp_path / "run", before=before) == ""


def test_without_flock_in_this_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(errno.EOPNOTSUPP, "no locks here")

    monkeypatch.setattr(fcntl, "flock", fail)
    assert not lock_folder(tmp_path)
    assert (tmp_path / LOCK).exists()


def test_an_unwritable_place_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match=r"cannot be written \(.*\); choose a place you may write to") as caught:
        lock_folder(tmp_path / "file" / "run")
    assert "\n" not in str(caught.value)


def test_temporary_files_of_a_killed_process_are_removed_with_the_lock(tmp_path: Path) -> None:
    for place in (tmp_path, tmp_path / "parts", tmp_path / ".work"):
        StagedFile(place / "a.json").file.close()
    assert len(list(tmp_path.rglob("*.part"))) == 3
    assert lock_folder(tmp_path)
    assert not list(tmp_path.rglob("*.part"))
    mine = StagedFile(tmp_path / "a.json")
    assert not lock_folder(tmp_path)  # locked already: what this process writes stays
    mine.commit()
    unlock_folder(tmp_path)
