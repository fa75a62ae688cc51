"""The links that commands print while they serve, and the warning where other machines can connect."""

from pathlib import Path
from types import SimpleNamespace

from seqfer.commands._serving import serve
from seqfer.web.settings import ServerSettings


def interrupted():
    raise KeyboardInterrupt


def running(**links):
    return SimpleNamespace(
        link="http://a/?token=0", rater_links=links, plan=SimpleNamespace(out=Path("rated")), wait=interrupted
    )


def test_links_and_ctrl_c(capsys):
    assert serve(running(ann="http://a/?token=1"), ServerSettings()) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "Open http://a/?token=0",
        "ann: http://a/?token=1",
        "Ratings are written to rated. Ctrl-C ends.",
        "",
    ]


def test_other_machines_are_warned_of(capsys):
    serve(running(), ServerSettings(host="0.0.0.0", allow_network=True))
    assert "unencrypted connection" in capsys.readouterr().out
