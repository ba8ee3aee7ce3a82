"""A mail server in a process of its own that writes down each mail it has taken, before it says so.

``python server.py LOG [--die-at N] [--slow SECONDS]`` prints its port. Every command that came in and every reply that
went out is an event; at the event with the number N the process is killed.
"""

import argparse
import hashlib
import json
import os
import re
import signal
import socketserver
import sys
import threading
import time
from pathlib import Path
from typing import Any


class Server(socketserver.ThreadingTCPServer):
    """Takes everything."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 64

    def __init__(self, log: Path, die_at: int, slow: float, port: int) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.log, self.die_at, self.slow = log.open("a", encoding="utf-8", buffering=1), die_at, slow
        self.events = 0
        self.lock = threading.Lock()

    def tick(self) -> None:
        """Count an event; at the chosen one, die as under ``kill -9``."""
        with self.lock:
            self.events += 1
            if self.events == self.die_at:
                os.kill(os.getpid(), signal.SIGKILL)

    def write(self, **facts: Any) -> None:
        """Write a line into the log."""
        with self.lock:
            self.log.write(json.dumps({"t": time.time(), **facts}) + "\n")


class Handler(socketserver.StreamRequestHandler):
    """One connection."""

    server: Server

    def handle(self) -> None:
        self.rcpt = ""
        try:
            self.say("220 sink.example.org ESMTP")
            while line := self.rfile.readline(4096):
                self.server.tick()
                if not self.obey(line.decode("utf-8", "replace").rstrip("\r\n")):
                    return
        except OSError:
            return  # the other side died, as it is meant to

    def say(self, text: str) -> None:
        self.wfile.write(text.encode() + b"\r\n")
        self.server.tick()

    def obey(self, command: str) -> bool:
        """Answer a command; return whether the connection goes on."""
        verb = command[:4].upper()
        if verb == "EHLO":
            self.say("250-sink.example.org\r\n250-PIPELINING\r\n250-SMTPUTF8\r\n250 8BITMIME")
        elif verb == "DATA":
            self.say("354 go on")
            return self.take()
        elif verb == "QUIT":
            self.say("221 bye")
            return False
        else:
            if verb == "RCPT":
                self.rcpt = command[command.index("<") + 1 : command.rindex(">")]
            self.say("250 2.0.0 Ok")
        return True

    def take(self) -> bool:
        lines = []
        while (line := self.rfile.readline(1 << 20)) != b".\r\n":
            if not line:
                return False
            lines.append(line)
        self.server.tick()
        mail = b"".join(lines)
        found = re.search(rb"(?im)^message-id:\s*(\S+)", mail)
        name = found[1].decode() if found else ""
        time.sleep(self.server.slow)
        self.server.write(rcpt=self.rcpt, message_id=name, sha256=hashlib.sha256(mail).hexdigest())
        self.say("250 2.0.0 Ok: queued as 1")
        return True


def main() -> None:
    """Serve until the process is killed, or its parent is gone."""
    options = argparse.ArgumentParser()
    options.add_argument("log", type=Path)
    options.add_argument("--die-at", type=int, default=0)
    options.add_argument("--slow", type=float, default=0.0)
    options.add_argument("--port", type=int, default=0)
    given = options.parse_args()
    with Server(given.log, given.die_at, given.slow, given.port) as server:
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()


if __name__ == "__main__":
    main()
