"""Who wants what, as people write it: a folder of TOML files, all of whose mistakes are told at once.

::

    *.toml ─parse→ tables ─check each→ Subscription   the good ones
                                     ├ macros         the named queries of all files
                                     └ Fault          what to mend: file, line, column, caret
"""

from digestbot.subscriptions.folder import Declared, load_folder

__all__ = ["Declared", "load_folder"]
