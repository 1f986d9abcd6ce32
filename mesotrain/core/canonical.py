"""Canonical JSON and the digests made of it.

The form is RFC 8785 (JCS) over what the models hold: objects with ASCII names, arrays, strings, integers,
booleans and null. Floats are refused, because exact numbers travel as fractions in strings.
"""

import json
from hashlib import sha256
from typing import TypeAlias

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)
SAFE_INTEGER = 2**53 - 1
"""The largest magnitude RFC 8785 can carry exactly."""


def canonical(value: Json) -> bytes:
    """The one spelling of `value`. Raises TypeError for a float, a non-ASCII name or an integer beyond 2**53 - 1."""
    _check(value)
    return _ENCODER.encode(value).encode()


def digest(value: Json) -> str:
    """SHA-256 of the canonical form, as 64 lower-case hexadecimal digits."""
    return sha256(canonical(value)).hexdigest()


def version_of(kind: str, schema: int, model: Json, media: dict[str, str]) -> str:
    """The identity of a content version: its schema-versioned model and the digest of each file it shows."""
    return digest({"kind": kind, "schema": schema, "model": model, "media": dict(media)})


def _check(value: object) -> None:
    if value is None or isinstance(value, (str, bool)):
        return
    if isinstance(value, dict):
        for name, item in value.items():
            if not (isinstance(name, str) and name.isascii()):
                raise TypeError(f"{name!r} cannot be a name in canonical JSON")
            if not isinstance(item, str):
                _check(item)
    elif isinstance(value, list):
        for item in value:
            _check(item)
    elif not isinstance(value, int):
        raise TypeError(f"{type(value).__name__} has no canonical JSON")
    elif abs(value) > SAFE_INTEGER:
        raise TypeError(f"{value} is too large for canonical JSON")
