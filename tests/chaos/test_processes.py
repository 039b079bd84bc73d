"""Servers of one test do not get in each other's way."""

from __future__ import annotations

from tests.chaos.processes import free_port


def test_no_two_servers_are_given_the_same_port() -> None:
    ports = [free_port() for _ in range(500)]

    assert len(set(ports)) == len(ports)
