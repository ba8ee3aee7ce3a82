"""The one way to ask over HTTP, shared by what fetches digests and by what visits links.

::

    web        requests: bounded, polite, conditional, each redirect checked anew
    wire       connections that keep to a deadline       reach    which addresses they may go to
    bodies     what comes back, unpacked within a bound  pace     how often a host is asked
"""
