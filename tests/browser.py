"""A real browser for pages and films, where there is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def dump_dom(page: Path, profile: Path, wait_ms: int = 0) -> subprocess.CompletedProcess[str]:
    """The page as it is after its scripts ran and `wait_ms` passed (stdout), and what the console said (stderr)."""
    assert CHROMIUM is not None
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--v=0", "--dump-dom"]
    waiting = [f"--timeout={wait_ms}"] if wait_ms else []
    command = [CHROMIUM, *flags, *waiting, f"--user-data-dir={profile}", page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
