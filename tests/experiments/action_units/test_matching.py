import numpy as np
import pytest

from seqfer.core.errors import InputError
from seqfer.experiments.action_units.labels import LabelledVideo
from seqfer.experiments.action_units.matching import EstimatedVideo, check_matched, match, pair_names


def labelled(frames, name="SN001", units=(12,)):
    values = np.zeros((len(frames), len(units)))
    return LabelledVideo(name, name, np.array(frames, np.int64), units, values)


def rows(frames, faces, values, pictures=()):
    return EstimatedVideo(np.array(frames, np.int64), np.array(faces, np.int64), {12: np.array(values)}, pictures)


def test_videos_are_paired_by_the_name_of_the_labels_in_their_own():
    assert pair_names(["SN001", "SN002"], ["LeftVideoSN001_comp", "leftvideosn002_comp"]) == {
        "SN001": "LeftVideoSN001_comp",
        "SN002": "leftvideosn002_comp",
    }
    assert pair_names(["F001_T1", "F001_T10"], ["F001/T1", "F001/T10"]) == {
        "F001_T1": "F001/T1",
        "F001_T10": "F001/T10",
    }
    assert pair_names(["a", "a_b"], ["a_b", "other"]) == {"a_b": "a_b"}, "the longest name"


def test_names_that_do_not_match_and_two_predictions_of_one_video_are_refused():
    with pytest.raises(InputError, match=r"labelled is for example 'SN001', annotated 'SN0011'"):
        pair_names(["SN001"], ["SN0011"])
    with pytest.raises(InputError, match=r"LeftVideoSN001 and RightVideoSN001 are both predictions of SN001"):
        pair_names(["SN001"], ["LeftVideoSN001", "RightVideoSN001"])


def test_frames_are_matched_by_number():
    found = match(labelled([1, 2, 3, 4]), "a", rows([0, 1, 3], [0, 0, 0], [0.1, 0.2, 0.4]), first_frame=1)
    np.testing.assert_array_equal(found.estimates[12], [0.1, 0.2, np.nan, 0.4])
    assert found.matched == 3


def test_the_face_in_most_labelled_frames_is_taken():
    seen = rows([0, 1, 1, 2, 2, 9, 9, 9], [-1, 5, 6, 5, 6, 6, 6, 6], [np.nan, 0.1, 0.9, 0.2, 0.8, 1, 1, 1])
    found = match(labelled([0, 1, 2, 3]), "a", rows([1, 2, 3, 1], [5, 5, 5, 6], [0.1, 0.2, 0.3, 0.9]), 0)
    np.testing.assert_array_equal(found.estimates[12], [np.nan, 0.1, 0.2, 0.3])
    assert match(labelled([0]), "a", seen, 0).matched == 0, "a frame without a face"


def test_pictures_are_matched_by_the_number_in_their_names():
    seen = rows([0, 1, 2], [0, 0, 0], [0.1, 0.2, 0.3], ["F001_2440.jpg", "2441.jpg", "cover.jpg"])
    np.testing.assert_array_equal(match(labelled([2440, 2441]), "a", seen, 7).estimates[12], [0.1, 0.2])


def test_units_without_estimates_are_left_out():
    found = match(labelled([0], units=(6, 12)), "a", rows([0], [0], [0.5]), 0)
    assert list(found.estimates) == [12]


def test_what_cannot_be_evaluated_is_refused_with_advice():
    def of(name, frames, units=(12,)):
        return match(labelled([1, 2], name, units), name, rows(frames, [0] * len(frames), [0.5] * len(frames)), 0)

    with pytest.raises(
        InputError, match=r"no estimate of a labelled action unit \(AU06_estimate, ...\); annotate with --geometry"
    ):
        check_matched([of("a", [1, 2], units=(6,))])
    with pytest.raises(InputError, match="check --first-frame"):
        check_matched([of("a", [7]), of("b", [8])])
    with pytest.raises(InputError, match=r"of one person \(a\)"):
        check_matched([of("a", [1]), of("b", [8])])
    check_matched([of("a", [1]), of("b", [2])])
