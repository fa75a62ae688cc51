"""Small annotation files as the tools write them, made up for the tests."""

from __future__ import annotations

from collections.abc import Sequence

from seqfer.traces.trace import Trace

MARK = "%%%%%%"
BINS = [(0.0, 1.0, 0.1), (1.0, 2.0, -0.505), (2.0, 3.0, 1.0)]  # of the ratings 10, -50.5, 100 of -100 to 100
PATH = r"C:\Users\rater\Desktop\film.avi"


def carma_2014(ratings: Sequence[float | str], *, film: str = PATH, low: str = "-100", high: str = "100") -> str:
    """A flat table with the constants on each row, 1 s bins."""
    head = "Filename,Lower Label,Upper Label,Minimum Value,Midpoint Value,Maximum Value,Number of Steps,Second,Rating\n"
    return head + "".join(
        f"{film},very negative,very positive,{low},0,{high},9,{second},{rating}\n"
        for second, rating in enumerate(ratings, 1)
    )


def carma_2016(
    ratings: Sequence[float | str], *, step: float = 1.0, first: str = "Time of Rating,21-Mar-2016 10:11:12"
) -> str:
    """Settings, then the bins."""
    rows = [
        first,
        "Multimedia File,my, film.avi",  # written without quotes
        "Lower Label,very negative",
        "Upper Label,very positive",
        "Minimum Value,-100",
        "Maximum Value,100",
        "Number of Steps,9",
        "Second,Rating",
        f"{MARK},{MARK}",
        *(f"{number * step:g},{rating}" for number, rating in enumerate(ratings, 1)),
    ]
    return "\n".join(rows)


def carma_2021(ratings: Sequence[float | str], *, step: float = 1.0) -> str:
    """The same below a row of events, its words in quotes."""
    return carma_2016(ratings, step=step, first='"Event Log","10:11:12 play, 10:12:01 pause, 10:12:09 play"').replace(
        "my, film.avi", '"my, film.avi"'
    )


def darma(
    pairs: Sequence[tuple[float | str, float | str]],
    *,
    step: float = 0.5,
    labels: tuple[str, str] = ("Communion", "Agency"),
    magnitude: str = "1000",
) -> str:
    """Four columns; the bins' ends, both axes and the button."""
    rows = [
        "Time of Rating,21-Mar-2017 10:11:12,,",
        "Multimedia File,film.mp4,12.5,",
        f"Magnitude,{magnitude},,",
        f"Second,{labels[0]},{labels[1]},Button",
        ",".join([MARK] * 4),
        *(f"{number * step:g},{x},{y},0" for number, (x, y) in enumerate(pairs, 1)),
    ]
    return "\n".join(rows)


SEWA = (
    "name;timestamp;arousal;valence;liking\n"
    "'Train_DE_01';0.0;0.1;-0.25;0\n"
    "'Train_DE_01';0.1;0.2;;0\n"
    "'Train_DE_01';0.2;0,3;-0,75;0\n"
)

FACEREADER = "\r\n".join(
    [
        "Video analysis detailed log",
        "Face Model:\tGeneral",
        "Filename:\tC:\\Films\\film.avi",
        "",
        "Video Time\tNeutral\tHappy\tValence\tArousal",
        "00:00:00.000\t0.9\t0.1\t0.25\t0.3",
        "00:00:00.040\tFIT_FAILED\tFIT_FAILED\tFIT_FAILED\tFIT_FAILED",
        "00:00:00.080\tFIND_FAILED\tFIND_FAILED\tFIND_FAILED\tFIND_FAILED",
        "00:01:00.120\t0.9\t0.1\t-0,5\t0.3",
        "",
    ]
)


def eaf(media: str = 'MEDIA_URL="file:///films/my%20film.mp4"', before: str = "") -> str:
    """Two tiers of numbers, one aligned and one that refers to it, and one of words."""
    slots = "".join(f'<TIME_SLOT TIME_SLOT_ID="ts{n}" TIME_VALUE="{n * 500}"/>' for n in range(1, 5))

    def aligned(key: str, start: int, words: str) -> str:
        about = f'ANNOTATION_ID="{key}" TIME_SLOT_REF1="ts{start}" TIME_SLOT_REF2="ts{start + 1}"'
        value = f"<ANNOTATION_VALUE>{words}</ANNOTATION_VALUE>"
        return f"<ANNOTATION><ALIGNABLE_ANNOTATION {about}>{value}</ALIGNABLE_ANNOTATION></ANNOTATION>"

    def referring(key: str, to: str, words: str) -> str:
        about = f'ANNOTATION_ID="{key}" ANNOTATION_REF="{to}"'
        return f"<ANNOTATION><REF_ANNOTATION {about}><ANNOTATION_VALUE>{words}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"

    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{before}<ANNOTATION_DOCUMENT>'
        f'<HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR {media}/></HEADER><TIME_ORDER>{slots}</TIME_ORDER>'
        f'<TIER TIER_ID="valence">{aligned("a1", 1, "0.5")}{aligned("a2", 3, "-0.25")}</TIER>'
        f'<TIER TIER_ID="emotion">{aligned("a3", 1, "happiness")}</TIER>'
        f'<TIER TIER_ID="second look">{referring("a4", "a1", " 0.75 ")}{referring("a5", "a2", "")}</TIER>'
        "</ANNOTATION_DOCUMENT>"
    )


# what `seqfer annotate-video` writes
FRAMES = (
    "frame,time_s,shot,face,x1,y1,x2,y2,score,happiness,emotion,valence\n"
    "0,0.500000,1,1,1,1,2,2,0.9,1.0,happiness,0.250000\n"
    "0,0.500000,1,2,1,1,2,2,0.9,1.0,happiness,-0.500000\n"
    "1,0.540000,1,,,,,,,,,\n"
    "2,0.580000,1,1,1,1,2,2,0.9,1.0,happiness,\n"
)
SECONDS = (
    "second,face,valence,valence_sd,frames,coverage,mean_happiness\n"
    "0,1,0.25,,1,1.0,1.0\n"
    "1,1,,,0,0.0,\n"
    "2,1,-0.5,,1,1.0,1.0\n"
)


def numbers(trace: Trace) -> list[tuple[float, float, float]]:
    """(start, end, value) of each rating."""
    return [tuple(round(float(v), 9) for v in row) for row in zip(trace.start_s, trace.end_s, trace.values)]
