"""Receipts: what was saved is said in a way that can be held against the service, and against nobody else's word."""

import json
from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mesotrain.core.canonical import canonical
from tests.cli.test_commands import empty_world, invoke
from tests.world import Browser, Engine, World

X, Y = {"choice": ["x"]}, {"choice": ["y"]}


def proof(browser: Browser, attempt: int) -> dict[str, Any]:
    reply = browser.get(f"/attempts/{attempt}/proof")
    assert reply.headers["Content-Disposition"] == f"attachment; filename=proof-{attempt}.json"
    said: dict[str, Any] = json.loads(reply.data)
    return said


@pytest.fixture
def sat(world: World) -> tuple[Browser, int, list[dict[str, Any]]]:
    """Two answers, and what the browser was told of each."""
    browser = world.client("trainee")
    attempt = browser.start()
    told = [browser.save(attempt, place, fields).get_json() for place, fields in ((1, X), (2, Y))]
    return browser, attempt, told


def test_a_file_of_receipts_has_what_each_save_was_told(sat: tuple[Browser, int, list[dict[str, Any]]]) -> None:
    browser, attempt, told = sat
    said = proof(browser, attempt)
    assert [(one["sequence"], one["received_at"], one["signature"]) for one in said["receipts"]] == [
        (one["saved"], one["at"], one["signature"]) for one in told
    ]
    assert [one["position"] for one in said["receipts"]] == [1, 2]


def test_anybody_can_hold_a_receipt_against_the_key(sat: tuple[Browser, int, list[dict[str, Any]]]) -> None:
    browser, attempt, _ = sat
    said = proof(browser, attempt)
    key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(said["key"]))
    for one in said["receipts"]:
        signature = urlsafe_b64decode(one.pop("signature"))
        key.verify(signature, canonical({"schema": 1, **one}))


CHANGES = {
    "sequence": 9, "position": 3, "attempt": 77, "received_at": "2026-01-01T00:00:00.000000+00:00",
    "answer": "0" * 64, "operation": "another", "signature": "AAAA",
}  # fmt: skip


def test_the_command_finds_what_was_changed(
    sat: tuple[Browser, int, list[dict[str, Any]]], world: World, tmp_path: Path
) -> None:
    browser, attempt, _ = sat
    said, file = proof(browser, attempt), tmp_path / "proof.json"
    file.write_text(json.dumps(said))
    whole = invoke(world, "proof", str(file))
    assert (whole.exit_code, whole.output) == (0, "2 of 2 receipts are signed here, and what they say is kept.\n")
    for name, value in CHANGES.items():
        receipts = [said["receipts"][0], {**said["receipts"][1], name: value}]
        file.write_text(json.dumps({"receipts": receipts}))
        found = invoke(world, "proof", str(file))
        assert found.exit_code == 1, name
        assert "this service did not sign it." in found.output, name


def test_a_signed_receipt_of_what_is_not_kept_is_told(
    sat: tuple[Browser, int, list[dict[str, Any]]], engine: Engine, tmp_path: Path
) -> None:
    """The same keys, and a database that has lost the attempt."""
    browser, attempt, _ = sat
    file = tmp_path / "proof.json"
    file.write_text(json.dumps(proof(browser, attempt)))
    with empty_world(engine) as restored:
        found = invoke(restored, "proof", str(file))
    assert found.exit_code == 1
    assert found.output.count("what it says is not what is kept.") == 2


@pytest.mark.parametrize("text", ["", "[]", '{"receipts": [{}]}', '{"receipts": [1]}', '{"receipts": 1}', "\x00"])
def test_another_file_is_no_file_of_receipts(world: World, tmp_path: Path, text: str) -> None:
    (tmp_path / "proof.json").write_text(text)
    with pytest.raises(Exception, match=r"proof\.json is no file of receipts\."):
        invoke(world, "proof", str(tmp_path / "proof.json"))
