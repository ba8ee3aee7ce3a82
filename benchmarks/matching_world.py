"""A world to match in: papers whose words come in topics and by Zipf's law, and queries of the mix that people write.

Everything is made up from syllables and seeded, so that each run sees the same. About 220 words a paper; three in ten
abstracts hold TeX. Seven in ten conjunctions are words that occur together in some paper.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import accumulate
from random import Random

from digestbot.models import Paper
from digestbot.text import split

_SMALL = (
    "the of and a to in we for that is with on this by as are our from an be which can it not has these using "
    "propose show results method model models data learning based approach state-of-the-art"
)
SMALL = tuple(_SMALL.split())
_CODES = "cs.LG cs.CV cs.CL cs.AI stat.ML cs.RO cs.CR cs.SE cs.IR eess.IV math.OC quant-ph q-bio.QM hep-ph"
CATEGORIES = tuple(_CODES.split())
HEADS = tuple(a + b for a in ("b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "st", "tr", "pl") for b in "aeiou")
TAILS = ("n", "r", "l", "m", "x", "t", "ng", "nd", "st", "ck", "ph", "rn")
_ENDINGS = "ation ing ed er or al ic ive ment ness able ally ous ism ist"
ENDINGS = tuple(_ENDINGS.split())
MATH = ("$O(n \\log n)$", "6--10$\\times$", "$\\alpha$-divergence", "H$_2$O", "{BERT}", "R\\'enyi", "3\\%", "A~theorem")


class Zipf:
    def __init__(self, items: Sequence[str], exponent: float, random: Random) -> None:
        self._items, self._random = items, random
        self._sums = list(accumulate(1 / (rank + 8) ** exponent for rank in range(len(items))))

    def __call__(self) -> str:
        return self._items[bisect(self._sums, self._random.random() * self._sums[-1])]


class World:
    def __init__(self, seed: int = 1, words: int = 60_000, topics: int = 600) -> None:
        self.random = random = Random(seed)
        self.words = list(dict.fromkeys(self._word() for _ in range(words)))
        self.family = list(
            dict.fromkeys(f"{random.choice(HEADS)}{random.choice(HEADS)}{random.choice(TAILS)}" for _ in range(4000))
        )
        any_word = Zipf(self.words, 1.05, random)
        self._topics = [self._topic(any_word) for _ in range(topics)]
        self._any, self._families = any_word, Zipf(self.family, 0.7, random)

    def _word(self) -> str:
        random = self.random
        stem = "".join(random.choice(HEADS) for _ in range(random.choice((1, 2, 2, 3)))) + random.choice(TAILS)
        return stem + (random.choice(ENDINGS) if random.random() < 0.6 else "")

    def _topic(self, any_word: Zipf) -> tuple[Zipf, list[str]]:
        words = [any_word() for _ in range(60)]
        phrases = [" ".join(self.random.choices(words, k=self.random.choice((2, 2, 3)))) for _ in range(25)]
        return Zipf(words, 0.8, self.random), phrases

    def papers(self, count: int) -> Iterator[Paper]:
        random = self.random
        for number in range(count):
            topics = random.sample(self._topics, 3)
            title = " ".join(self._pieces(topics, 7)).title()
            sentences = [" ".join(self._pieces(topics, random.randrange(14, 30))).capitalize() for _ in range(9)]
            if random.random() < 0.3:
                sentences[random.randrange(9)] += f" {random.choice(MATH)} {random.choice(MATH)}"
            names = tuple(
                f"{self._families().title()}i {self._families().title()}" for _ in range(random.randrange(1, 6))
            )
            categories = tuple(dict.fromkeys(random.choices(CATEGORIES, range(len(CATEGORIES), 0, -1), k=2)))
            yield Paper(title, f"x:{number}", abstract=". ".join(sentences) + ".", authors=names, categories=categories)

    def _pieces(self, topics: Sequence[tuple[Zipf, list[str]]], count: int) -> Iterator[str]:
        random = self.random
        for _ in range(count):
            dice, (words, phrases) = random.random(), topics[int(3 * random.random() ** 2)]
            yield (
                random.choice(SMALL)
                if dice < 0.42
                else words()
                if dice < 0.7
                else random.choice(phrases)
                if dice < 0.78
                else f"{words()}-{words()}"
                if dice < 0.79
                else f"{words()},"
                if dice < 0.82
                else self._any()
            )


class Asker:
    """Writes queries, in canonical form, about papers that it has seen."""

    def __init__(self, papers: Sequence[Paper], seed: int = 2) -> None:
        self.random = Random(seed)
        self._small = set(split(" ".join(SMALL)).words)
        self._rows = [split(f"{paper.title}. {paper.abstract}").words for paper in papers]
        self._titles = [split(paper.title).words for paper in papers]
        self._names = [name.split()[-1].lower() for paper in papers for name in paper.authors]
        counts = Counter(word for row in self._rows for word in dict.fromkeys(row) if self._is_content(word))
        rare = [word for word, count in counts.most_common() if count <= len(papers) * 0.02]
        self._rare, self._any = (
            Zipf(rare, 0.7, self.random),
            Zipf([word for word, _ in counts.most_common()], 0.9, self.random),
        )

    def _is_content(self, word: str) -> bool:
        return word.isascii() and word.isalpha() and len(word) > 2 and word not in self._small

    def _together(self, count: int) -> list[str]:
        row = [word for word in self.random.choice(self._rows) if self._is_content(word)]
        if self.random.random() < 0.7 and len(row) > 20:
            return list(dict.fromkeys(self.random.choices(row, k=count)))
        return list(dict.fromkeys(self._any() for _ in range(count)))

    def _phrase(self, length: int) -> str:
        for _ in range(50):
            row = self.random.choice(self._rows)
            at = self.random.randrange(len(row) - length)
            words = row[at : at + length]
            if (
                self._is_content(words[0])
                and self._is_content(words[-1])
                and all(word.isascii() and word.isalpha() for word in words)
            ):
                return f'"{" ".join(words)}"'
        return self._rare()

    def _leaf(self) -> str:
        dice = self.random.random()
        return self._phrase(2) if dice < 0.55 else self._phrase(3) if dice < 0.75 else self._rare()

    def query(self) -> str:
        random = self.random
        kind = random.choices(range(13), (10, 24, 12, 4, 11, 4, 9, 7, 4, 4, 2, 4, 5))[0]
        if kind == 0:
            return self._rare()
        if kind < 4:
            return " ".join(self._together(kind + 1))
        if kind < 6:
            return self._phrase(kind - 2)
        if kind == 6:
            return " OR ".join(dict.fromkeys(self._leaf() for _ in range(random.choice((2, 2, 3, 4)))))
        if kind == 7:
            return f"{' '.join(self._together(2))} -{self._any()}"
        if kind == 8:
            return f"{self._any()[: random.choice((3, 4, 5))]}* {self._any()}"
        if kind == 9:
            words = [word for word in random.choice(self._titles) if self._is_content(word)] or [self._rare()]
            return f"title:{random.choice(words)}"
        if kind == 10:
            return f"author:{random.choice(self._names)}"
        if kind == 11:
            return f"category:{random.choice(CATEGORIES)} {self._leaf()}"
        return f"{self._phrase(2)} {self._any()}"
