"""What the tests of readers share: a reading as text to compare, and files torn in every way."""

import json
from typing import Any

from hypothesis import strategies as st

from digestbot.models import Reading

_JUNK = (
    b"<",
    b">",
    b'"',
    b"'",
    b'<a href="',
    b"<!--",
    b"</td>",
    b"<table><tr><td>",
    b"<dl><dt>x<dd>",
    b"\\\\\n",
    b"arXiv:2503.00001\n",
    b"(",
    b"&",
    b"=\n",
    b"\n\n",
    b"From x y\nA: b\n",
    b'Content-Type: multipart/mixed; boundary="x"\n\n--x\n',
    b"\xff\xfe",
    b"\xe2\x80",
    b"{",
    b"]",
    b"\\ud800",
    b"<script>",
    b"%%--" * 10,
)


def facts(reading: Reading) -> str:
    """Return what a reading says as JSON, without what is empty; a fingerprint of a title is not spelt out."""
    papers = [{name: value for name, value in paper.as_dict().items() if value} for paper in reading.papers]
    for paper in papers:
        if paper["id"].startswith("title:"):
            paper["id"] = "title:…"
    rejects = [{"line": reject.line, "reason": reject.reason, "excerpt": reject.excerpt} for reject in reading.rejects]
    said: dict[str, Any] = {
        "dialect": reading.dialect,
        "date": None if reading.date is None else str(reading.date),
        "verdict": reading.verdict,
        "reason": reading.reason,
        "papers": papers,
        "rejects": rejects,
    }
    return json.dumps(said, ensure_ascii=False, indent=1) + "\n"


@st.composite
def torn(draw: st.DrawFn, whole: bytes) -> bytes:
    """Draw `whole` after up to three accidents: cut, a part lost, doubled or moved, bytes flipped, junk in it."""
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(whole)))
        end = draw(st.integers(start, min(len(whole), start + 1 + len(whole) // 4)))
        accident = draw(st.sampled_from(("cut", "lose", "double", "move", "flip", "junk", "lines")))
        if accident == "cut":
            whole = whole[:start] if draw(st.booleans()) else whole[start:]
        elif accident == "lose":
            whole = whole[:start] + whole[end:]
        elif accident == "double":
            whole = whole[:end] + whole[start:]
        elif accident == "move":
            whole = whole[:start] + whole[end:] + whole[start:end]
        elif accident == "flip":
            whole = _flipped(
                whole, draw(st.lists(st.tuples(st.integers(0, 1 << 30), st.integers(0, 255)), max_size=30))
            )
        elif accident == "junk":
            whole = whole[:start] + draw(st.sampled_from(_JUNK)) * draw(st.sampled_from((1, 2, 100))) + whole[start:]
        else:
            whole = b"\n".join(draw(st.permutations(whole.split(b"\n")[:300]))) + whole[start:]
    return whole


def _flipped(whole: bytes, places: list[tuple[int, int]]) -> bytes:
    data = bytearray(whole)
    for place, byte in places:
        if data:
            data[place % len(data)] = byte
    return bytes(data)
