"""Editions and feeds into what people read: mail, pages, Markdown, feeds."""

from digestbot.rendering.renderer import Renderer

__all__ = ["Renderer"]
