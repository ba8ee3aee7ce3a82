"""The documentation names what there is, its links lead somewhere, and its examples print what they say."""

import doctest
import os
import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import click
import pytest

from digestbot.channels import CHANNELS
from digestbot.cli import COMMANDS, cli
from digestbot.config import KEYS, variable
from digestbot.models import Verdict
from digestbot.queries.fields import SPELLINGS
from digestbot.readers import READERS

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
PAGES = [README, ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
RUN = "<!-- run -->"


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def anchor(heading: str) -> str:
    """Return the fragment that a hosting site gives to a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")


def links(path: Path) -> Iterator[str]:
    text = re.sub(r"```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"\]\(([^)\s]+)\)", text)
    yield from re.findall(r"""(?:src|srcset|href)="([^"]+)\"""", text)


@pytest.mark.parametrize("path", PAGES, ids=page_id)
def test_links_lead_somewhere(path: Path) -> None:
    for link in links(path):
        if re.match(r"https?://|mailto:", link):
            continue
        name, _, fragment = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), link
        if fragment:
            headings = re.findall(r"^#+ (.+)$", target.read_text(encoding="utf-8"), flags=re.MULTILINE)
            assert fragment in map(anchor, headings), link


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached, waiting = set[Path](), [README]
    while waiting:
        page = waiting.pop()
        if page not in reached and page.suffix == ".md":
            reached.add(page)
            local = (link.partition("#")[0] for link in links(page) if "://" not in link)
            waiting += [(page.parent / link).resolve() for link in local if link]

    assert set(PAGES) <= reached


def test_every_file_a_page_names_in_code_exists() -> None:
    named = set(
        re.findall(r"`((?:scripts|deploy|docs|benchmarks|seeds|subscriptions|tests|templates)/[\w./-]*)`", TEXT)
    )

    made_by_init = {"subscriptions/first.toml"}
    assert named
    assert [name for name in sorted(named - made_by_init) if not (ROOT / name).exists()] == []


def test_every_verb_has_a_row_in_the_readme() -> None:
    rows = re.findall(r"^\| `digestbot ([a-z]+)", README.read_text(encoding="utf-8"), flags=re.MULTILINE)

    assert set(rows) == set(COMMANDS)


def test_every_dialect_and_channel_is_named() -> None:
    assert [reader.DIALECT for reader in READERS if f"`{reader.DIALECT}`" not in TEXT] == []
    assert [name for name in CHANNELS if f"| `{name}` |" not in TEXT] == []


def test_every_field_of_a_query_is_named_however_it_is_written() -> None:
    page = (ROOT / "docs" / "queries.md").read_text(encoding="utf-8")
    later = {"like"}

    assert [name for name, field in SPELLINGS.items() if field not in later and f"`{name}:" not in page] == []


def test_every_dependency_says_what_it_is_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    wanted = [
        *project["project"]["dependencies"],
        *(item for extra in project["project"]["optional-dependencies"].values() for item in extra),
        *groups["build"],
        *(item for item in groups["dev"] if isinstance(item, str)),
    ]
    needed, _ = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").split("## Weighed and left out")
    rows = re.findall(r"^\| ([a-z][\w-]+) \| [A-Z]", needed, flags=re.MULTILINE)

    assert sorted(rows) == sorted(re.split(r"[^\w-]", item)[0] for item in wanted)


def shell_lines() -> Iterator[str]:
    for block in re.findall(r"^```(?:console|sh|shell|bash)\n(.*?)^```", TEXT, flags=re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            yield re.sub(r"\s+# .*", "", line.removeprefix("$ "))


def calls() -> list[str]:
    """Return every call of the command in the documentation, from ``digestbot`` on."""
    in_line = re.findall(r"`((?:\S*/)?digestbot [^`\n]+)`", TEXT)
    found = [line for line in (*shell_lines(), *in_line) if re.match(r"(\S*/)?digestbot ", line)]
    return sorted({re.sub(r"^\S*digestbot ", "", line) for line in found})


def known_options(command: click.Command) -> set[str]:
    return {"--help", "-h"}.union(*(set(item.opts) | set(item.secondary_opts) for item in command.params))


@pytest.mark.parametrize("call", calls())
def test_calls_use_verbs_and_options_that_exist(call: str) -> None:
    call = re.sub(r"\s*(?:>|\||&&|<|2>).*", "", call) if "'" not in call else call
    words = shlex.split(call, comments=True)
    context = click.Context(cli)
    command: click.Command = cli
    for word in words:
        if word.startswith("-") and word != "-":  # which is standard input
            assert word.partition("=")[0] in known_options(command), call
        elif isinstance(command, click.Group):
            found = command.get_command(context, word)
            if found is None:
                assert word.isupper() or "/" in word or "." in word or "|" in word, call  # a value or a place-holder
            else:
                command = found


def test_every_verdict_is_explained() -> None:
    assert [name for name in get_args(Verdict) if f"`{name}`" not in TEXT] == []


def examples() -> list[tuple[str, str]]:
    """Return the marked examples as page and block."""
    pattern = re.compile(rf"^{RUN}\n```console\n(.*?)^```", flags=re.DOTALL | re.MULTILINE)
    return [
        (f"{page_id(path)}-{number}", block)
        for path in PAGES
        for number, block in enumerate(pattern.findall(path.read_text(encoding="utf-8")), 1)
    ]


@pytest.mark.parametrize("block", [block for _, block in examples()], ids=[name for name, _ in examples()])
def test_examples_print_what_they_say(block: str, tmp_path: Path) -> None:
    for folder in ("seeds", "subscriptions"):
        (tmp_path / folder).symlink_to(ROOT / folder)
    environment = {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
        "HOME": str(tmp_path),
    }
    for command, expected in re.findall(r"^\$ (.+)\n((?:(?!\$ ).*\n)*)", block, flags=re.MULTILINE):
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
        assert doctest.OutputChecker().check_output(expected, done.stdout, flags), done.stdout


def test_there_are_examples_and_no_mark_is_lost() -> None:
    assert len(examples()) == len(re.findall(rf"^{RUN}$", TEXT, flags=re.MULTILINE)) > 3


def test_every_setting_has_a_row() -> None:
    rows = re.findall(r"^\| `(\w+)\.(\w+)` \| `(\w+)`", (ROOT / "docs" / "configuration.md").read_text(), re.MULTILINE)

    assert [(section, key, variable(section, key)) for section, key in KEYS] == rows
