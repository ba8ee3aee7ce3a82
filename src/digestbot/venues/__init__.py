"""Where papers were accepted or published: read from comments, told from archives, and compared by name.

`statements` reads comments, `archives` knows what takes everything, `names` tells whether two names are one place.
"""

from digestbot.venues.archives import is_published_in, is_publishers_doi
from digestbot.venues.names import alike
from digestbot.venues.statements import Acceptance, acceptances

__all__ = ["Acceptance", "acceptances", "alike", "is_published_in", "is_publishers_doi"]
