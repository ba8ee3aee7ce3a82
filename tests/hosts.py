"""The hosts of code, models and deposits as one server on the loopback, with the shapes of their real answers.

Paths begin with the host: ``/github/repos/lab/alive``, ``/gitlab/projects/…``, ``/hub/api/models/…``.
"""

import base64
import json
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
TITLE = "Union of Experts: Routing in Parts"
OFFICIAL = f"# {TITLE}\n\nThe code of our paper, arXiv:2503.02495.\nWeights: https://huggingface.co/lab/experts\n"
OTHER = "# A toolbox\n\nUsed by many papers.\n"
COMING = f"# {TITLE}\n\nCode will be released soon. Stay tuned!\n"


def before(days: int) -> str:
    return (NOW - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Says:
    """An answer."""

    status: int = 200
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str = ""
    hangs: bool = False

    @property
    def data(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


class Hosts(ThreadingHTTPServer):
    """Answers by the path with what `answers` holds; everything else is not there."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers: dict[str, Says] = {}
        self.asked: list[tuple[str, str]] = []
        """Paths, each with the answer's status."""
        self.heads: list[dict[str, str]] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def dial(self, _: tuple[str, int], timeout: float) -> socket.socket:
        """Connect to this server, whatever the address."""
        return socket.create_connection(("127.0.0.1", int(self.server_address[1])), timeout)

    def github(
        self,
        name: str = "lab/alive",
        *,
        readme: str | None = OFFICIAL,
        branch: str = "",
        release: str = "",
        etag: str = "",
        **changes: Any,
    ) -> None:
        """Put a repository there."""
        self.answers[f"/github/repos/{name}"] = Says(body=repository(name, **changes), etag=etag)
        if readme is not None:
            place = f"/github/repos/{name}/readme" + (f"?ref={branch}" if branch else "")
            content = base64.encodebytes(readme.encode()).decode()
            self.answers[place] = Says(body={"name": "README.md", "encoding": "base64", "content": content}, etag=etag)
        if release:
            self.answers[f"/github/repos/{name}/releases/latest"] = Says(body={"tag_name": release, "name": "First"})


class _Handler(BaseHTTPRequestHandler):
    server: Hosts

    def do_GET(self) -> None:
        says = self.server.answers.get(self.path, Says(404, {"message": "Not Found"}))
        if says.hangs:
            self.server.closing.wait(10)
            return
        known = bool(says.etag) and self.headers.get("If-None-Match") == says.etag
        status = 304 if known else says.status
        self.server.asked.append((self.path, str(status)))
        self.server.heads.append(dict(self.headers))
        self.send_response(status)
        for name, value in {**says.headers, **({"ETag": says.etag} if says.etag else {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if not known:
            self.wfile.write(says.data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 (the base class's name)
        pass


@contextmanager
def hosts() -> Iterator[Hosts]:
    """Run the server."""
    with Hosts() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()


def repository(name: str, **changes: Any) -> dict[str, Any]:
    """Return a repository as api.github.com describes one, the part that matters and some that does not."""
    owner, _, short = name.partition("/")
    return {
        "id": 1296269,
        "node_id": "MDEwOlJlcG9zaXRvcnkxMjk2MjY5",
        "name": short,
        "full_name": name,
        "private": False,
        "owner": {"login": owner, "id": 1, "type": "Organization"},
        "html_url": f"https://github.com/{name}",
        "fork": False,
        "created_at": "2025-03-01T10:00:00Z",
        "updated_at": before(1),
        "pushed_at": before(3),
        "size": 420,
        "stargazers_count": 1234,
        "watchers_count": 1234,
        "language": "Python",
        "archived": False,
        "disabled": False,
        "license": {
            "key": "mit",
            "name": "MIT License",
            "spdx_id": "MIT",
            "url": "https://api.github.com/licenses/mit",
        },
        "default_branch": "main",
        **changes,
    }


def project(name: str, **changes: Any) -> dict[str, Any]:
    """Return a project as GitLab describes one."""
    return {
        "id": 4711,
        "path_with_namespace": name,
        "web_url": f"https://gitlab.com/{name}",
        "default_branch": "trunk",
        "readme_url": f"https://gitlab.com/{name}/-/blob/trunk/docs/README.md",
        "star_count": 640,
        "last_activity_at": before(40),
        "archived": False,
        "empty_repo": False,
        "license": {"key": "gpl-3.0", "name": "GNU GPLv3", "nickname": "GNU GPLv3"},
        **changes,
    }


def model(name: str, *files: str, **changes: Any) -> dict[str, Any]:
    """Return a model as the hub describes one."""
    return {
        "_id": "621ffdc036468d709f17434d",
        "id": name,
        "modelId": name,
        "sha": "607a30d783dfa663caf39e06633721c8d4cfcd7e",
        "lastModified": before(400),
        "private": False,
        "disabled": False,
        "gated": False,
        "downloads": 99,
        "likes": 31,
        "tags": ["transformers", "safetensors", "arxiv:2503.02495", "license:apache-2.0"],
        "cardData": {"license": "apache-2.0"},
        "siblings": [{"rfilename": file} for file in (".gitattributes", "README.md", *files)],
        **changes,
    }


def deposit(**changes: Any) -> dict[str, Any]:
    """Return a record as Zenodo describes one."""
    return {
        "id": 7,
        "doi": "10.5281/zenodo.7",
        "created": before(90),
        "modified": before(70),
        "metadata": {
            "title": f"Data of {TITLE}",
            "access_right": "open",
            "license": {"id": "cc-by-4.0"},
            "resource_type": {"title": "Dataset", "type": "dataset"},
            "version": "2.0",
            "description": "<p>Routing traces.</p>",
        },
        "files": [{"key": "traces.tar.gz", "size": 12}],
        **changes,
    }
