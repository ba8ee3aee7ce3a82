"""What stands behind the links of a paper, asked of the hosts themselves.

::

    link ─targets→ Target ─hosts→ questions ─asking→ what was said ─→ Visit        pure but for `asking`
    promise ─promises→ where code may have come ─visited→ Link

Nothing here remembers: what a host said the last time is an argument and comes back renewed. Whoever asks decides which
links are visited, when, and how many requests that may cost.
"""

from digestbot.enrichment.asking import Api, Asking, Bounds, LimitedError, SpentError
from digestbot.enrichment.promises import arrival
from digestbot.enrichment.targets import Target, target_of
from digestbot.enrichment.visiting import look

__all__ = ["Api", "Asking", "Bounds", "LimitedError", "SpentError", "Target", "arrival", "look", "target_of"]
