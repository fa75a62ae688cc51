"""Every kind of run: its record bears its name, is written and read back as it was, and reads what the version before wrote."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import pytest

from seqfer.core import registry
from seqfer.core.errors import InputError
from seqfer.runs.finished import KINDS, finished_runs, kind_name, read_run
from seqfer.runs.records import RunRecord, as_json, parse_record

MODULES = registry.find_all(KINDS)
BEFORE = sorted((Path(__file__).resolve().parent.parent / "runs" / "before").iterdir())


@pytest.mark.parametrize("name", MODULES)
def test_the_record_of_a_kind_bears_its_name(name: str) -> None:
    record = MODULES[name].RECORD
    assert issubclass(record, RunRecord)
    assert record.__dataclass_fields__["kind"].default == kind_name(MODULES[name]) == name.replace("_", "-")
    assert list(record.__dataclass_fields__)[:2] == ["kind", "format_version"]


@pytest.mark.parametrize("name", MODULES)
def test_a_file_that_lacks_something_is_refused_in_one_line_with_file_and_key(name: str, tmp_path: Path) -> None:
    module = MODULES[name]
    file = tmp_path / module.FILE
    file.write_text(json.dumps({"kind": kind_name(module), "format_version": 1}))
    with pytest.raises(InputError, match=r"has no \w+") as error:
        read_run(file, list(MODULES.values()))
    assert str(error.value).startswith(str(file))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("folder", BEFORE, ids=[folder.name for folder in BEFORE])
def test_a_run_of_the_version_before_is_of_one_kind_and_is_written_again_as_it_was(folder: Path) -> None:
    found = [run for run in finished_runs(folder) if kind_name(run.module).replace("-", "_") == folder.name]
    assert len(found) == 1
    run = found[0]
    values = json.loads((folder / run.module.FILE).read_text(encoding="utf-8"))
    if values.pop("kind", None) is None:  # a transfer said what it is; the others are recognised by what they hold
        assert [name for name in same_file(run.module) if recognises(name, values)] == [folder.name]
    again = as_json(run.record)
    assert (again.pop("kind"), again.pop("format_version")) == (kind_name(run.module), 0)
    assert again == values
    present = {**values, "kind": kind_name(run.module), "format_version": 1}
    assert as_json(parse_record(run.module.RECORD, present, folder / run.module.FILE)) == present


def same_file(module: ModuleType) -> list[str]:
    """The kinds whose runs have a file of this name."""
    return [name for name, other in MODULES.items() if other.FILE == module.FILE]


def recognises(name: str, values: dict[str, object]) -> bool:
    recognise = getattr(MODULES[name], "recognise", None)
    return recognise is not None and bool(recognise(values))
