"""Folders that are finished, films of which one fails, disks that fill: what `seqfer annotate-video` does around its runs."""

import errno
import os
import shutil
from pathlib import Path

import pytest

from seqfer.cli import main
from tests.drawn_film import write_drawn_film

HAAR = ("--detector", "haar", "--head", "none", "--quiet")


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return write_drawn_film(tmp_path_factory.mktemp("film") / "drawn.mp4", there=6, gone=1)


@pytest.fixture(scope="module")
def done(film, tmp_path_factory):
    out = tmp_path_factory.mktemp("done") / "result"
    assert annotated(film, out) == 0
    return out


def annotated(film, out, *more):
    return main(["annotate-video", str(film), "--out", str(out), *HAAR, *more])


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def one_line(capsys):
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    return error


def test_another_films_folder_is_refused(done, tmp_path, capsys):
    other = write_drawn_film(tmp_path / "other.mp4", there=3, gone=0)
    before = {path.name: path.read_bytes() for path in done.iterdir() if path.is_file()}
    for more in ((), ("--resume",), ("--resume", "--valence")):
        assert annotated(other, done, *more) == 2
        assert "another --out" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in done.iterdir() if path.is_file()} == before


def test_what_is_finished_gets_only_what_is_missing(film, tmp_path, capsys):
    out, span = tmp_path / "a", ("--end", "0.2", "--head", "none")
    assert annotated(film, out, *span) == 0
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    assert annotated(film, out, *span, "--resume", "--format", "elan,webvtt", "--overlay") == 0
    after = {path.name: path.read_bytes() for path in out.iterdir()}
    assert set(after) - set(before) == {"annotation.eaf", "annotation.vtt", "overlay.mp4"}
    assert all(after[name] == content for name, content in before.items() if name != "checksums.sha256")
    assert annotated(film, out, *span, "--resume", "--valence") == 2
    assert "valence = False, now True" in capsys.readouterr().err
    (out / "frames.csv").unlink()
    assert annotated(film, out, *span, "--resume") == 0
    assert (out / "frames.csv").read_bytes() == before["frames.csv"]
    assert "frames.csv damaged or missing; annotated again" in capsys.readouterr().err
    (out / "settings.json").write_text("[1")
    assert annotated(film, out, *span, "--resume") == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_many_films_one_fails(film, tmp_path, capsys):
    bad = tmp_path / "bad.mp4"
    bad.write_text("no")
    short = write_drawn_film(tmp_path / "short.mp4", there=4, gone=1)
    assert main(["annotate-video", str(bad), str(short), "--out", str(tmp_path / "all"), *HAAR]) == 2
    table = capsys.readouterr().out
    assert "failed" in table
    assert "not a video" in table
    assert "5 frames" in table
    assert (tmp_path / "all" / "short" / "summary.json").exists()
    assert not (tmp_path / "all" / "bad").exists()


def test_a_fault_in_one_film_does_not_stop_the_rest(film, tmp_path, monkeypatch, capsys):
    from seqfer.film import many

    def faulty(path, *args, **more):
        if Path(path).name == "other.mp4":
            raise RuntimeError("a library's\nfault")
        return annotate_film(path, *args, **more)

    annotate_film = many.annotate_film
    monkeypatch.setattr(many, "annotate_film", faulty)
    other = write_drawn_film(tmp_path / "other.mp4", there=3, gone=0)
    assert main(["annotate-video", str(other), str(film), "--out", str(tmp_path / "all"), *HAAR]) == 2
    table = capsys.readouterr().out.splitlines()
    assert len(table) == 2
    assert "failed" in table[0]
    assert "RuntimeError: a library's\\nfault" in table[0]
    assert "7 frames" in table[1]


def test_the_last_table_comes_when_a_films_process_is_killed(film, tmp_path, monkeypatch, capsys):
    from seqfer.core.errors import TrainingError
    from seqfer.film import many

    def killed(work, plan, units, **more):
        work(plan, units[0], lambda message: None)
        raise TrainingError("a worker was killed")

    monkeypatch.setattr(many, "run_units", killed)
    other = write_drawn_film(tmp_path / "other.mp4", there=3, gone=0)
    assert main(["annotate-video", str(film), str(other), "--out", str(tmp_path / "all"), *HAAR]) == 2
    table = capsys.readouterr().out.splitlines()
    assert "7 frames" in table[0]
    assert "--resume --jobs 1" in table[1]


