"""Which records are one paper, under which ids, and what they say together.

::

    records ─keys→ bucket ─agreement→ groups ─merge→ papers

`ids` reads the ids that catalogues give, `keys` makes one for a paper without, `agreement` weighs two records,
`grouping` parts many of them the same way in any order, `merging` puts a group together.
"""

from digestbot.identity.agreement import same
from digestbot.identity.grouping import group
from digestbot.identity.ids import find_id
from digestbot.identity.keys import aliases, keys, paper_id, strong_ids, title_key, version_of
from digestbot.identity.merging import merge

__all__ = [
    "aliases",
    "find_id",
    "group",
    "keys",
    "merge",
    "paper_id",
    "same",
    "strong_ids",
    "title_key",
    "version_of",
]
