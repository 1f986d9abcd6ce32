"""One format under the fuzzer: whatever bytes a file holds, it ends in questions or in sentences."""

import json
import sys

import atheris

with atheris.instrument_imports(include=["mesotrain"]):
    from mesotrain.formats.exchange import FORMATS, convert
    from tests.fuzz.cases import Cases

NAME = sys.argv.pop(1)
CASES = Cases(NAME)
OTHERS = [name for name, one in FORMATS.items() if one.write]


def one(content: bytes) -> None:
    """One case: read, made into a bank and by its first byte into another format, and reported."""
    for target in {"bank", OTHERS[content[0] % len(OTHERS)] if content else "bank"}:
        found = convert(CASES.whole(content), f"file{FORMATS[NAME].ending}", NAME, target)
        assert found.sent or found.refused
        assert json.dumps(found.report())


atheris.Setup(sys.argv, one)
atheris.Fuzz()
