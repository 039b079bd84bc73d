"""From the routes, and what they take and give, to the description of the API."""

from __future__ import annotations

import functools
import http.client
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.openapi.answers import COMPONENTS
from ndscheduler.server.openapi.operations import JSON, OF_API, OF_ROOT, Operation
from ndscheduler.server.openapi.parameters import Parameter
from ndscheduler.server.openapi.schemas import Schema, ref
from ndscheduler.server.routes import Route
from ndscheduler.version import __version__

VERSION = "3.1.0"
ABOUT = (
    "HEAD answers as GET does, without the body; for /stream it is no method. A URL may have other "
    "methods refused with 405. What a schema does not say is free."
)
FORM = "application/x-www-form-urlencoded"
# Where a caller can be told so whatever the URL: bad input, a role or a host that may not, a body
# that is too large, a database that is away.
EVERYWHERE = (400, 403, 413, 503)
# Where somebody must be known.
GUARDED = (401, 429)
SECURITY = ("session", "basic", "token")

_PLACE = re.compile(r"\{(\w+)\}")


def describe(
    routes: Sequence[Route], *, api: str, cookie_name: str = "session", url_prefix: str = ""
) -> dict[str, Any]:
    """The OpenAPI document of a server with these routes, whose API is under the path `api`."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, operation in operations(api):
        route = next(route for route in routes if _is_at(route, path))
        described = _operation(method, path, operation, route.roles.get(method))
        paths.setdefault(path, {})[method.lower()] = described
    return {
        "openapi": VERSION,
        "info": {"title": "ndscheduler", "version": __version__, "description": ABOUT},
        "servers": [{"url": url_prefix or "/"}],
        "paths": paths,
        "components": {
            "schemas": {**COMPONENTS, **_request_schemas()},
            "responses": {str(status): _refusal(status) for status in _statuses()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": cookie_name},
                "basic": {"type": "http", "scheme": "basic"},
                "token": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def operations(api: str) -> Iterator[tuple[str, str, Operation]]:
    """(method, path, operation), the API under the path `api`."""
    for prefix, table in (("", OF_ROOT), (api, OF_API)):
        for name, operation in table.items():
            method, path = name.split(" ")
            yield method, prefix + path, operation


def _is_at(route: Route, path: str) -> bool:
    return re.fullmatch(route.pattern, _PLACE.sub("x", path)) is not None


def _operation(method: str, path: str, operation: Operation, role: Role | None) -> dict[str, Any]:
    errors = {*EVERYWHERE, *operation.errors, *(GUARDED if role else ())}
    if _PLACE.search(path):
        errors.add(404)
    described: dict[str, Any] = {
        "operationId": _identifier(method, path),
        "summary": operation.summary,
        "parameters": [*_path_parameters(path), *map(_parameter, operation.parameters)],
        "responses": {
            **_success(operation, method),
            **{str(e): {"$ref": f"#/components/responses/{e}"} for e in sorted(errors)},
        },
        "security": [{way: []} for way in SECURITY] if role else [],
        "x-role": role.value if role else None,
    }
    if operation.body is not None:
        described["requestBody"] = _body(operation)
    if operation.is_old:
        described["deprecated"] = True
    return described


def _identifier(method: str, path: str) -> str:
    words = re.findall(r"\w+", path.replace("-", "_"))
    return "_".join([method.lower(), *words]) if words else f"{method.lower()}_page"


def _path_parameters(path: str) -> list[dict[str, Any]]:
    schema = {"type": "string", "minLength": 1}
    return [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name in _PLACE.findall(path)
    ]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "description": parameter.description,
        "schema": parameter.schema,
    }


def _body(operation: Operation) -> dict[str, Any]:
    body = operation.body
    content = {JSON: ref(body.__name__)} if isinstance(body, type) else {FORM: body}
    return {
        "required": not operation.is_body_optional,
        "content": {media_type: {"schema": schema} for media_type, schema in content.items()},
    }


def _success(operation: Operation, method: str) -> dict[str, Any]:
    if operation.status == 302:
        return {"302": {"description": "A redirect"}}
    if operation.answer is None:
        return {}
    content = {operation.media_type: {"schema": operation.answer}}
    success = {str(operation.status): {"description": operation.summary, "content": content}}
    if method == "GET":
        success["304"] = {"description": "As before (If-None-Match)"}
    return success


def _refusal(status: int) -> dict[str, Any]:
    return {
        "description": http.client.responses[status],
        "content": {JSON: {"schema": ref("Error")}},
    }


def _statuses() -> list[int]:
    of_operations = [e for _, _, operation in operations("") for e in operation.errors]
    return sorted({*EVERYWHERE, *GUARDED, 404, *of_operations})


@functools.cache
def _request_schemas() -> Mapping[str, Schema]:
    """What the handlers validate with, as JSON Schema."""
    bodies = [operation.body for _, _, operation in operations("")]
    models = {body.__name__: body for body in bodies if isinstance(body, type)}
    return {name: _schema_of(model) for name, model in sorted(models.items())}


def _schema_of(model: type[BaseModel]) -> Schema:
    """The schema of a model, without defaults: settings and jobs say what an absent field is."""
    schema = model.model_json_schema()
    fields = {name: _without_title(field) for name, field in schema["properties"].items()}
    return {**_without_title(schema), "properties": fields}


def _without_title(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key not in ("title", "default")}
