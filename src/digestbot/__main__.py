"""``python -m digestbot`` is the same as ``digestbot``."""

from digestbot.cli import main

main()
