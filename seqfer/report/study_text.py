"""Sentences and tables of the report of a study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from seqfer.metrics.traces import MEASURES
from seqfer.raters.figures import mean_and_sd, mean_defined
from seqfer.report import words
from seqfer.report.trace_text import SIDES, figure_number, figure_title
from seqfer.runs.kinds.evaluate_trace import EvaluateTraceReport
from seqfer.runs.kinds.study import StudyFigure, StudyReport, StudySource, StudyStimulus

SOURCES = {"model": "by the model", "raters": "by the raters' mean"}
BY = {"all": "all recordings", "stimulus": "by stimulus", "participant": "by participant", "group": "by group"}


def sentence(report: StudyReport) -> str:
    """The finding in one sentence."""
    overall = [one for one in report.figures if one.by == "all"]
    if overall:
        best = overall[-1]
        return (
            f"{report.title}: over {words.counted(best.recordings, 'recording')} RMSE {figure_number(best.mean['rmse'], 'rmse')} "
            f"± {figure_number(best.sd['rmse'], 'rmse')}, CCC {figure_number(best.mean['ccc'], 'ccc')} between model and raters "
            f"({figure_title(best.side, best.every_s, 'smoothed' if best.smoothed else '')})"
        )
    annotated, rated = (sum(map(bool, side)) for side in zip(*((r.annotated, r.raters) for r in report.recordings)))
    return f"{report.title}: {annotated} of {words.counted(len(report.recordings), 'recording')} annotated, {rated} rated, none both"


def figure_tables(report: StudyReport) -> list[dict[str, Any]]:
    """A table per kind of figure: [{title, rows: [(by, name, recordings, [(mean, sd, interval)])]}]."""
    kinds = dict.fromkeys((one.side, one.every_s, bool(one.smoothed)) for one in report.figures)
    return [
        {
            "title": figure_title(side, every_s, "smoothed" if smoothed else ""),
            "rows": [
                (BY[one.by], one.name, one.recordings, _cells(one))
                for one in report.figures
                if (one.side, one.every_s, bool(one.smoothed)) == (side, every_s, smoothed)
            ],
        }
        for side, every_s, smoothed in kinds
    ]


def _cells(figure: StudyFigure) -> list[tuple[str, str, str]]:
    return [
        (
            figure_number(figure.mean[name], name),
            f"± {figure_number(figure.sd[name], name)}" if words.defined(figure.sd[name]) else "",
            interval(figure.intervals[name], name),
        )
        for name in MEASURES
    ]


def interval(ends: Sequence[float], name: str) -> str:
    """ "[0.12, 0.34]", empty where it is undefined."""
    return f"[{', '.join(figure_number(end, name) for end in ends)}]" if all(map(words.defined, ends)) else ""


def figure_lines(report: StudyReport) -> list[str]:
    """The figures over all recordings and by stimulus as lines of a terminal; the page has the others too."""
    lines = []
    for table in figure_tables(
        replace(report, figures=tuple(one for one in report.figures if one.by in ("all", "stimulus")))
    ):
        lines.append(table["title"][:1].upper() + table["title"][1:])
        width = max(len(f"{by} {name}".strip()) for by, name, _, _ in table["rows"])
        head = "  ".join(f"{name.upper():>15}" for name in MEASURES)
        lines.append(f"  {'':<{width}}  {'n':>3}  {head}")
        for by, name, count, cells in table["rows"]:
            shown = "  ".join(f"{f'{mean} {spread}'.strip():>15}" for mean, spread, _ in cells)
            lines.append(f"  {f'{by} {name}'.strip():<{width}}  {count:>3}  {shown}")
    return lines


def console(report: StudyReport) -> str:
    """What the command prints."""
    lines = [sentence(report), *figure_lines(report)]
    for stimulus in report.stimuli:
        for source in stimulus.sources:
            lines.append(f"{stimulus.name}, {SOURCES[source.source]}: {alike(source)}")
            lines += [f"  {line}" for line in group_lines(source, most=1)]
    return "\n".join([*lines, *report.warnings]).replace(words.SPACE, " ")


def alike(source: StudySource) -> str:
    """How alike the participants are, in one line."""
    if len(source.participants) < 2:
        return f"one participant, {source.participants[0]}"
    best = f"; most alike at {span(source.moments[0])}" if source.moments else ""
    return (
        f"{len(source.participants)} participants, mean correlation of pairs {words.decimal(source.mean_correlation)}, "
        f"with the mean of the others {words.decimal(source.mean_with_others)}{best}"
    )


def span(where: Any) -> str:
    """ "12 to 22 s" of a moment or cluster."""
    return f"{where.start_s:g} to {where.end_s:g}{words.SPACE}s"


def group_lines(source: StudySource, most: int | None = None) -> list[str]:
    """The comparison of groups, a line for the test and one per cluster; with `most` only so many with the lowest p-values."""
    found = source.groups
    if found is None:
        return []
    sizes = " and ".join(f"{name} ({n})" for name, n in zip(found.groups, found.participants))
    how = "all" if found.exact else "drawn"
    lines = [
        f"{sizes}: {words.counted(len(found.clusters), 'cluster')} with |t| above {words.decimal(found.threshold)}, "
        f"{found.permutations:,} {how} divisions"
    ]
    lines += [
        f"{span(one)}: {found.groups[0]} minus {found.groups[1]} {words.decimal(one.difference, signed=True)}, "
        f"sum of t {words.decimal(one.mass, 1)}, {words.p_value(one.p)}"
        for one in (found.clusters if most is None else sorted(found.clusters, key=lambda one: one.p)[:most])
    ]
    return lines


def rater_lines(compared: EvaluateTraceReport) -> list[str]:
    """Agreement and delays of the raters as means over recordings, a line each."""
    lines = []
    for side in dict.fromkeys(side for film in compared.films for side in film.agreement):
        found = [film.agreement[side] for film in compared.films if side in film.agreement]
        means = {name: mean_defined([getattr(one, name) for one in found]) for name in ("icc2k", "icc3k", "alpha")}
        lines.append(
            f"Agreement, {SIDES[side]}, mean over {words.counted(len(found), 'recording')}: ICC(2,k) {words.decimal(means['icc2k'])}, "
            f"ICC(3,k) {words.decimal(means['icc3k'])}, Krippendorff's alpha {words.decimal(means['alpha'])}."
        )
    for name in sorted({rater.name for film in compared.films for rater in film.raters}):
        lags = [rater.lag_s for film in compared.films for rater in film.raters if rater.name == name]
        over = mean_and_sd(lags)
        lines.append(
            f"Delay of {name}: {words.decimal(over.mean)} ± {words.decimal(over.sd)}{words.SPACE}s (mean and SD over {over.count} of "
            f"{words.counted(len(lags), 'recording')})."
        )
    return lines


def picture_label(stimulus: StudyStimulus, source: StudySource) -> str:
    """The text of a chart for screen readers."""
    start = f"{stimulus.name}, valence of the participants over time {SOURCES[source.source]}: {alike(source)}."
    return " ".join([start, *group_lines(source)])


def notes(report: StudyReport) -> list[str]:
    """How the numbers are computed."""
    settings: Mapping[str, Any] = report.settings
    sides = {one.side for one in report.figures}
    return [
        "Figures are means with equal weights of the recordings' own figures, ± their standard deviation, with Student's interval of the mean: it is "
        "wide for few recordings. The recordings of one participant, or of one stimulus, are not independent. Figures of single recordings have "
        "block-bootstrap intervals (page evaluation/report.html).",
        "Delays of raters are estimated for each recording; in the figures they are "
        f"{'removed where the title says so' if 'lag_corrected' in sides else 'not removed (--lag estimate removes them)'}. "
        f"{SIDES['as_rated'].capitalize()} means with the delay left in.",
        "Stimulus time is the time of the recording minus its offset_s. The raters' mean is the fusion of those who rated a recording to its end.",
        "Correlation between participants is Pearson's over all bins that both have; with the others: each participant with the mean of all others "
        "(Nastase et al. 2019). Means are through Fisher's z. Slow common drifts raise correlations, and no test is made of them.",
        f"Moments are windows of {settings['window_s']:g}{words.SPACE}s in which the mean correlation of all pairs is highest, three at most, "
        "without overlap. They are chosen for being highest, so their correlation overstates what new participants would show.",
        "Groups are compared by a cluster permutation test (Maris and Oostenveld 2007): Welch's t in every bin, neighbouring bins beyond the "
        f"two-sided {settings['cluster_alpha']:g} threshold summed, participants exchanged between the groups. The p-value is that of a whole "
        "cluster and does not date its beginning or end; with n divisions it cannot be below 2/n for groups of one size, and 1/n else.",
    ]
