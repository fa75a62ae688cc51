import numpy as np
import pytest
from coded_videos import intensities, write_bp4d, write_disfa

from seqfer.core.errors import InputError
from seqfer.experiments.action_units.labels import read_labels


def refused(path, kind="auto"):
    with pytest.raises(InputError) as error:
        read_labels(path, kind)
    assert "\n" not in str(error.value)
    assert str(path) in str(error.value)
    return str(error.value)


def table(tmp_path, text, name="labels.csv"):
    path = tmp_path / name
    path.write_text(text)
    return path


def test_disfa(tmp_path):
    coded = intensities(3)
    labels = read_labels(write_disfa(tmp_path / "ActionUnit_Labels", coded))
    assert (labels.kind, labels.intensities, labels.units) == ("disfa", True, (1, 12))
    assert [video.name for video in labels.videos] == [video.person for video in labels.videos] == list(coded)
    for video in labels.videos:
        assert video.frames.tolist() == list(range(1, 61))
        np.testing.assert_array_equal(video.values, np.stack([coded[video.name][1], coded[video.name][12]], 1))


def test_bp4d_leaves_out_what_is_not_coded(tmp_path):
    occurs = {
        "F001_T1": {1: np.array([0, 1, np.nan]), 12: np.array([1.0, 1, 0]), 39: np.full(3, np.nan)},
        "F001_T2": {1: np.array([0.0, 0, 1]), 12: np.array([1, np.nan, 0]), 39: np.full(3, np.nan)},
    }
    labels = read_labels(write_bp4d(tmp_path / "AU_OCC", occurs, first=2440))
    assert (labels.kind, labels.intensities) == ("bp4d", False)
    assert labels.units == (1, 12), "AU39 was never coded"
    one, two = labels.videos
    assert (one.name, one.person, two.name, two.person) == ("F001_T1", "F001", "F001_T2", "F001")
    assert one.frames.tolist() == [2440, 2441, 2442]
    np.testing.assert_array_equal(one.values, [[0, 1], [1, 1], [np.nan, 0]])


def test_a_table_of_ones_own(tmp_path):
    path = table(tmp_path, "Video,frame,au1,AU12,remark,person\nb,3,0.5,,x,P1\nb,1,2,5,,P1\n\na,0,,1,,P1\n")
    labels = read_labels(path)
    assert (labels.kind, labels.intensities, labels.units) == ("csv", True, (1, 12))
    b, a = labels.videos
    assert (b.name, b.person, a.name, a.person) == ("b", "P1", "a", "P1")
    assert b.frames.tolist() == [1, 3]
    np.testing.assert_array_equal(b.values, [[2, 5], [0.5, np.nan]])
    np.testing.assert_array_equal(a.values, [[np.nan, 1]])


def test_a_table_of_0_and_1_is_of_occurrences_and_videos_are_people_of_their_own(tmp_path):
    labels = read_labels(table(tmp_path, "video,frame,AU04\na,0,1\nb,0,0\n"))
    assert not labels.intensities
    assert [video.person for video in labels.videos] == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("video,frame,AU01\na,0,6\n", "line 2: label '6'; allowed is an intensity from 0 to 5"),
        ("video,frame,AU01\na,0,-1\n", "line 2: label '-1'"),
        ("video,frame,AU01\na,0,nan\n", "line 2: label 'nan'"),
        ("video,frame,AU01\na,x,1\n", "line 2: frame 'x'; allowed is a whole number from 0 on"),
        ("video,frame,AU01\na,-3,1\n", "line 2: frame '-3'"),
        ("video,frame,AU01\na,0,1\na,0,1\n", "line 3: frame 0 a second time"),
        ("video,frame,AU01\na,0\n", "line 2: 2 cells under 3 columns"),
        ("video,frame,AU01\n,0,1\n", "line 2: a video needs a name"),
        ("video,frame,AU01,person\na,0,1,P1\na,1,1,P2\n", "line 3: a video needs a name and one person"),
        ("video,frame,AU01\n", "has no line with labels"),
        ("video,frame,AU01\na,0,\n", "has no line with labels"),
        ("video,frame,smile\na,0,1\n", "no columns video, frame and AU01"),
        ("time_s,valence\n0,1\n", "no labels of action units; give the folder ActionUnit_Labels of DISFA"),
        ("", "no labels of action units"),
        ("0,1,12\n5,0,7\n", "line 2: label '7'; allowed are 0, 1 and 9 (not coded)"),
        ("0,1,12\n5,0\n", "line 2: 2 cells under 3 columns"),
        ("0,1,12\n5,0,1\n5,0,1\n", "line 3: frame 5 a second time"),
        ("0,12,12\n5,0,1\n", "not the numbers of action units, each once"),
        ("0,12\n5,9\n", "has no line with labels"),
    ],
)
def test_bad_tables_are_refused_in_one_line(tmp_path, text, said):
    assert said in refused(table(tmp_path, text, "F001_T1.csv"))


def test_bad_files_of_disfa_are_refused_in_one_line(tmp_path):
    folder = write_disfa(tmp_path / "labels", intensities(2))
    file = folder / "SN001" / "SN001_au12.txt"
    file.write_text("1,0\n2 4\n")
    assert "SN001_au12.txt: line 2: 1 cells under 2 columns" in refused(folder)
    file.write_text("1,0\n1,4\n")
    assert "SN001_au12.txt: line 2: frame 1 a second time" in refused(folder)
    file.write_bytes(b"\xff\xfe\x00")
    assert "not UTF-8" in refused(folder)
    file.write_text("1,0\n")
    (folder / "SN001_au12.txt").write_text("1,0\n")
    assert "AU 12 of SN001 is in two files" in refused(folder)


def test_places_without_labels_are_refused(tmp_path):
    assert "does not exist" in refused(tmp_path / "none")
    assert "no labels of action units" in refused(tmp_path)
    assert "no files of DISFA" in refused(tmp_path, "disfa")
    assert "no files of BP4D" in refused(tmp_path, "bp4d")
