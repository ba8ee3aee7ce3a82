"""The collector of cycles looks rarely: hardly anything here is a cycle, and each look walks over all that is kept."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

_RARELY: Final = 20_000
"""Objects more than there were, and the collector looks at the youngest."""


def collect_rarely() -> None:
    """Let the collector leave alone what is there, and look seldom for more, to the end of the process."""
    gc.freeze()
    gc.set_threshold(_RARELY, *gc.get_threshold()[1:])


@contextmanager
def collecting_rarely() -> Iterator[None]:
    """Do as `collect_rarely`, for as long as steps are done."""
    before = gc.get_threshold()
    collect_rarely()
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()
