"""The links of a paper: found in its text, repaired, classified; and promises of code without one.

::

    text ─spots→ address as printed ─mending→ address to click ─hosts, evidence→ Link ─keys→ each place once

`promises` reads the words where no address is.
"""

from digestbot.links.finding import find_links, is_code_link, merge_links
from digestbot.links.hosts import kind_of
from digestbot.links.keys import link_key
from digestbot.links.promises import promises_code

__all__ = ["find_links", "is_code_link", "kind_of", "link_key", "merge_links", "promises_code"]
