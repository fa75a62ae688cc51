"""The page of a study: well formed, self-contained, with every figure of its record; in a browser wide and narrow."""

from browser_pages import NARROW, WIDE, chromium, new_page
from page_checks import Page, check_self_contained
from study_files import write_study

import seqfer


def page_of(folder, **settings):
    changes = settings.pop("text", ())
    path = write_study(folder, **settings)
    for change in changes:
        path.write_text(path.read_text().replace(*change))
    report = seqfer.open_study(path, progress=False, every_s=2.0).report()
    return report, report.report_html


def test_the_page_of_a_whole_study(tmp_path):
    report, text = page_of(tmp_path)
    check_self_contained(text)
    shown = Page(text).text
    assert "nan" not in text.lower().replace("financ", "")
    overall = report.record.figures[0]
    assert f"{overall.mean['rmse']:.4f} ± {overall.sd['rmse']:.4f}" in shown
    for words in ("Every 2 s, as rated", "ICC(2,k)", "Delay of ann", "a (3) and b (3)", "P06-drama", "Krippendorff"):
        assert words in shown
    assert text.count('role="img"') == 4
    assert text.count("mean correlation of pairs") == 8  # a line and a text for screen readers each


def test_a_study_without_raters_or_groups_and_with_hostile_names(tmp_path):
    _, text = page_of(
        tmp_path,
        raters=(),
        groups=False,
        annotated=7,
        text=[('title = "Two films"', "title = '<script>alert(1)</script>'")],
    )
    check_self_contained(text)
    shown = Page(text).text
    assert "<script>alert(1)</script>: 7 of 12 recordings annotated, 0 rated, none both" in shown
    assert "Model and raters" not in shown
    assert "one participant, P01" in shown


def test_the_page_in_a_browser(tmp_path):
    report, _ = page_of(tmp_path)
    with chromium() as browser:
        for size in (WIDE, NARROW):
            page = new_page(browser, size)
            page.goto((report.folder / "report.html").resolve().as_uri())
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
            assert page.locator("svg[role=img]").count() == 4
            assert page.problems == []
