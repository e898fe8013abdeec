"""The demo's own mail server: takes every e-mail by SMTP and delivers none. Whom it went to reads it in the portal.

It listens on this machine only, and is no more of RFC 5321 than `mail.relay` speaks without encryption.
"""

import threading
from socketserver import StreamRequestHandler, ThreadingTCPServer


class _Conversation(StreamRequestHandler):
    """One SMTP session."""

    timeout = 60.0

    def handle(self) -> None:
        self._say("220 localhost")
        while line := self.rfile.readline(2048):
            verb = line[:4].upper()
            if verb == b"QUIT":
                return self._say("221 bye")
            if verb == b"DATA":
                self._say("354 go on")
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    pass
            self._say("250 ok")
        return None

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _PostServer(ThreadingTCPServer):
    daemon_threads = True


def open_post() -> str:
    """The address of a mail server that runs in a thread of this process from now on."""
    server = _PostServer(("127.0.0.1", 0), _Conversation)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"smtp://127.0.0.1:{server.server_address[1]}"
