"""A slug is a text made fit for a file name or an id: lower case ASCII letters, digits and single hyphens."""

import re
import unicodedata


def slug(text: str, longest: int = 60) -> str:
    """Return at most `longest` characters that are safe in any file name; empty when `text` has no Latin letter.

    It starts and ends with a letter or digit, so it is never hidden, never ``..``, never an option.
    """
    plain = unicodedata.normalize("NFKD", text[: 20 * longest]).encode("ascii", "ignore").decode("ascii").lower()
    words = re.sub("[^a-z0-9]+", "-", plain).strip("-")
    return words[:longest].rstrip("-")
