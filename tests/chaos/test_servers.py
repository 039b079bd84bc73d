"""The private database servers do what the tests of outages need them to."""

from __future__ import annotations

import psycopg
import pymysql
import pytest

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.servers import PrivateServer
from tests.factories import a_job

NO_ANSWER = (psycopg.OperationalError, pymysql.err.OperationalError)


def test_what_was_confirmed_outlives_a_kill_of_every_process(
    private_server: PrivateServer, private_datastore: DatastoreBase
) -> None:
    job = a_job()
    private_datastore.write(private_datastore.jobs.insert, job)

    private_server.kill()
    with pytest.raises(NO_ANSWER):
        private_server.ask()
    private_server.start()

    # Its connections are dead, and it is no business of this test that it gets over that.
    private_datastore.close()
    assert private_datastore.read(private_datastore.jobs.get, job.id).name == job.name


def test_a_suspended_server_answers_nothing_until_it_goes_on(private_server: PrivateServer) -> None:
    private_server.suspend()
    with pytest.raises(NO_ANSWER):
        private_server.ask()
    private_server.resume()

    private_server.ask()
