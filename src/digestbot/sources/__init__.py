"""Where digests come from: folders, feeds, APIs, mailboxes. What is fetched is handed on as bytes and not read here.

This package itself is light; `digestbot.sources.kinds` holds the table of kinds and loads what they need.
"""
