"""Writes the reference page of the HTTP API, from its OpenAPI description."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from docs_tools import markdown

_Json = Mapping[str, Any]


def describe(api: _Json) -> Iterator[str]:
    """Yield the parts of the page: what holds for every path, and each operation."""
    yield "# The HTTP API"
    yield (
        "This page is a summary for paperless-ngx. Each receiver serves the full description "
        "of its project, with the schema of every body, as OpenAPI 3.1 at `/openapi.json` and "
        "`/openapi.yaml`. "
        "[The fields of a report](report.md) have a page of their own."
    )
    yield "## Every path"
    yield (
        "- `HEAD` is answered like `GET`, without the body.\n"
        "- `OPTIONS` is answered with 204. The header `Allow` lists the methods of the path.\n"
        "- Any other method is answered with 405, and with `Allow`.\n"
        "- A path that does not exist is answered with 404.\n"
        "- The body of an error is JSON: `error` is a word for programs, and `detail` a "
        "sentence for people."
    )
    yield (
        '```json\n{"error": "method_not_allowed", "detail": "This path supports GET, HEAD, '
        'OPTIONS."}\n```'
    )
    for path, operations in api["paths"].items():
        for method, operation in operations.items():
            yield f"## {method.upper()} {path}"
            yield from _operation(api, operation)


def _operation(api: _Json, operation: _Json) -> Iterator[str]:
    yield operation["summary"]
    if "description" in operation:
        yield operation["description"].strip()
    if "security" in operation:
        yield "Send the operator's secret as `Authorization: Bearer SECRET`."
    if parameters := [*_parameters(api, operation)]:
        yield markdown.table(("parameter", "in", "values"), parameters)
    body = operation.get("requestBody", {})
    if "description" in body:
        yield body["description"].strip()
    for media in body.get("content", {}).values():
        if example := media.get("example") or _find_example(media.get("schema", {})):
            yield f"```json\n{json.dumps(example, indent=2)}\n```"
    yield markdown.table(("status", "meaning"), _answers(api, operation["responses"]))


def _find_example(schema: _Json) -> _Json:
    """Return an object that *schema*, or its last alternative, allows."""
    *_, allowed = schema.get("anyOf", (schema,))
    return {
        name: field["examples"][0]
        for name, field in allowed.get("properties", {}).items()
        if field.get("examples")
    }


def _parameters(api: _Json, operation: _Json) -> Iterator[tuple[str, str, str]]:
    for it in operation.get("parameters", ()):
        parameter = _follow(api, it)
        schema = _follow(api, parameter["schema"])
        description = parameter.get("description") or schema.get("description", "")
        values = ", ".join(_values(schema))
        meaning = ". ".join(part.rstrip(".") for part in (values, description) if part)
        # Each property of an object is a parameter of its own.
        names = schema.get("properties", (parameter["name"],))
        yield ", ".join(f"`{name}`" for name in names), parameter["in"], meaning


def _values(schema: _Json) -> Iterator[str]:
    """Yield the values that *schema* lists, or an example of them."""
    for part in (schema, *schema.get("anyOf", ())):
        for value in (*part.get("enum", ()), *part.get("examples", ())):
            yield f"`{value}`"
    if "default" in schema:
        yield f"by default `{schema['default']}`"


def _answers(
    api: _Json, responses: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        yield status, " ".join(_follow(api, response)["description"].split())


def _follow(api: _Json, part: _Json) -> _Json:
    """Return *part* of the description, or what it refers to."""
    if "$ref" not in part:
        return part
    _, _, kind, name = part["$ref"].split("/")
    found: _Json = api["components"][kind][name]
    return found
