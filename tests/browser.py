"""A real browser for pages and films, where there is one."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-logging=stderr",
    "--v=0",
    "--dump-dom",
)
PATIENCE_S = 60


def dump_dom(page: Path, profile: Path, wait_ms: int = 0) -> tuple[str, str]:
    """The page as it is after its scripts ran and `wait_ms` passed, and what the console said.

    A browser that hangs is the machine's trouble, not the page's: it is ended with all its processes, and the test skipped.
    """
    assert CHROMIUM is not None
    profile.mkdir(parents=True)
    said, seen = profile / "said.txt", profile / "seen.html"
    waiting = (f"--timeout={wait_ms}",) if wait_ms else ()
    command = [CHROMIUM, *FLAGS, *waiting, f"--user-data-dir={profile}", page.as_uri()]
    with said.open("w") as errors, seen.open("w") as dom:  # files, because children of a killed browser keep pipes open
        browser = subprocess.Popen(command, stdout=dom, stderr=errors, start_new_session=True)
        try:
            code = browser.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            os.killpg(browser.pid, signal.SIGKILL)
            browser.wait()
            pytest.skip(f"the browser did not answer within {PATIENCE_S} s")
    assert code == 0, said.read_text()
    return seen.read_text(), said.read_text()
