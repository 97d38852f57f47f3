"""Reports to send, and the fields of the contract that they follow."""

import re

from paperless_report import contract

Report = dict[str, object]
UUID = "0b0d0f2e-5d5c-4c53-9a67-0a4c3f0f6a11"
OTHER_UUID = "5f0c8d0e-0a3c-4c0e-8f3e-0a1b2c3d4e5f"
# A report with the required fields only, as its sender writes it.
MINIMAL = (
    f'{{"uuid":"{UUID}","version":"2.15.0","channel":"beta",'
    '"install_type":"docker","arch":"x86_64"}'
)
FIELDS = contract.load_fields()
REQUIRED = [name for name, field in FIELDS.items() if field.required]
# By name: the rule of each field that may be published.
PUBLISHED = {
    name: field.schema["x-published"]
    for name, field in FIELDS.items()
    if "x-published" in field.schema
}


def example_report() -> Report:
    """A report with every field: the contract's own examples."""
    return {name: field.schema["examples"][0] for name, field in FIELDS.items()}


_SAFE_TEXT = re.compile(r"[0-9.]+|[0-9][0-9.]*(a|b|rc)[0-9]+|[0-9a-f]{7,40}")


def is_publishable(name: str, value: object) -> bool:
    """Whether *value* of the field *name* is published as it is, and not as `other`."""
    schema = FIELDS[name].schema
    listed = [*schema.get("enum", ()), *schema.get("x-known", ())]
    for part in schema.get("anyOf", ()):
        listed += part["enum"]
    if value is None or schema["type"] == "boolean" or value in listed:
        return True
    return not listed and _SAFE_TEXT.fullmatch(str(value)) is not None
