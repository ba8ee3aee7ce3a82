"""What a word is, for papers and queries alike.

::

    as printed ─decode→ readable Unicode ─split→ surfaces ─fold→ words

Every step keeps the way back: a word knows which characters of the text *as printed* it stands for.
"""

from digestbot.text.acronyms import Definition, definitions
from digestbot.text.folding import fold_word, plain_word, stem_word
from digestbot.text.readable import Decoded, decode, to_unicode
from digestbot.text.spellings import other_spellings
from digestbot.text.words import Token, Words, clean_text, fold, is_glue, is_spaceless, split, split_clean, tokens

__all__ = [
    "Decoded",
    "Definition",
    "Token",
    "Words",
    "clean_text",
    "decode",
    "definitions",
    "fold",
    "fold_word",
    "is_glue",
    "is_spaceless",
    "other_spellings",
    "plain_word",
    "split",
    "split_clean",
    "stem_word",
    "to_unicode",
    "tokens",
]
