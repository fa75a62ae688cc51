"""Ports and addresses."""

import socket

import pytest

from seqfer.core.errors import SettingsError
from seqfer.web.serving import listen
from seqfer.web.settings import ServerSettings


def test_a_taken_port_gives_the_next_one():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        listening = listen(ServerSettings(port=taken))
        listening.socket.close()
    assert listening.port > taken
    assert listening.address == f"http://127.0.0.1:{listening.port}"
    assert f"localhost:{listening.port}" in listening.hosts


def test_the_names_of_a_machine_in_a_network():
    listening = listen(ServerSettings(host="0.0.0.0", port=0, allow_network=True))
    listening.socket.close()
    assert f"127.0.0.1:{listening.port}" in listening.hosts
    assert f"{socket.gethostname()}:{listening.port}" in listening.hosts
    assert "0.0.0.0" not in listening.address


def test_an_address_that_is_not_this_machine():
    with pytest.raises(SettingsError, match=r"cannot listen on 192\.0\.2\.1:8765"):
        listen(ServerSettings(host="192.0.2.1", allow_network=True))
