"""The description of the API says all that is served, and is one."""

from __future__ import annotations

import re
from typing import Any

import pytest
from openapi_spec_validator import validate
from tornado.web import RequestHandler

from ndscheduler.corescheduler.service_requests import JobRequest
from ndscheduler.server.handlers.base import ApiHandler
from ndscheduler.server.openapi.document import describe
from ndscheduler.server.routes import Route, routes

ROUTES = routes("v1")


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return describe(ROUTES, api="/api/v1", cookie_name="session", url_prefix="/below")


def test_the_description_is_openapi(document: dict[str, Any]) -> None:
    validate(document)

    assert document["openapi"].startswith("3.1")
    assert document["servers"] == [{"url": "/below"}]


def test_every_method_of_every_url_is_described_and_nothing_else(document: dict[str, Any]) -> None:
    described = {
        (_route_of(path).pattern, method.upper())
        for path, methods in document["paths"].items()
        for method in methods
    }

    assert described == {(route.pattern, method) for route in ROUTES for method in _served(route)}


def test_each_operation_tells_the_role_that_it_needs(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            role = _route_of(path).roles.get(method.upper())
            assert operation["x-role"] == (role and role.value)
            assert bool(operation["security"]) == ("401" in operation["responses"] and bool(role))


def test_each_reference_leads_somewhere_and_everything_is_used(document: dict[str, Any]) -> None:
    used = set(re.findall(r"'#/components/(\w+)/(\w+)'", str(document)))

    there = {(kind, name) for kind in ("schemas", "responses") for name in _names(document, kind)}

    assert used == there


def test_a_request_is_described_by_what_it_is_checked_with(document: dict[str, Any]) -> None:
    described = document["components"]["schemas"]["JobRequest"]

    assert list(described["properties"]) == list(JobRequest.model_fields)
    assert described["additionalProperties"] is False
    assert described["properties"]["minute"]["type"] == ["string", "integer", "null"]


def _names(document: dict[str, Any], kind: str) -> list[str]:
    return list(document["components"][kind])


def _route_of(path: str) -> Route:
    url = re.sub(r"\{\w+\}", "x", path)
    return next(route for route in ROUTES if re.fullmatch(route.pattern, url))


def _served(route: Route) -> set[str]:
    """The methods that the route takes, but HEAD, which is as GET."""
    handler: type[RequestHandler] = route.handler
    assert issubclass(handler, ApiHandler)
    has_id = "(" in route.pattern
    return set(handler.item_methods if has_id else handler.collection_methods) - {"HEAD"}
