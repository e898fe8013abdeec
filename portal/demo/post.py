"""The demo's own mail server: takes every e-mail by SMTP and delivers none. Whom it went to reads it in the portal.

It listens on this machine only, and is no more of RFC 5321 than `mail.relay` speaks without encryption.
"""

import re
import threading
from collections.abc import Callable
from socketserver import StreamRequestHandler, ThreadingTCPServer

_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^>]+)>", re.IGNORECASE | re.MULTILINE)


class _Conversation(StreamRequestHandler):
    """One SMTP session."""

    timeout = 60.0
    server: "_PostServer"

    def handle(self) -> None:
        self._say("220 localhost")
        while line := self.rfile.readline(2048):
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self._say("221 bye")
            if verb == b"DATA":
                self._say("354 go on")
                message = b""
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    message += line
                if line and (found := _MESSAGE_ID.search(message)):
                    self.server.took(found[1].decode())
            self._say("250 ok")
        return None

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _PostServer(ThreadingTCPServer):
    daemon_threads = True
    took: Callable[[str], None]


def open_post(took: Callable[[str], None] = lambda _message_id: None) -> str:
    """The address of a mail server that runs in a thread of this process from now on; `took` hears of each e-mail."""
    server = _PostServer(("127.0.0.1", 0), _Conversation)
    server.took = took
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"smtp://127.0.0.1:{server.server_address[1]}"
