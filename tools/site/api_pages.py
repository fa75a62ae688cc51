"""The reference of the Python API: a page per topic, made from the public names of `seqfer.api` and their docstrings.

A name is on the page of the topic that lists its module; names of a module in no topic are on a page of their own, so that none is missing.
"""

from __future__ import annotations

import inspect

from seqfer import api

# page -> title, modules (the last part of their names)
TOPICS: dict[str, tuple[str, tuple[str, ...]]] = {
    "videos": ("Videos", ("annotating", "streaming", "annotation", "annotations")),
    "models": ("Models of single faces", ("face_model", "export")),
    "corpora": ("Corpora and what is included", ("corpus", "listings")),
    "evaluation": (
        "Cross-validation and evaluation",
        (
            "cross_validation",
            "evaluation",
            "valence_evaluation",
            "transfer",
            "ensemble",
            "stress_test",
            "comparison",
            "leaderboard",
        ),
    ),
    "training": ("Training", ("training",)),
    "raters": ("Raters", ("trace_comparison", "valence_calibration")),
    "scikit_learn": ("scikit-learn estimators", ("clip_classifier", "sequence_classifier", "face_svm", "person_split")),
    "pages": ("Pages of results", ("page",)),
    "errors": ("Errors", ("errors",)),
}
OTHERS = ("others", "Further names")


def pages() -> dict[str, str]:
    """Address -> Markdown of every page."""
    topics = by_topic()
    made = {f"api/{key}.md": _page(title, names) for (key, title), names in topics.items()}
    return {"api/index.md": _index(topics), **made}


def by_topic() -> dict[tuple[str, str], list[str]]:
    """(page, title) -> the public names on it, in the order of the modules; only pages with a name."""
    topic_of = {module: (key, title) for key, (title, modules) in TOPICS.items() for module in modules}
    order = list(topic_of)
    found: dict[tuple[str, str], list[str]] = {(key, title): [] for key, (title, _) in TOPICS.items()}
    for name in sorted(
        api.__all__, key=lambda name: (order.index(m) if (m := _module(name)) in order else -1, name[0].isupper(), name)
    ):
        found.setdefault(topic_of.get(_module(name), OTHERS), []).append(name)
    return {topic: names for topic, names in found.items() if names}


def _module(name: str) -> str:
    return str(getattr(api, name).__module__).rpartition(".")[2]


def _page(title: str, names: list[str]) -> str:
    return "\n".join([f"# {title}", "", *(f"::: seqfer.{name}\n" for name in names)])


def _index(topics: dict[tuple[str, str], list[str]]) -> str:
    lines = [
        "# Python",
        "",
        "What `import seqfer` offers. Settings of a function have the names and defaults of the options of its command "
        "([commands](../commands.md)); heavy packages load when a function runs. Errors are subclasses of `seqfer.SeqferError`, "
        "with the messages of the command line.",
        "",
    ]
    for (key, title), names in topics.items():
        lines += [f"## [{title}]({key}.md)", "", "| name | what it is |", "|---|---|"]
        lines += [f"| [`{name}`]({key}.md#seqfer.{name}) | {_summary(name)} |" for name in names]
        lines.append("")
    return "\n".join(lines)


def _summary(name: str) -> str:
    text = inspect.getdoc(getattr(api, name)) or ""
    first = text.partition("\n\n")[0].replace("\n", " ")
    return first.partition(". ")[0].removesuffix(".").replace("|", "/") + "."
