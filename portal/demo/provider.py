"""The provider of the demo: the certified oidc-provider in one file, where there is a Node to run it."""

import json
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

from portal.environment import ROOT

SCRIPT = ROOT / "tests" / "vendor" / "oidc-provider" / "provider.mjs"
CLIENT_ID = "portal"
_SECONDS = 15


@dataclass(frozen=True)
class RunningProvider:
    """A provider that answers; it ends with whoever started it."""

    address: str
    process: "subprocess.Popen[str]"

    def forward(self, seconds: int) -> None:
        """Put its clock forward."""
        assert self.process.stdin is not None  # noqa: S101 - both are pipes
        assert self.process.stdout is not None  # noqa: S101
        self.process.stdin.write(f"forward {seconds}\n")
        self.process.stdin.flush()
        self.process.stdout.readline()

    def stop(self) -> None:
        self.process.kill()
        self.process.communicate()


def find_node() -> str | None:
    """A Node on this machine: its own, or the one that comes with the browser tests."""
    if (own := shutil.which("node")) is not None:
        return own
    with suppress(ImportError):
        from playwright._impl._driver import compute_driver_executable

        return str(compute_driver_executable()[0])
    return None


def start(node: str, base_url: str, secret: str) -> RunningProvider | None:
    """Start it for a portal at that address; None where it does not answer."""
    client = {
        "client_id": CLIENT_ID,
        "client_secret": secret,
        "redirect_uris": [f"{base_url}/sign-in/answer"],
        "post_logout_redirect_uris": [f"{base_url}/sign-in"],
        "backchannel_logout_uri": f"{base_url}/sign-out/by-provider",
        "backchannel_logout_session_required": True,
    }
    process = subprocess.Popen(  # noqa: S603 - our own script
        [node, str(SCRIPT), json.dumps({"port": 0, "client": client})],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout  # noqa: S101 - it is a pipe
    with DefaultSelector() as waiting:
        waiting.register(process.stdout, EVENT_READ)
        address = process.stdout.readline().strip() if waiting.select(_SECONDS) else ""
    running = RunningProvider(address, process)
    if not address.startswith("http://127.0.0.1:"):
        running.stop()
        return None
    return running


def write_settings(running: RunningProvider, folder: Path, secret: str, *, name: str) -> Path:
    """The portal's settings for it, in a folder; gives the file for SIGN_IN."""
    kept, path = folder / "provider-secret", folder / "sign-in.toml"
    kept.touch(mode=0o600)
    kept.write_text(secret, "utf-8")
    told = {
        "name": name,
        "issuer": running.address,
        "client_id": CLIENT_ID,
        "secret_file": str(kept),
        "link_claim": "employee",
    }
    lines = ['contact = "help@example.org"', "[provider]"]
    lines += [f"{key} = {json.dumps(value)}" for key, value in told.items()]
    path.write_text("\n".join(lines), "utf-8")
    return path
