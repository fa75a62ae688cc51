"""Opening a video for annotation: places, models, detectors and the first frame."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from seqfer.core.errors import InputError, SettingsError
from seqfer.film.model_choice import open_model
from seqfer.film.opening import check_places, open_video
from seqfer.film.settings import AnnotateSettings, OutputOptions
from tests.drawn_film import write_drawn_film


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_drawn_film(tmp_path_factory.mktemp("film") / "film.mp4", there=5, gone=1))


def haar(**more: object) -> AnnotateSettings:
    return AnnotateSettings(detector="haar", head="none", **more)  # type: ignore[arg-type]


def test_the_first_frame_is_read_and_not_lost(film: str) -> None:
    with open_video(film, haar(), quiet=True) as opened:
        assert opened.source.decoded == 1
        assert [frame.index for frame in opened.frames] == list(range(6))
        assert opened.components.detector.name == opened.key["detector_found"] == "haar"
        assert opened.key["model_checksum"] == dict(opened.components.model.checksums)


def test_the_pipeline_has_the_settings(film: str) -> None:
    with open_video(film, haar(valence=True, encode_hz=2.0, max_gap_s=3.0), quiet=True) as opened:
        pipeline = opened.components.pipeline
    assert (pipeline.valence, pipeline.encode_hz, pipeline.follow.max_gap_s) == (True, 2.0, 3.0)
    assert pipeline.follow.longest_px == opened.components.detector.longest_px


def test_a_part_without_a_frame_is_one_line(film: str) -> None:
    with (
        pytest.raises(InputError, match="no frame from --start 60 s on") as error,
        open_video(film, haar(start_s=60.0), quiet=True),
    ):
        pass
    assert "\n" not in str(error.value)


def test_places_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(InputError, match="is a file, and --out is a folder"):
        check_places("film.mp4", tmp_path / "file", OutputOptions())
    with pytest.raises(SettingsError, match="omit --overlay"):
        check_places("camera:0", tmp_path / "out", OutputOptions(overlay=True))
    check_places("camera:0", tmp_path / "out", OutputOptions(formats=("elan",)))


def test_a_model_has_valence_only_where_it_is_requested() -> None:
    assert open_model(haar()).valence is None
    assert open_model(haar(valence=True)).valence is not None
    assert open_model(haar(valence=True, valence_method="norms")).valence is None


@pytest.mark.parametrize("quiet", [False, True])
def test_messages_go_to_the_logger(quiet: bool, film: str, caplog: pytest.LogCaptureFixture) -> None:
    settings = AnnotateSettings(model="small", detector="haar", valence=True)
    with caplog.at_level(logging.INFO, "seqfer"), open_video(film, settings, quiet=quiet):
        pass
    heads = [record for record in caplog.records if record.getMessage().startswith("head:")]
    assert len(heads) == (0 if quiet else 1)
    assert all(record.name == "seqfer" for record in caplog.records)


@pytest.mark.parametrize(
    ("settings", "head"),
    [({}, "average"), ({"head": "average"}, "average"), ({"head": "temporal"}, "bilstm"), ({"causal": True}, "lstm")],
)
def test_emotions_are_averaged_unless_the_temporal_head_is_asked_for(settings, head) -> None:
    model = open_model(AnnotateSettings(**settings))
    assert model.head_name == head
    assert model.causal == (head == "lstm")


@pytest.mark.parametrize(
    ("settings", "what"), [({"causal": True}, "uses no later frames"), ({"model": "small"}, "small")]
)
def test_an_average_that_the_model_cannot_make_is_refused(settings, what) -> None:
    with pytest.raises(SettingsError, match=f"head is 'average', but .*{what}"):
        open_model(AnnotateSettings(head="average", **settings))
