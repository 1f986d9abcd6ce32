"""The guide to a real server: its files are there, its settings are known, its commands are ours."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click import Command, Context, Group

from mesotrain import config
from mesotrain.cli import commands
from mesotrain.config import ROOT, SETTINGS
from tests.world import KEY

DEPLOY = ROOT / "mesotrain" / "deploy"
README = (ROOT / "README.md").read_text()
GUIDE = README[README.index("## A real server") : README.index("## The map")]


def settings(*names: str) -> dict[str, str]:
    """What systemd reads from these files; a shell must read the same."""
    lines = [line for name in names for line in (DEPLOY / name).read_text().splitlines() if not line.startswith("#")]
    return dict("".join(shlex.split(line)).split("=", 1) for line in lines)


def told(text: str) -> list[list[str]]:
    """The words of every `mesotrain` command in a text."""
    lines = re.findall(r"(?:as-mesotrain |\.venv/bin/|`)(mesotrain(?: [^\n`&;]+)?)", text)
    return [re.split(r" (?:#|&&)", line)[0].split()[1:] for line in lines]


def parses(words: list[str]) -> None:
    """Raises what Click does for a command that there is not, or not so."""
    command: Command = commands
    while isinstance(command, Group):
        name, *words = words
        found = command.get_command(Context(command), name)
        assert found, f"{name} is no command"
        command = found
    command.make_context(command.name, list(words), resilient_parsing=True)


def test_every_file_is_named_and_every_name_is_a_file() -> None:
    named = set(re.findall(r"mesotrain/deploy/([\w.-]+\w)", GUIDE))
    assert named == {path.name for path in DEPLOY.iterdir()}
    places = [(DEPLOY / name).read_text().split("\n")[0] for name in named - {"as-mesotrain"}]
    assert [one for one in places if not re.match(r"# /etc/", one)] == []


def test_every_command_is_one_of_ours() -> None:
    texts = [GUIDE, *(path.read_text() for path in DEPLOY.iterdir())]
    said = [words for text in texts for words in told(text) if words]
    assert {words[0] for words in said} >= {"serve", "backup", "verify", "restore", "doctor", "mail", "sync", "init"}
    for words in said:
        parses(words)
    with pytest.raises(AssertionError, match="no command"):
        parses(["repair"])


def test_the_settings_are_taken() -> None:
    said = settings("environment", "owner")
    assert set(said) <= {f"MESOTRAIN_{one.name}" for one in SETTINGS}
    values = config.load({**said, "MESOTRAIN_SECRET_KEYS": KEY})
    assert values["TRUSTED_PROXIES"] == 1
    assert values["MAIL_FROM"] == "Training <training@example.org>"
    assert "OWNER" not in "".join(settings("environment")), "the service does not see the owner's"


def test_a_shell_reads_the_settings_as_systemd_does() -> None:
    subprocess.run(["sh", "-n", DEPLOY / "as-mesotrain"], check=True)
    for name in ("environment", "owner"):
        script = f"set -a; . {DEPLOY / name}; env -0"
        done = subprocess.run(["sh", "-euc", script], env={}, capture_output=True, text=True, check=True)
        found = dict(one.split("=", 1) for one in done.stdout.split("\0") if one.startswith("MESOTRAIN_"))
        assert found == settings(name)


def test_the_proxy_says_what_is_believed_and_takes_what_is_taken() -> None:
    said = (DEPLOY / "nginx.conf").read_text()
    most = re.search(r"client_max_body_size (\d+)m;", said)
    assert most
    assert int(most[1]) * 1024 > config.load({"MESOTRAIN_SECRET_KEYS": KEY})["BODY_KILOBYTES"], "we say it in words"
    for name in ("For", "Proto", "Host", "Port"):
        assert re.search(rf"proxy_set_header X-Forwarded-{name} \$(?!proxy_add)", said), name
    port = re.search(r"serve --port (\d+)", (DEPLOY / "mesotrain.service").read_text())
    assert port
    assert f"proxy_pass http://127.0.0.1:{port[1]};" in said


def test_the_units_are_sound(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not installed (Debian: systemd): the units are not verified")
    units = []
    for path in DEPLOY.glob("mesotrain*.*"):
        unit = tmp_path / path.name
        unit.write_text(path.read_text().replace("/opt/mesotrain/.venv/bin", str(Path(sys.executable).parent)))
        units.append(unit)
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(units) == 3


def test_the_proxy_is_sound(tmp_path: Path) -> None:
    if not (nginx := shutil.which("nginx", path="/usr/sbin:/usr/bin")):
        pytest.skip("nginx is not installed (Debian: nginx-light): its settings are not verified")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", "privkey.pem"]
    subprocess.run(["openssl", *made, "-out", "fullchain.pem"], cwd=tmp_path, check=True, capture_output=True)
    site = (DEPLOY / "nginx.conf").read_text().replace("/etc/letsencrypt/live/training.example.org", str(tmp_path))
    (tmp_path / "site").write_text(site.replace("listen 80", "listen 127.0.0.1:15080").replace("[::]:", "[::1]:15"))
    (tmp_path / "nginx").write_text(
        f"pid {tmp_path}/pid; error_log {tmp_path}/log; events {{}} http {{ access_log off; include {tmp_path}/site; }}"
    )
    done = subprocess.run([nginx, "-t", "-c", tmp_path / "nginx"], capture_output=True, text=True, check=False)
    assert "syntax is ok" in done.stderr, done.stderr
