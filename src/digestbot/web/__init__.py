"""The web application: unsubscribe links, feeds, and whether all is well. Needs the extra ``web``."""

from digestbot.web.app import create_app

__all__ = ["create_app"]
