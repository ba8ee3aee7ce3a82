"""What a POST says, read within bounds: a form of one field, as browsers and mail providers send it (RFC 8058)."""

import asyncio
from email import message_from_bytes, policy
from itertools import islice
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

LARGEST: Final = 4096
"""Bytes of a body; the field that is asked for takes 26, and 200 with the wrapping of ``multipart/form-data``."""
PATIENCE: Final = 10.0
"""Seconds for the whole body."""
_FIELDS: Final = 10


async def read_form(request: Request, patience: float = PATIENCE) -> dict[str, str]:
    """Return the fields of a form. Raises HTTPException: 408 too slow, 413 too long, 400 no form."""
    try:
        async with asyncio.timeout(patience):
            body = await _read(request)
    except TimeoutError as error:
        raise HTTPException(408) from error
    except ClientDisconnect as error:
        raise HTTPException(400) from error
    try:
        return _fields(request.headers.get("content-type", ""), body)
    except (ValueError, LookupError) as error:  # more fields than a form of ours has; a charset that nobody knows
        raise HTTPException(400) from error


async def _read(request: Request) -> bytes:
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413, headers={"Connection": "close"})
    return body


def _fields(content_type: str, body: bytes) -> dict[str, str]:
    """Return what the body holds. Raises ValueError or LookupError."""
    if not content_type.lower().startswith("multipart/form-data"):
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_FIELDS))
    head = f"Content-Type: {content_type}\r\n\r\n".encode("latin-1", "replace")
    whole = message_from_bytes(head + body, policy=policy.compat32)
    found = {}
    for part in islice(whole.walk(), _FIELDS):
        name = part.get_param("name", header="content-disposition")
        value = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(value, bytes):
            found[name] = value.decode("utf-8", "replace").strip()
    return found
