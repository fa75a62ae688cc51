"""The server in the background that all pages share."""

from seqfer.results._page_server import PageServer
from seqfer.web.access import Keys
from seqfer.web.settings import ServerSettings


class OneAnswer:
    def roles(self):
        return ("owner", "rater:Ann")

    def build(self, keys, hosts):
        self.hosts = hosts
        return None


def test_links_and_the_browser(monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    app = OneAnswer()
    with PageServer(app, Keys(b"k" * 32), ServerSettings(port=0), browser=True) as server:
        assert opened == [server.link]
        assert server.link.startswith("http://127.0.0.1:")
        assert server.link.partition("/?")[0].removeprefix("http://") in app.hosts
    server.stop()
