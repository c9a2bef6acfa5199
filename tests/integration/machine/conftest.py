"""Ports of a test's own."""

import socket

import pytest


@pytest.fixture(scope="session")
def free_port():
    """Function that returns a port on which nothing listens."""
    def find():
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            return listener.getsockname()[1]
    return find
