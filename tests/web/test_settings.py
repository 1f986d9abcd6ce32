"""The settings: each documented, each wrong one named at the start and never later."""

import os
import stat
from pathlib import Path

import pytest
from flask_migrate import upgrade

from mesotrain import config
from mesotrain.core.errors import Refused
from mesotrain.store.db import db
from mesotrain.store.people import anybody
from mesotrain.web import create_app
from tests.world import KEY, World, close

WRONG = {
    "SECRET_KEYS": ["short", f"{KEY} short"],
    "PUBLIC_URL": [
        "training.example.org", "ftp://example.org", "http://", "https://example.org/path",
        "http://training.example.org", "http://192.168.1.4:8000", "http://localhost.evil.example", "http://127.0.0.1.nip.io",
        "http://[::1]:8000", "http://127.0.0.1:abc", "https://example.org:99999",
    ],
    "SMTP_URL": ["garbage", "mail.example.org:25", "http://mail.example.org", "smtp://", "smtp://mail.example.org:x"],
    "MAIL_FROM": ["garbage", "", "Training"],
    "DATABASE_URL": ["sqlite:///rel.db", "sqlite:///data/rel.db"],
    "OWNER_DATABASE_URL": ["sqlite:///rel.db"],
    "LOCALES": ["", "xx", "english", "en xx"],
    "TRUSTED_PROXIES": ["one", "-1", "1.5", ""],
    "WORKERS": ["0", "-1", "two", "²", "٣"],
    "POOL_SIZE": ["0"],
    "SIGN_IN_HOURS": ["0", "½"],
    "HASHES_AT_ONCE": ["0"],
    "BODY_KILOBYTES": ["0"],
    "ZONE": ["Europe/Atlantis", "BST+1", ""],
    "LOG_LEVEL": ["LOUD", ""],
}  # fmt: skip
"""Values that must be refused before anything is served."""


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_a_wrong_value_is_named_at_the_start(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(Refused, match=f"MESOTRAIN_{name}"):
        config.load({"MESOTRAIN_INSTANCE": str(tmp_path), f"MESOTRAIN_{name}": value})


@pytest.mark.parametrize("address", ["mysql://localhost/x", "oracle://x"])
def test_another_database_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(Refused, match="is not a database Mesotrain runs on"):
        create_app({"MESOTRAIN_INSTANCE": str(tmp_path), "MESOTRAIN_DATABASE_URL": address})


@pytest.mark.parametrize("address", ["nonsense", "mesotrain.db"])
def test_what_is_no_database_address_is_refused(tmp_path: Path, address: str) -> None:
    with pytest.raises(Refused):
        create_app({"MESOTRAIN_INSTANCE": str(tmp_path), "MESOTRAIN_DATABASE_URL": address})


def test_every_fault_is_told_at_once(tmp_path: Path) -> None:
    wrong = {
        "MESOTRAIN_WORKERS": "0",
        "MESOTRAIN_ZONE": "x",
        "MESOTRAIN_SPEED": "11",
        "MESOTRAIN_INSTANCE": str(tmp_path),
    }
    with pytest.raises(Refused, match=r"MESOTRAIN_SPEED is not a setting.*MESOTRAIN_WORKERS.*MESOTRAIN_ZONE"):
        config.load(wrong)


def test_what_others_set_is_not_ours(tmp_path: Path) -> None:
    assert config.load({"PATH": "/bin", "FLASK_APP": "app", "MESOTRAIN_INSTANCE": str(tmp_path)})["WORKERS"] == 2


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost", "https://training.example.org/"])
def test_this_machine_and_https_are_welcome(tmp_path: Path, address: str) -> None:
    found = config.load({"MESOTRAIN_INSTANCE": str(tmp_path), "MESOTRAIN_PUBLIC_URL": address})
    assert found["PUBLIC_URL"] == address.rstrip("/")


@pytest.mark.parametrize("address", ["http://127.0.0.1:8000", "http://localhost"])
def test_the_service_answers_where_it_is_said_to_be(tmp_path: Path, address: str) -> None:
    app = create_app({"MESOTRAIN_INSTANCE": str(tmp_path), "MESOTRAIN_PUBLIC_URL": address})
    assert app.test_client().get("/static/style.css", base_url=address).status_code == 200
    close(app)


def test_every_setting_says_what_it_is() -> None:
    names = [setting.name for setting in config.SETTINGS]
    assert len(names) == len(set(names))
    for setting in config.SETTINGS:
        assert len(setting.help.strip()) > 10, setting.name
        assert setting.name.isupper()
        assert not setting.help.endswith("."), setting.name


def test_what_could_hold_a_password_is_a_secret() -> None:
    secret = {setting.name for setting in config.SETTINGS if setting.secret}
    assert secret == {"DATABASE_URL", "OWNER_DATABASE_URL", "SECRET_KEYS", "SMTP_URL"}


def test_a_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    environment = {"MESOTRAIN_INSTANCE": str(tmp_path / "new")}
    first, again = config.load(environment), config.load(environment)
    assert first["SECRET_KEYS"] == again["SECRET_KEYS"]
    assert len(first["SECRET_KEYS"][0]) >= 32
    assert stat.S_IMODE((tmp_path / "new" / "secret-key").stat().st_mode) == 0o600


def test_the_settings_reach_the_application(served: World) -> None:
    assert {setting.name for setting in config.SETTINGS} <= set(served.app.config)


def test_the_folder_of_the_embedded_database_is_the_services_own(tmp_path: Path) -> None:
    config.load({"MESOTRAIN_INSTANCE": str(tmp_path / "new")})
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700


def test_the_embedded_database_is_the_services_own_wherever_it_lies(tmp_path: Path) -> None:
    """And so is what SQLite puts beside it, whatever the umask."""
    folder, before = tmp_path / "data", os.umask(0)
    try:
        told = {"MESOTRAIN_INSTANCE": str(tmp_path / "new"), "MESOTRAIN_DATABASE_URL": f"sqlite:///{folder}/kept.db"}
        app = create_app(told)
        with app.app_context():
            upgrade()
            assert anybody(db.session()) is False
            modes = {one.name: stat.S_IMODE(one.stat().st_mode) for one in folder.iterdir()}
    finally:
        os.umask(before)
    close(app)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert modes == dict.fromkeys(("kept.db", "kept.db-wal", "kept.db-shm"), 0o600)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused, match="MESOTRAIN_INSTANCE"):
        config.load({"MESOTRAIN_INSTANCE": str(tmp_path / "file" / "below")})


def test_this_machine_may_be_called_by_both_its_names(tmp_path: Path) -> None:
    app = create_app({"MESOTRAIN_INSTANCE": str(tmp_path)})
    for host, status in (("127.0.0.1:8000", 503), ("localhost:8000", 503), ("evil.example", 400)):
        assert app.test_client().get("/", headers={"Host": host}).status_code == status
    close(app)
