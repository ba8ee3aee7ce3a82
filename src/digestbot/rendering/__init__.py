"""Editions and feeds into what people read: mail, pages, Markdown, feeds."""

from digestbot.rendering.renderer import NOWHERE, Addresses, Renderer

__all__ = ["NOWHERE", "Addresses", "Renderer"]
