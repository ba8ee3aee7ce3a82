"""An index as bytes and back: arrays behind a header, with a keyed checksum over both.

::

    magic · checksum · length of the header · header (JSON) · arrays, each at a multiple of 64

The checksum is keyed (BLAKE2b, RFC 7693) with a secret of the installation: a file that is torn, of another version or
written by somebody else is none. Arrays are taken as they lie, so that a file can be mapped into memory.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from digestbot.errors import QueryError
from digestbot.matching.base import Base, Members
from digestbot.matching.growing import Growing
from digestbot.matching.index import Index
from digestbot.matching.names import Names
from digestbot.matching.phrases import Tree
from digestbot.matching.sheets import Shape
from digestbot.queries import Leaf, format_query, parse_canonical
from digestbot.queries.nodes import And, Exact, Near, Not, Or, Phrase, Stems

Arrays = Mapping[str, NDArray[Any]]
_MAGIC: Final = b"digestbot index 1\n"
_CHECK, _LENGTH, _ALIGN = 32, 8, 64
_TYPES = frozenset(("<i4", "<u4", "<i8", "<u8", "|u1"))


class Snapshot(NamedTuple):
    """An index and what was noted with it."""

    restored: Index
    notes: dict[str, Any]


def dump(index: Index, notes: Mapping[str, Any], key: bytes) -> list[bytes | memoryview]:
    """Return the file of an index in pieces; `notes` are JSON data, `key` has at most 64 bytes."""
    arrays = {name: np.ascontiguousarray(array) for name, array in index_arrays(index).items()}
    listed, at = [], 0
    for name, array in arrays.items():
        listed.append([name, array.dtype.newbyteorder("<").str, list(array.shape), at])
        at += -(-array.nbytes // _ALIGN) * _ALIGN
    header = json.dumps({"arrays": listed, "notes": dict(notes), "papers": index.papers}).encode("ascii")
    header += b" " * (-(len(_MAGIC) + _CHECK + _LENGTH + len(header)) % _ALIGN)
    pieces: list[bytes | memoryview] = [len(header).to_bytes(_LENGTH, "little"), header]
    for array in arrays.values():
        pieces += [array.reshape(-1).view(np.uint8).data, b"\0" * (-array.nbytes % _ALIGN)]
    check = hashlib.blake2b(key=key, digest_size=_CHECK)
    for piece in pieces:
        check.update(piece)
    return [_MAGIC, check.digest(), *pieces]


def load(data: bytes | memoryview, key: bytes) -> Snapshot | None:
    """Return what `dump` wrote; None for anything else."""
    body = memoryview(data)
    start = len(_MAGIC) + _CHECK
    if bytes(body[: len(_MAGIC)]) != _MAGIC or len(body) < start + _LENGTH:
        return None
    if hashlib.blake2b(body[start:], key=key, digest_size=_CHECK).digest() != bytes(body[len(_MAGIC) : start]):
        return None
    length = int.from_bytes(body[start : start + _LENGTH], "little")
    first = start + _LENGTH + length
    try:
        header = json.loads(bytes(body[start + _LENGTH : first]))
        arrays = {name: _array(body[first:], *rest) for name, *rest in header["arrays"]}
        return Snapshot(_index(arrays, header["papers"]), header["notes"])
    except (ValueError, KeyError, TypeError, IndexError, QueryError):
        return None  # written by a version that knew other arrays or another language


def _array(body: memoryview, kind: str, shape: Sequence[int], at: int) -> NDArray[Any]:
    if kind not in _TYPES:
        raise ValueError(kind)
    size = int(np.prod(shape, dtype=np.int64))
    return np.frombuffer(body, np.dtype(kind), size, at).reshape(shape) if size else np.empty(shape, np.dtype(kind))


def index_arrays(index: Index) -> Arrays:
    """Return everything that an index is made of, its draft merged."""
    base, atoms = index.compact(), index.atoms
    vocabulary = atoms.vocabulary
    asked = sorted(vocabulary.asked)
    arrays: dict[str, NDArray[Any]] = {
        **_names("texts", base.texts),
        **_names("keys", base.keys),
        **_names("terms", Names.of([vocabulary.words[number] for number in asked])),
        "asked": base.members.asked,
        "multi": base.multi,
        "numbers": np.array(asked, np.int32),
        "starts": np.array([*vocabulary.starts.asked.values()], np.int32),
        "phrase starts": np.array([*vocabulary.starts_in_phrases.asked.values()], np.int32),
        "parts": np.flatnonzero(vocabulary.parts.asked.view).astype(np.int32),
        "counts": atoms.counts.view,
        "stages": atoms.stages.view,
        **_leaves("facts", atoms.facts.atoms),
        **_leaves("verified", {leaf: atom for atom, leaf in atoms.verified.items()}),
    }
    for name, tree in (("phrases", atoms.phrases), ("stem phrases", atoms.stem_phrases)):
        tree.settle()
        arrays[name] = tree.edges.filled()
    for name, rows in (("term", atoms.by_term), ("phrase", atoms.by_phrase), ("stems", atoms.by_stems)):
        arrays |= {f"by {name} {zone}": row.view for zone, row in rows.items()}
    return arrays | {
        f"sheet {one.shape.stage} {one.shape.wanted} {one.shape.unwanted}": one.columns for one in base.sheets
    }


def _names(name: str, names: Names) -> Arrays:
    return {f"{name} blob": names.blob, f"{name} ends": names.ends, f"{name} hashes": names.hashes}


def _leaves(name: str, atoms: Mapping[Leaf, int]) -> Arrays:
    texts = Names.of([format_query(leaf) for leaf in atoms])
    return {**_names(name, texts), f"{name} atoms": np.array([*atoms.values()], np.int32)}


def _index(arrays: Arrays, papers: int) -> Index:
    index = Index(papers=papers)
    _fill_vocabulary(index, arrays)
    atoms = index.atoms
    atoms.counts, atoms.stages = Growing(0, arrays["counts"]), Growing(0, arrays["stages"])
    for name, tree in (("phrases", atoms.phrases), ("stem phrases", atoms.stem_phrases)):
        tree.load(arrays[name])
        _mark_pairs(index, tree)
    for name, rows in (("by term ", atoms.by_term), ("by phrase ", atoms.by_phrase), ("by stems ", atoms.by_stems)):
        for key in arrays:
            if key.startswith(name):
                rows[key.removeprefix(name)] = Growing(-1, arrays[key])
    for leaf, atom in _read_leaves("facts", arrays):
        atoms.facts.file(leaf, atom)
    for leaf, atom in _read_leaves("verified", arrays):
        if isinstance(leaf, Phrase | Near | Exact | Stems):
            atoms.verify_with(leaf, atom)
    index.start(_base(arrays))
    return index


def _base(arrays: Arrays) -> Base:
    asked = arrays["asked"]
    sheets = {Shape(*map(int, key.split()[1:])): arrays[key] for key in arrays if key.startswith("sheet ")}
    members = Members(asked, np.ones(len(asked), bool))
    return Base(_read_names("texts", arrays), _read_names("keys", arrays), members, sheets, arrays["multi"])


def _fill_vocabulary(index: Index, arrays: Arrays) -> None:
    vocabulary = index.atoms.vocabulary
    texts, numbers = _read_names("terms", arrays), arrays["numbers"].tolist()
    vocabulary.load(zip(numbers, map(texts.text, range(len(texts))), strict=True))
    for derived, name in ((vocabulary.starts, "starts"), (vocabulary.starts_in_phrases, "phrase starts")):
        for number in arrays[name].tolist():
            derived.ask(vocabulary.words[number][:-1], number)
    parts = arrays["parts"].tolist()
    vocabulary.parts.ask([vocabulary.words[number] for number in parts], parts, side_by_side=False)


def _mark_pairs(index: Index, tree: Tree) -> None:
    """Say which words stand side by side in phrases, which follows from the edges."""
    keys, nodes = (column.astype(np.int64) for column in tree.edges.filled().T)
    terms = np.zeros(tree.size, np.int64)
    terms[nodes] = keys & 0xFFFFFFFF
    inner = np.flatnonzero(keys >> 32)
    index.atoms.vocabulary.parts.mark(terms[keys[inner] >> 32], keys[inner] & 0xFFFFFFFF)


def _read_names(name: str, arrays: Arrays) -> Names:
    return Names(arrays[f"{name} blob"], arrays[f"{name} ends"], arrays[f"{name} hashes"])


def _read_leaves(name: str, arrays: Arrays) -> list[tuple[Leaf, int]]:
    texts = _read_names(name, arrays)
    leaves = [parse_canonical(texts.text(number)) for number in range(len(texts))]
    atoms = arrays[f"{name} atoms"].tolist()
    return [(leaf, atom) for leaf, atom in zip(leaves, atoms, strict=True) if not isinstance(leaf, And | Or | Not)]
