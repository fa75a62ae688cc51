"""Records as JSON: in the order of their fields, NaN as null, read back strictly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import pytest

from seqfer.core.errors import InputError
from seqfer.runs.records import Number, RunRecord, as_json, optional, parse_record, read_record, write_record


@dataclass(frozen=True, kw_only=True)
class Inner:
    rate: Number
    note: str | None = optional()


@dataclass(frozen=True, kw_only=True)
class Outer(RunRecord):
    format_version: int = 1
    rows: tuple[Inner, ...]
    by_name: dict[str, Inner]
    versions: dict[str, str]
    seconds: float


RECORD = Outer(
    rows=(Inner(rate=math.nan), Inner(rate=0.5, note="half")),
    by_name={"b": Inner(rate=1.0)},
    versions={"seqfer": "0.2.0"},
    seconds=2.0,
)


def test_a_record_is_written_in_the_order_of_its_fields_and_read_back(tmp_path):
    write_record(tmp_path / "run.json", RECORD)
    again = read_record(Outer, tmp_path / "run.json")
    assert as_json(again) == as_json(RECORD)
    assert list(as_json(RECORD)) == ["format_version", "rows", "by_name", "versions", "seconds"]
    assert as_json(RECORD)["rows"] == [{"rate": None}, {"rate": 0.5, "note": "half"}]
    assert math.isnan(again.rows[0].rate)


def test_whole_numbers_stay_whole():
    assert as_json(parse_record(Inner, {"rate": 3}, Path("run.json"))) == {"rate": 3}
    assert type(parse_record(Inner, {"rate": 3}, Path("run.json")).rate) is int


def test_the_provenance_takes_the_version_from_the_packages_where_a_record_has_none_of_its_own():
    assert (RECORD.provenance.seqfer, RECORD.provenance.seconds, RECORD.provenance.command) == ("0.2.0", 2.0, "")


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"rows": [], "by_name": {}, "versions": {}}, "run.json: has no seconds; run it again"),
        ({"rows": [{"rate": True}]}, "run.json: rows.0.rate is True, not a number; run it again"),
        ({"rows": [], "by_name": {"a": {"rate": "x"}}}, "run.json: by_name.a.rate is 'x', not a number; run it again"),
        ({"format_version": "new"}, "run.json: its format_version is 'new', and this seqfer reads up to 1;"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(values, message):
    with pytest.raises(InputError) as error:
        parse_record(Outer, values, Path("run.json"))
    assert str(error.value).startswith(message)
    assert "\n" not in str(error.value)


def test_files_that_are_no_object(tmp_path):
    for text, message in (("[1]", "a list, not one JSON object"), ("{", "cannot be read")):
        (tmp_path / "run.json").write_text(text)
        with pytest.raises(InputError, match=message):
            read_record(Outer, tmp_path / "run.json")
