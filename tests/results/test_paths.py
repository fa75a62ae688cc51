"""One path or several."""

from __future__ import annotations

from pathlib import Path

from seqfer.results._paths import paths_of


def test_one_path_is_a_list_of_one_and_not_of_its_letters() -> None:
    assert paths_of("ab.csv") == paths_of(Path("ab.csv")) == [Path("ab.csv")]
    assert paths_of(("a.csv", Path("b.csv"))) == [Path("a.csv"), Path("b.csv")]
    assert paths_of(path for path in ("a", "b")) == [Path("a"), Path("b")]
