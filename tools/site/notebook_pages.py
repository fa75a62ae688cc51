"""A tutorial's page from its notebook: text as it is, code and what it printed as blocks, tables as they are, pictures as files.

The notebook keeps what running it gave (`tools/run_notebooks.py`), so nothing is computed when the site is built.
"""

from __future__ import annotations

import base64
import json
import re
from pathlib import Path
from typing import Any

_STYLE = re.compile(r"<style.*?</style>\s*", flags=re.S)
_PANDAS = ' border="1" class="dataframe"'  # without it a table looks like the others of the site


def pages(notebook: Path) -> dict[str, str | bytes]:
    """Address in the site -> content: the page, and its pictures."""
    pictures: dict[str, str | bytes] = {}
    parts: list[str] = []
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "markdown":
            parts.append(source)
            continue
        parts.append(_block("python", source))
        for output in cell["outputs"]:
            parts.append(_output(output, notebook.stem, pictures))
    first, *rest = parts
    download = (
        f'[Download this page as a notebook]({notebook.name}) to run it yourself: `pip install "seqfer[notebook]"`.'
    )
    text = "\n\n".join([first, download, *rest]) + "\n"
    return {f"tutorials/{notebook.stem}.md": text, **pictures}


def _output(output: dict[str, Any], stem: str, pictures: dict[str, str | bytes]) -> str:
    if output["output_type"] == "stream":
        return _block("text", "".join(output["text"]))
    if output["output_type"] == "error":
        return _block("text", f"{output['ename']}: {output['evalue']}")
    data = output.get("data", {})
    if "image/png" in data:
        name = f"{stem}-{len(pictures) + 1}.png"
        pictures[f"tutorials/{name}"] = base64.b64decode("".join(data["image/png"]))
        return f"![{_alt(output)}]({name})"
    if "text/html" in data:
        lines = _STYLE.sub("", "".join(data["text/html"])).replace(_PANDAS, "").splitlines()
        return '<div class="result">\n' + "\n".join(line.strip() for line in lines if line.strip()) + "\n</div>"
    return _block("text", "".join(data.get("text/plain", "")))


def _alt(output: dict[str, Any]) -> str:
    """The description of a picture that its cell gave, for those who do not see it."""
    return str(output.get("metadata", {}).get("alt", "Chart, described in the text around it"))


def _block(language: str, text: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```"
