"""Means of whole seconds as rows pass, one second held at a time."""

from annotation_rows import film

from seqfer.film.output.seconds import SecondBins, collect_second_means


def test_one_second_is_held_at_a_time():
    bins = SecondBins()
    for row in film(["fear"] * 1000):
        bins.add(row)
        assert sum(len(face.shares) for face in bins._faces.values()) <= 25


def test_means_of_seconds_as_rows_pass():
    means = []
    rows = film(["fear"] * 60)
    assert list(collect_second_means(rows, means)) == rows
    assert [(mean.second, mean.frames) for mean in means] == [(0, 25), (1, 25), (2, 10)]
