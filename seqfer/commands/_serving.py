"""What commands that serve pages share: the links are printed, and Ctrl-C ends the server."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seqfer.results.rating import RatingServer
    from seqfer.results.viewing import ViewServer
    from seqfer.web.settings import ServerSettings


def serve(running: RatingServer, settings: ServerSettings) -> int:
    """Print the links and what whoever starts the server should know, and wait for Ctrl-C."""
    lines = [f"Open {running.link}", *(f"{name}: {link}" for name, link in running.rater_links.items())]
    if settings.allow_network:
        lines.append("Other machines can connect over an unencrypted connection; give links only to whom you trust.")
    return wait_for_end(running, [*lines, f"Ratings are written to {running.plan.out}. Ctrl-C ends."])


def wait_for_end(running: RatingServer | ViewServer, lines: list[str]) -> int:
    """Print the lines, and wait for Ctrl-C."""
    print("\n".join(lines), flush=True)
    try:
        running.wait()
    except KeyboardInterrupt:
        print()
    return 0
