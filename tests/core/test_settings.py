"""A setting is declared once: checks, words, defaults and plain values come from the declaration."""

from __future__ import annotations

import dataclasses
import pickle
from typing import Annotated, Any, Literal

import pytest

from seqfer.core.errors import SettingsError
from seqfer.core.settings import Allowed, DeviceName, Field, all_settings, as_dict, declared, device_field, settings

SHARE = Allowed("0 (as the encoder's), or 0.01 to 0.5", lambda v: v == 0 or 0.01 <= v <= 0.5)


@settings(frozen=True)
class Inner:
    epochs: int = Field(default=3, ge=1, description="passes over the images")
    rate: float = Field(default=0.1, gt=0, le=10, description="learning rate")
    share: Annotated[float, SHARE] = Field(default=0.0, description="share held back")
    device: DeviceName = device_field()


@settings(frozen=True)
class Outer:
    name: str = Field(description="the name of a model")
    heads: tuple[str, ...] = Field(default=("x",), min_length=1, description="heads to compare")
    penalties: tuple[Annotated[float, Field(gt=0)], ...] = Field(default=(1.0,), description="values of C")
    formats: tuple[Annotated[str, Allowed("elan, webvtt", lambda name: name in ("elan", "webvtt"))], ...] = Field(
        default=(), description="more files"
    )
    protocols: tuple[Literal["person", "plain"], ...] = Field(default=("person",), description="ways to divide")
    value_range: tuple[float, float] | None = Field(default=None, description="lowest and highest value")
    task: Literal["emotion", "valence"] = Field(default="emotion", description="what is predicted")
    mirror: bool = Field(default=False, description="use the mirror image too")
    inner: Inner = Field(default_factory=lambda: Inner(epochs=9), description="the loop")

    def __post_init__(self) -> None:
        if self.mirror and self.task == "valence":
            raise SettingsError("mirror is for emotion only; leave one of them out")


def test_settings_are_dataclasses() -> None:
    one = Outer("a", inner=Inner(epochs=2))
    assert dataclasses.replace(one, name="b") == Outer("b", inner=Inner(epochs=2))
    assert [field.name for field in dataclasses.fields(Inner)] == ["epochs", "rate", "share", "device"]
    assert dataclasses.asdict(one)["inner"] == {"epochs": 2, "rate": 0.1, "share": 0.0, "device": "auto"}
    assert pickle.loads(pickle.dumps(one)) == one
    with pytest.raises(dataclasses.FrozenInstanceError):
        one.name = "c"  # type: ignore[misc]


def test_a_whole_number_is_a_number() -> None:
    assert isinstance(Inner(rate=1).rate, float)
    assert Outer("a", penalties=(1, 2)).penalties == (1.0, 2.0)


@pytest.mark.parametrize(
    ("cls", "values", "said"),
    [
        (Inner, {"epochs": 0}, "epochs = 0; allowed: a whole number, 1 or more"),
        (Inner, {"epochs": 2.5}, "epochs = 2.5; allowed: a whole number, 1 or more"),
        (Inner, {"epochs": True}, "epochs = True; allowed: a whole number, 1 or more"),
        (Inner, {"epochs": "many"}, "epochs = 'many'; allowed: a whole number, 1 or more"),
        (Inner, {"rate": 0.0}, "rate = 0.0; allowed: a number, above 0, at most 10"),
        (Inner, {"rate": float("nan")}, "rate = nan; allowed: a number, above 0, at most 10"),
        (Inner, {"share": 0.7}, "share = 0.7; allowed: 0 (as the encoder's), or 0.01 to 0.5"),
        (Inner, {"device": "gpu"}, "device = 'gpu'; allowed: auto, cpu, cuda, cuda:N, mps, coreml, directml"),
        (Inner, {"epoch": 1}, "unknown setting 'epoch'; allowed: device, epochs, rate, share"),
        (Outer, {}, "name is missing; give the name of a model"),
        (Outer, {"name": 3}, "name = 3; allowed: text"),
        (Outer, {"name": "a", "heads": ()}, "heads = []; allowed: a list of texts, at least one"),
        (
            Outer,
            {"name": "a", "penalties": (1.0, -1.0)},
            "penalties = [1.0, -1.0]; allowed: a list of numbers, each above 0",
        ),
        (
            Outer,
            {"name": "a", "protocols": ("x",)},
            "protocols = ['x']; allowed: person, plain, or several of them",
        ),
        (Outer, {"name": "a", "formats": ("srt",)}, "formats = ['srt']; allowed: elan, webvtt, or several of them"),
        (Outer, {"name": "a", "value_range": (1.0,)}, "value_range = [1.0]; allowed: 2 numbers"),
        (Outer, {"name": "a", "task": "age"}, "task = 'age'; allowed: emotion, valence"),
        (Outer, {"name": "a", "mirror": 1}, "mirror = 1; allowed: true or false"),
        (Outer, {"name": "a", "inner": 3}, "inner = 3; allowed: a table"),
        (Outer, {"name": "a", "mirror": True, "task": "valence"}, "mirror is for emotion only; leave one of them out"),
    ],
)
def test_a_wrong_value_is_one_line_that_says_what_is_allowed(cls: type, values: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError) as error:
        cls(**values)
    assert str(error.value) == said


@pytest.mark.parametrize("name", ["auto", "cpu", "cuda", "cuda:1", "mps"])
def test_devices(name: str) -> None:
    assert Inner(device=name).device == name


def test_declared_says_type_range_default_and_help() -> None:
    epochs = declared(Inner)["epochs"]
    assert (epochs.key, epochs.kind, epochs.allowed) == ("epochs", "a whole number", "1 or more")
    assert (epochs.default, epochs.help) == (3, "passes over the images")


def test_all_settings_have_dotted_keys_and_the_defaults_of_their_table() -> None:
    found = {setting.key: setting.default for setting in all_settings(Outer)}
    assert found["inner.epochs"] == 9
    assert found["inner.rate"] == 0.1
    assert "inner" not in found


def test_as_dict_is_plain_and_leaves_an_automatic_device_out() -> None:
    values = as_dict(Outer("a", inner=Inner(device="cpu")))
    assert values["inner"] == {"epochs": 3, "rate": 0.1, "share": 0.0, "device": "cpu"}
    assert values["heads"] == ["x"]
    assert "device" not in as_dict(Inner())
