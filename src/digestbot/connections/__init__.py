"""Connections to the outside that keep to a deadline and go only where they may; sources and channels share them."""
