"""A small IMAP server over TLS on the loopback, well behaved or not; a helper of the tests."""

import base64
import re
import socket
import socketserver
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

TLS = Path(__file__).parent / "data" / "tls"


def mail(number: int, sender: str = "alerts@scholar.example.org", text: str = "") -> bytes:
    lines = [f"From: {sender}", f"Subject: Alert {number}", "Content-Type: text/plain; charset=utf-8", "", text or "hi"]
    return "\r\n".join(lines).encode()


class ImapServer(socketserver.ThreadingTCPServer):
    """Holds one mailbox. `mood` names what it does wrong."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, mood: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.mood = mood
        self.mails: dict[int, bytes] = {}
        self.sizes: dict[int, int] = {}
        self.validity = 7
        self.password = "open sesame"
        self.mailbox = '"INBOX"'
        self.said: list[str] = []
        self.closing = threading.Event()
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(TLS / "localhost.pem")

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Talk(socketserver.BaseRequestHandler):
    server: ImapServer
    request: socket.socket

    def handle(self) -> None:
        with suppress(OSError):
            self.request.settimeout(20)
            self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.server.tls.wrap_socket(self.request, server_side=True) as line:
                self.line = line
                self._talk()

    def _talk(self) -> None:
        mood = self.server.mood
        if mood == "silent":
            self.server.closing.wait(20)
            return
        if mood == "drip":
            while not self.server.closing.wait(0.02):
                self.line.sendall(b"x")
            return
        if mood == "endless":
            while not self.server.closing.is_set():
                self.line.sendall(b"x" * 65536)
            return
        self.say("220 mail.example.org ESMTP" if mood == "smtp" else "* OK ready")
        with self.line.makefile("rb") as file:
            for raw in file:
                tag, _, command = raw.decode().strip().partition(" ")
                self.server.said.append(command)
                if not self._obey(tag, command, file.readline):
                    return

    def say(self, *lines: str) -> None:
        self.line.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def _obey(self, tag: str, command: str, readline: object) -> bool:
        server, verb = self.server, command.upper()
        if server.mood == "rude":
            self.say(f"{tag} BAD what?")
            return True
        if verb == "CAPABILITY":
            plain = "" if server.mood == "old" else " AUTH=PLAIN"
            self.say(f"* CAPABILITY IMAP4rev1{plain}", f"{tag} OK done")
        elif verb.startswith("AUTHENTICATE PLAIN") and server.mood == "authenticate":
            return False
        elif verb.startswith("AUTHENTICATE PLAIN"):
            self.say("+ ")
            given = base64.b64decode(readline()).decode().split("\0")  # type: ignore[operator]
            self._admit(tag, given[2])
        elif verb.startswith("LOGIN"):
            self._admit(tag, command.split(" ", 2)[2].strip('"'))
        elif verb.startswith("EXAMINE"):
            self._examine(tag, command.partition(" ")[2])
        elif verb.startswith("UID SEARCH"):
            self._search(tag, command)
        elif verb.startswith("UID FETCH"):
            self._fetch(tag, command)
        elif verb == "LOGOUT":
            self.say("* BYE", f"{tag} OK done")
            return False
        else:
            self.say(f"{tag} BAD what?")
        return server.mood == "" or server.mood not in verb.lower()

    def _admit(self, tag: str, password: str) -> None:
        right = password == self.server.password
        self.say(f"{tag} OK welcome" if right else f"{tag} NO [AUTHENTICATIONFAILED] wrong password")

    def _examine(self, tag: str, name: str) -> None:
        if name != self.server.mailbox:
            self.say(f"{tag} NO no such mailbox")
        elif self.server.mood != "examine":
            self.say(f"* {len(self.server.mails)} EXISTS", f"* OK [UIDVALIDITY {self.server.validity}] valid")
            self.say(f"{tag} OK [READ-ONLY] done")

    def _search(self, tag: str, command: str) -> None:
        if self.server.mood == "no-search":
            self.say(f"{tag} NO too busy")
            return
        first = re.search(r"UID (\d+):\*", command)
        uids = sorted(self.server.mails)
        found = [uid for uid in uids if uid >= int(first[1])] or uids[-1:] if first else uids
        senders = re.findall(r'FROM "([^"]*)"', command)
        wanted = [uid for uid in found if not senders or any(s.encode() in self.server.mails[uid] for s in senders)]
        self.say(f"* SEARCH {' '.join(map(str, wanted))}".rstrip(), f"{tag} OK done")

    def _fetch(self, tag: str, command: str) -> None:
        uids = [int(text) for text in command.split(" ")[2].split(",")]
        if "RFC822.SIZE" in command:
            sizes = {uid: self.server.sizes.get(uid, len(self.server.mails[uid])) for uid in uids}
            self.say(*(f"* {uid} FETCH (UID {uid} RFC822.SIZE {size})" for uid, size in sizes.items()))
        for uid in uids if "BODY" in command else ():
            data = self.server.mails.get(uid, b"")
            if data and self.server.mood != "gone":
                size = 10**11 if self.server.mood == "boast" else len(data)
                self.line.sendall(f"* {uid} FETCH (UID {uid} BODY[] {{{size}}}\r\n".encode() + data + b")\r\n")
        self.say(f"{tag} OK done")


@contextmanager
def imap_server(mood: str = "") -> Iterator[ImapServer]:
    """Run the server."""
    server = ImapServer(mood)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
