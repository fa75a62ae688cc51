"""Makes docs/images/report.png, the picture in README.md: the top of the report that `make demo` writes, with drawn people only.

    python tools/make_readme_picture.py [--report FILE] [--out FILE]

Without --report the demo is run first, in a temporary folder. The page is rendered by a headless Chromium from PATH, cropped below the first face
and reduced to a palette of 256 colours. --report may only name a report of drawn people, because the picture is published.
"""

from __future__ import annotations

import argparse
import io
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)
WIDTH_PX, HEIGHT_PX = 1100, 1125  # of the page: its summary and its first face
COLOURS, MOST_BYTES, LONGEST_S = 256, 250_000, 120


def main() -> int:
    """Run the demo unless a report is given, render it, write the picture."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=Path, help="report.html of an annotated video of drawn people")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "report.png")
    args = parser.parse_args()
    browser = next((path for path in map(shutil.which, BROWSERS) if path), None)
    if browser is None:
        return _failed(f"no browser on PATH ({', '.join(BROWSERS)}); install Chromium, for example with apt-get")
    if args.report is not None and not args.report.is_file():
        return _failed(f"{args.report} does not exist; --report takes the report.html of an annotated video")
    with tempfile.TemporaryDirectory() as scratch:
        report = args.report or _demo_report(Path(scratch) / "demo")
        try:
            content = palette_png(screenshot(browser, report, Path(scratch)))
        except (subprocess.SubprocessError, OSError) as error:
            return _failed(f"{browser} made no picture of {report} ({error})")
    if len(content) > MOST_BYTES:
        return _failed(f"the picture has {len(content):,} bytes; at most {MOST_BYTES:,} are allowed in the repository")
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_bytes(content)
    print(f"{args.out}: {len(content):,} bytes")
    return 0


def screenshot(browser: str, page: Path, scratch: Path) -> Path:
    """A PNG file (RGB, WIDTH_PX x HEIGHT_PX) of the top of the page. Raises SubprocessError when the browser fails or does not end."""
    target, profile = scratch / "page.png", scratch / "profile"
    size = f"--window-size={WIDTH_PX},{HEIGHT_PX}"
    command = [browser, *FLAGS, f"--user-data-dir={profile}", size, f"--screenshot={target}", page.resolve().as_uri()]
    subprocess.run(command, check=True, capture_output=True, timeout=LONGEST_S)
    return target


def palette_png(file: Path) -> bytes:
    """The picture as a PNG with a palette of COLOURS colours."""
    buffer = io.BytesIO()
    with Image.open(file) as image:
        # Maximum coverage keeps the rare colours of the legend, which a median cut merges.
        reduced = image.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
        reduced.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _demo_report(folder: Path) -> Path:
    subprocess.run([sys.executable, ROOT / "tools" / "demo.py", "--out", folder], check=True)
    return folder / "annotation" / "report.html"


def _failed(reason: str) -> int:
    print(f"make_readme_picture: {reason}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
