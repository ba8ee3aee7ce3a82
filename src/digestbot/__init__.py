"""digestbot turns the flood of new research papers into the few that a person asked for."""

__version__ = "0.1.0"
