"""What is wrong with a query, where, and which texts were probably meant."""


class SpotError(Exception):
    """A query cannot be read. `repairs` are whole texts, likeliest first; none of them has been tried."""

    def __init__(self, message: str, column: int, *repairs: str) -> None:
        super().__init__(message)
        self.message, self.column, self.repairs = message, column, repairs


def edited(text: str, start: int, end: int, new: str) -> str:
    """Return `text` with ``start:end`` replaced, and no blanks doubled by that."""
    before, after = text[:start], text[end:]
    if not new:
        after = after.lstrip() if not before or before[-1:].isspace() or before[-1:] == "(" else after
    return (before + new + after).strip()
