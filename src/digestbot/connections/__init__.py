"""Connections to the outside that keep to a deadline and go only where they may: for sources, visits, channels.

::

    web        requests: bounded, polite, conditional, each redirect checked anew
    wire       connections that keep to a deadline       reach    which addresses they may go to
    bodies     what comes back, unpacked within a bound  pace     how often a host is asked
"""
