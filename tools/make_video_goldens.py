"""Writes the presentation times of all frames of the generated videos, as ffprobe reports them, to tests/golden/video_times.json.

    python tools/make_video_goldens.py

Needs the ffprobe program; the tests do not.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from video_files import FILMS  # noqa: E402

from seqfer.core.files import write_atomically  # noqa: E402


def frame_times(path: Path) -> list[float | None]:
    """The time in seconds of every frame that ffprobe decodes, in its order; None where ffprobe gives no time."""
    fields = ["-show_entries", "frame=best_effort_timestamp_time", "-of", "json"]
    done = subprocess.run(
        ["ffprobe", "-v", "quiet", "-select_streams", "v:0", *fields, path], check=True, capture_output=True
    )
    times = [frame.get("best_effort_timestamp_time") for frame in json.loads(done.stdout)["frames"]]
    return [None if time is None else round(float(time), 6) for time in times]


def main() -> None:
    version = subprocess.run(["ffprobe", "-version"], check=True, capture_output=True, text=True).stdout.split()[2]
    with tempfile.TemporaryDirectory() as folder:
        times = {name: frame_times(make(Path(folder) / name)) for name, make in FILMS.items()}
    lines = [f" {json.dumps(name)}: {json.dumps(found)}" for name, found in times.items()]
    text = f'{{"ffprobe": {json.dumps(version)}, "times_s": {{\n' + ",\n".join(lines) + "\n}}\n"
    write_atomically(ROOT / "tests" / "golden" / "video_times.json", text)


if __name__ == "__main__":
    main()
