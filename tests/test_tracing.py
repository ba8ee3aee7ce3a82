"""Spans as a collector gets them: which there are, what they hold, and what they never hold."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from digestbot.cli import cli
from digestbot.tracing import exporting, wanted
from http_sink import Sink, http_sink

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
SETTINGS = """
[digestbot]
domain = "digests.example.org"
[smtp]
host = "127.0.0.1"
port = 1
security = "starttls"
sender = "Digests <digests@example.org>"
user = "ada"
password_file = "password"
[[source]]
name = "alerts of ada@example.org"
kind = "folder"
path = "alerts"
[[source]]
name = "one that is down"
kind = "feed"
url = "http://127.0.0.1:1/hooks/T0K3N"
"""
SUBSCRIPTION = """
[[subscription]]
name = "secret wish"
email = "ada@example.org"
query = "experts"
"""
DIGEST = '{"paper": {"title": "Union of Experts", "id": "arxiv:2503.00001"}}\n'


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    """Yield a collector that the variables name."""
    with http_sink() as sink:
        monkeypatch.setenv(ENDPOINT, sink.url)
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=T0K3N")
        yield sink


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of somebody with two sources and a mail server, of which all but one source are down."""
    texts = {
        "digestbot.toml": SETTINGS,
        "subscriptions/ada.toml": SUBSCRIPTION,
        "alerts/one.jsonl": DIGEST,
        "password": "hunter2",
    }
    for name, text in texts.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def spans_of(sink: Sink) -> dict[str, Span]:
    """Return the spans by name; those of a source by its name too."""
    found = {}
    for posted in sink.posted:
        assert posted.path == "/v1/traces"
        for resource in ExportTraceServiceRequest.FromString(posted.body).resource_spans:
            us = {item.key: item.value.string_value for item in resource.resource.attributes}
            assert us["service.name"] == "digestbot"
            for span in resource.scope_spans[0].spans:
                found[f"{span.name} {facts(span).get('source', '')}".strip()] = span
    return found


def facts(span: Span) -> dict[str, object]:
    values = ((item.key, item.value) for item in span.attributes)
    return {key.removeprefix("digestbot."): getattr(value, value.WhichOneof("value")) for key, value in values}


def test_a_round_is_a_tree_of_spans(home: Path, collector: Sink) -> None:
    done = CliRunner().invoke(cli, ["run", "--now", "2026-11-20T09:00"])

    spans = spans_of(collector)
    assert done.exit_code == 1, done.output
    fetched, down = "fetch alerts of a…@example.org", "fetch one that is down"
    assert spans.keys() == {"round", "ingest", fetched, down, "publish", "deliver"}
    assert {spans[name].parent_span_id for name in ("ingest", "publish", "deliver")} == {spans["round"].span_id}
    assert {spans[name].parent_span_id for name in (fetched, down)} == {spans["ingest"].span_id}
    assert len({span.trace_id for span in spans.values()}) == 1
    assert facts(spans["publish"]) == {"editions": 1, "empty": 0, "failed": False}
    assert facts(spans["ingest"]) == {"digests": 1, "papers": 1, "matches": 1, "failed": True}
    assert facts(spans[fetched]).items() >= {"kind": "folder", "verdict": "fresh", "news": 1}.items()
    assert facts(spans[down])["verdict"] == "blocked"
    assert facts(spans["deliver"])["put_off"] == 1
    failed = {name for name, span in spans.items() if span.status.code == Status.STATUS_CODE_ERROR}
    assert failed == {"round", "ingest", "deliver"}


def test_no_address_and_no_secret_leaves_us(home: Path, collector: Sink) -> None:
    CliRunner().invoke(cli, ["run", "--now", "2026-11-20T09:00"])

    sent = b"".join(posted.body for posted in collector.posted)
    assert b"fetch" in sent
    assert [word for word in (b"ada@", b"T0K3N", b"hunter2", b"secret wish", str(home).encode()) if word in sent] == []
    assert {posted.headers["authorization"] for posted in collector.posted} == {"T0K3N"}


def test_of_an_error_only_its_kind_is_told(collector: Sink) -> None:
    with pytest.raises(ValueError, match="ada"), exporting() as trace, trace("deliver"):
        raise ValueError("550 no such user ada@example.org")

    span = spans_of(collector)["deliver"]
    assert facts(span) == {"error.type": "ValueError", "failed": True}
    assert list(span.events) == []
    assert b"550" not in collector.posted[0].body


def test_a_service_can_be_called_otherwise(collector: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "papers of the group")
    with exporting() as trace, trace("publish"):
        pass

    assert b"papers of the group" in collector.posted[0].body


@pytest.mark.parametrize(
    ("environ", "is_wanted"),
    [
        ({}, False),
        ({ENDPOINT: ""}, False),
        ({ENDPOINT: "http://127.0.0.1:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://127.0.0.1:4318/v1/traces"}, True),
        ({ENDPOINT: "http://127.0.0.1:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({ENDPOINT: "http://127.0.0.1:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
    ],
)
def test_it_is_off_until_a_collector_is_named(environ: dict[str, str], is_wanted: bool) -> None:
    assert wanted(environ) is is_wanted


def test_a_collector_that_is_away_stops_nothing(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:1")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_TIMEOUT", "1")

    done = CliRunner().invoke(cli, ["publish", "--now", "2026-11-20T09:00"])

    assert done.exit_code == 0, done.output


def test_without_the_extra_it_is_said_and_work_goes_on(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ENDPOINT, "http://127.0.0.1:1")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)

    done = CliRunner().invoke(cli, ["publish", "--now", "2026-11-20T09:00"])

    assert done.exit_code == 0, done.output
    assert "pip install 'digestbot[tracing]'" in done.stderr


def test_nothing_of_it_is_loaded_for_those_who_do_not_trace(home: Path) -> None:
    script = """
import sys
from click.testing import CliRunner
from digestbot.cli import cli
for words in (["--help"], ["publish"]):
    assert CliRunner().invoke(cli, words).exit_code == 0
print([name for name in sys.modules if name.startswith(("opentelemetry", "google"))])
"""
    done = subprocess.run([sys.executable, "-c", script], env={}, capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
