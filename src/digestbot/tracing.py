"""Spans for OpenTelemetry: what the steps did and how long it took. Nothing is loaded until somebody wants them.

A span holds counts, verdicts and names of sources. No address or secret gets into one: texts are masked, and of an
error only its kind is told, since its message may quote a mail server.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING

from digestbot import __version__
from digestbot.addresses import masked

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

Note = Callable[..., None]
"""Adds facts to a span by name: ``note(papers=3)``; ``failed=True`` marks it as one to be looked at."""
Trace = Callable[..., AbstractContextManager[Note]]
"""Opens a span: ``with trace("fetch", source="arxiv") as note``. A span opened in another one is its child."""


@contextmanager
def untraced(_name: str, **_facts: str | int) -> Iterator[Note]:
    """Open a span that nobody sees."""
    yield lambda **_facts: None


def wanted(environ: Mapping[str, str]) -> bool:
    """Return whether a collector is named, in the variables of the OpenTelemetry specification."""
    named = environ.get("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") or environ.get("OTEL_EXPORTER_OTLP_ENDPOINT")
    off = environ.get("OTEL_SDK_DISABLED", "").lower() == "true" or environ.get("OTEL_TRACES_EXPORTER") == "none"
    return bool(named) and not off


def exporting() -> AbstractContextManager[Trace]:
    """Return what opens spans while it lasts; they go to the collector in the background, the last ones at the end.

    Where it is, with which headers and certificates, the exporter reads from its own variables. Raises
    ModuleNotFoundError without the extra.
    """
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415 (an extra)
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

    us = Resource.create({"service.name": "digestbot", "service.version": __version__})
    provider = TracerProvider(resource=us.merge(OTELResourceDetector().detect()), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return _lasting(provider)


@contextmanager
def _lasting(provider: "TracerProvider") -> Iterator[Trace]:
    try:
        yield partial(_span, provider.get_tracer("digestbot", __version__))
    finally:
        provider.shutdown()


@contextmanager
def _span(tracer: "Tracer", name: str, **facts: str | int) -> Iterator[Note]:
    from opentelemetry.trace import StatusCode  # noqa: PLC0415 (an extra)

    with tracer.start_as_current_span(name, record_exception=False, set_status_on_exception=False) as span:

        def note(**facts: str | int) -> None:
            for key, value in facts.items():
                span.set_attribute(f"digestbot.{key}", masked(value) if isinstance(value, str) else value)
            if facts.get("failed"):
                span.set_status(StatusCode.ERROR)

        note(**facts)
        try:
            yield note
        except Exception as error:
            span.set_attribute("error.type", type(error).__qualname__)
            note(failed=True)
            raise
