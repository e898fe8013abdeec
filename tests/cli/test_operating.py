"""docs/operate.md followed to the letter, and the ready files beside it judged by the programs that will read them."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest

from portal.cli import main

ROOT = Path(__file__).parents[2]
FILES = ROOT / "docs" / "operate"
PAGE = (ROOT / "docs" / "operate.md").read_text("utf-8")
SECTION = PAGE[PAGE.index("## From a bare machine") : PAGE.index("## The settings")]
LINES = [
    line
    for block in re.findall(r"^```\n(.*?)^```$", SECTION, re.MULTILINE | re.DOTALL)
    for line in block.splitlines()
]
OF_THE_MACHINE = ("apt-get ", "useradd ", "python3 -m venv ", "systemctl ", "nginx -t ")
"""What is asked of a whole machine or of the network; here the environment of the tests is what has been installed."""


def test_the_page_leads_from_a_bare_machine_to_a_portal(tmp_path: Path) -> None:
    root, done = tmp_path / "machine", []
    for folder in (
        "opt",
        "etc/nginx/sites-available",
        "etc/nginx/sites-enabled",
        "etc/systemd/system",
        "usr/local/bin",
    ):
        (root / folder).mkdir(parents=True)
    (root / "opt" / "portal").symlink_to(ROOT)
    (root / "usr/local/bin/runuser").write_text('#!/bin/sh\nshift 3\nexec "$@"\n', "utf-8")
    (root / "usr/local/bin/runuser").chmod(0o755)
    for line in LINES:
        if line.startswith(OF_THE_MACHINE):
            continue
        line = re.sub(r" (-o|-g) portal\b", "", line)
        line = re.sub(r"/opt/portal/\.venv/bin/portal", str(Path(sys.executable).with_name("portal")), line)
        done.append(re.sub(r"(?<![\w.])/(opt|etc|var|usr)/", rf"{root}/\1/", line))
        if "docs/operate/portal.env" in line:  # "Now edit": a folder is this machine's
            env = root / "etc/portal/portal.env"
            done.append(
                f"sed -i 's#=\\(sqlite:///\\)*/\\(etc\\|var\\)/#=\\1{root}/\\2/#; s/example.org/test/' {env}"
            )
    told = {"PATH": f"{root}/usr/local/bin:{os.environ['PATH']}", "HOME": str(tmp_path)}
    script = subprocess.run(
        ["sh", "-eu"], input="umask 022\n" + "\n".join(done), text=True, capture_output=True, cwd=tmp_path, env=told,
        check=False,
    )  # fmt: skip
    assert script.returncode == 0, script.stderr
    assert script.stderr == ""
    assert "Code for karin: " in script.stdout
    bad = [line for line in script.stdout.splitlines() if line.startswith("BAD")]
    assert all(re.search("backups: none|seat .*nobody holds|SMTP_URL is not set", line) for line in bad), bad
    data = root / "var/lib/portal"
    assert {each.stat().st_mode & 0o077 for each in (data, *data.iterdir())} == {0}
    assert "server_name courses.test;" in (root / "etc/nginx/sites-enabled/portal").read_text("utf-8")
    assert len(list((root / "etc/systemd/system").iterdir())) == 5


@pytest.mark.parametrize(
    "path", [*FILES.glob("*.service"), FILES / "compose.yaml", FILES / "Containerfile"], ids=str
)
def test_every_command_in_the_files_is_one_of_the_portal(path: Path) -> None:
    text = path.read_text("utf-8")
    units = re.findall(r"^ExecStart=/opt/portal/\.venv/bin/portal (.*)$", text, re.MULTILINE)
    lists = [" ".join(re.findall(r'"(.*?)"', each)) for each in re.findall(r'\["portal", (.*?)\]', text)]
    assert units or lists
    for words in (each.split() for each in (*units, *lists)):
        command = main.commands[words[0]]
        with click.Context(command) as context:
            command.parse_args(context, words[1:])


def test_the_site_and_the_units_are_taken_by_nginx_and_systemd(tmp_path: Path) -> None:
    """As far as they are installed: nginx wants a certificate, and systemd the programs that units name."""
    if shutil.which("nginx") and shutil.which("openssl"):
        key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
        subject = ["-subj", "/CN=courses.example.org", "-keyout", str(key), "-out", str(certificate)]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject],
            check=True,
            capture_output=True,
        )
        site = (FILES / "nginx.conf").read_text("utf-8")
        site = site.replace("/etc/ssl/portal/fullchain.pem", str(certificate)).replace(
            "/etc/ssl/portal/privkey.pem", str(key)
        )
        (tmp_path / "site").write_text(site, "utf-8")
        whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {tmp_path}/site; }}"
        (tmp_path / "nginx.conf").write_text(whole, "utf-8")
        asked = ["nginx", "-t", "-c", str(tmp_path / "nginx.conf")]
        judged = subprocess.run(asked, capture_output=True, text=True, check=False)
        assert judged.returncode == 0, judged.stderr
    if shutil.which("systemd-analyze"):
        for unit in (path for path in FILES.iterdir() if path.suffix in (".service", ".socket", ".timer")):
            text = unit.read_text("utf-8").replace("/opt/portal/.venv/bin/portal", "/bin/true")
            (tmp_path / unit.name).write_text(text, "utf-8")
        units = [str(path) for path in tmp_path.iterdir() if path.suffix in (".service", ".socket", ".timer")]
        judged = subprocess.run(
            ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False
        )
        ours = [line for line in judged.stderr.splitlines() if str(tmp_path) in line]
        assert ours == [], ours


@pytest.mark.parametrize("path", sorted((FILES / "pages").iterdir()), ids=lambda path: path.name)
def test_the_pages_of_the_proxy_speak_three_languages_and_load_nothing(path: Path) -> None:
    page = path.read_text("utf-8")
    assert re.findall(r'<section lang="(..)">', page) == ["sv", "nb", "en"]
    assert not re.search(r"src=|href=|<style|style=|<script", page)