def test_a_second_try_uses_the_blocks_of_the_first_and_of_nobody_else(tmp_path):
    from seqfer.film.many import _is_second_try

    new, there = tmp_path / "new", tmp_path / "there"
    there.mkdir()
    (there / "settings.json").write_text("{}")
    for out, second in ((new, True), (there, False)):
        begun = tmp_path / f"{out.name}.begun"
        assert not _is_second_try(begun, out)
        assert _is_second_try(begun, out) == second


def test_pictures_of_faces_go_from_a_finished_report(done, film, tmp_path):
    out = tmp_path / "copy"
    shutil.copytree(done, out)
    before = contents(out)
    assert b"data:image/jpeg" in before["report.html"]
    assert annotated(film, out, "--resume", "--no-faces") == 0
    after = contents(out)
    assert b"data:image/jpeg" not in after["report.html"]
    changed = {"report.html": b"", "checksums.sha256": b""}
    assert {**after, **changed} == {**before, **changed}
    (out / "report.html").unlink()
    assert annotated(film, out, "--resume") == 0
    assert (out / "report.html").read_bytes() == after["report.html"]


def test_a_film_given_twice_is_refused(tmp_path, capsys):
    assert main(["annotate-video", "x.mp4", "x.mp4", "--out", str(tmp_path)]) == 2
    assert "given twice" in capsys.readouterr().err


FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("settings.json", FULL),
        ("block-000000.safetensors", FULL),
        ("frames.csv", OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))),
        ("report.html", FULL),
        ("summary.json", FULL),
        ("annotation.vtt", FULL),
    ],
)
def test_a_disk_that_fills_says_how_to_go_on(name, problem, film, done, tmp_path, monkeypatch, capsys):
    """Wherever it fills; and what goes on from there ends with the same tables."""
    replace, out, more = os.replace, tmp_path / "full", ("--format", "webvtt")

    def full(part, target, **rest):
        if Path(target).name == name:
            raise problem
        replace(part, target, **rest)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        assert annotated(film, out, *more) == 2
    error = one_line(capsys)
    assert problem.strerror in error
    assert "free space and run the same command with --resume" in error
    assert not list(out.glob("*.part"))
    assert annotated(film, out, *more, "--resume") == 0
    after = contents(out)
    assert {"annotation.vtt", "report.html", "summary.json"} <= after.keys()
    assert all(after[table] == contents(done)[table] for table in ("frames.csv", "frames.parquet", "tracks.csv"))


def test_a_full_disk_where_nothing_catches_it(film, tmp_path, monkeypatch, capsys):
    """An error that no file of ours made a message of is one line too; other errors of the system are no full disk."""
    from seqfer.film.thumbnails import Thumbnails

    def full(self, followed):
        raise FULL

    monkeypatch.setattr(Thumbnails, "look", full)
    assert annotated(film, tmp_path / "a") == 2
    assert "--resume" in one_line(capsys)


def test_a_place_that_is_none_is_not_taken_for_a_full_disk(film, tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert annotated(film, tmp_path / "file" / "x") == 2
    assert "--resume" not in one_line(capsys)


def test_a_problem_with_a_newline_in_the_films_name_stays_on_one_line(tmp_path, capsys):
    films = []
    for name in ("a\nb.mp4", "c.mp4"):
        films.append(tmp_path / name)
        try:
            films[-1].write_text("no film")
        except OSError:
            pytest.skip("this file system takes no such name")
    assert annotated(films[0], tmp_path / "out") == 2
    assert "a\\nb.mp4" in one_line(capsys)
    assert main(["annotate-video", *map(str, films), "--out", str(tmp_path / "all"), *HAAR]) == 2
    assert len(capsys.readouterr().out.splitlines()) == 2
