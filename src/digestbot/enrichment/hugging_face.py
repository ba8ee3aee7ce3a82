"""The Hugging Face hub: models, data sets and spaces with their cards. A missing one is answered with 401 there."""

from typing import Any, Final
from urllib.parse import quote

from digestbot.enrichment import readmes
from digestbot.enrichment.asking import Asking, Said, number, record, text
from digestbot.enrichment.forges import moment
from digestbot.enrichment.targets import Target
from digestbot.errors import FetchError
from digestbot.visits import Visit, VisitState

_WEIGHTS: Final = (".safetensors", ".bin", ".gguf", ".pt", ".pth", ".ckpt", ".onnx", ".h5", ".msgpack", ".npz")
_BARE: Final = frozenset({".gitattributes", ".gitignore", "README.md", "LICENSE"})


def visit(target: Target, asking: Asking) -> Visit:
    """Return what is found at a repository of the hub. Raises FetchError, LimitedError, SpentError."""
    api = asking.apis["huggingface"]
    asked = f"{target.owner}/{target.name}"
    try:
        said = asking.said(f"{api.url}/api/{target.shelf}/{quote(asked)}", _repository, api.headers)
    except FetchError as error:
        if error.status != 401:
            raise
        raise FetchError("401: not there, or private", "blocked", status=404) from error
    prefix = "" if target.shelf == "models" else f"{target.shelf}/"
    card = f"{api.url}/{prefix}{quote(said['full'] or asked)}/raw/{quote(target.branch or 'main', safe='')}/README.md"
    readme = asking.maybe(card, _readme, api.headers)
    moved = said["full"] and said["full"].casefold() != asked.casefold()
    return Visit(
        target.url,
        _state(said, readme),
        moved_to=f"https://huggingface.co/{prefix}{said['full']}" if moved else "",
        licence=said["licence"],
        likes=said["likes"],
        pushed=moment(said["pushed"]),
        weights=(target.url,) if said["weights"] else tuple(readme.get("weights", ())),
        datasets=(target.url,) if target.shelf == "datasets" else tuple(readme.get("datasets", ())),
        readme=f"{readme.get('words', '')} {said['papers']}".strip(),
    )


def _state(said: Said, readme: Said) -> VisitState:
    if said["disabled"]:
        return "blocked"
    if said["files"]:
        return "alive"
    return "coming" if readme.get("coming") else "empty"


def _repository(data: bytes) -> Said:
    found = record(data)
    tags = [tag for tag in _items(found, "tags") if isinstance(tag, str)]
    files = [text(file, "rfilename") for file in _items(found, "siblings")]
    licence = next((tag[len("license:") :] for tag in tags if tag.startswith("license:")), "")
    papers = [tag[len("arxiv:") :].replace(".", " ") for tag in tags if tag.startswith("arxiv:")]
    return {
        "full": text(found, "id"),
        "licence": text(found, "cardData", "license") or licence[:100],
        "likes": number(found, "likes"),
        "pushed": text(found, "lastModified"),
        "disabled": found.get("disabled") is True,
        "files": sum(name not in _BARE for name in files),
        "weights": any(name.endswith(_WEIGHTS) for name in files),
        "papers": " ".join(papers)[:500],
    }


def _items(found: Any, name: str) -> list[Any]:
    items = found.get(name)
    return items if isinstance(items, list) else []


def _readme(data: bytes) -> Said:
    return readmes.read(data.decode("utf-8", "replace"))
