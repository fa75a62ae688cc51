"""`seqfer apply-corrections` on the command line."""

from viewed_runs import write_viewed_run

from seqfer.cli import main
from seqfer.film.corrections import Split, write_corrections


def test_it_writes_the_folder_or_says_why_not(tmp_path, capsys):
    run = write_viewed_run(tmp_path)
    assert main(["apply-corrections", str(run)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    write_corrections(run, [Split(1, 2.0, 2)])
    assert main(["apply-corrections", str(run), "--out", str(tmp_path / "out")]) == 0
    assert "90 frames, 2 faces" in capsys.readouterr().out
