"""The first minutes: see the whole job on sample digests, then make it yours."""

import tempfile
import webbrowser
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from digestbot.cli.context import SOME_FAILED, Clock, clean, now_option

if TYPE_CHECKING:
    from digestbot.pipeline import Round
    from digestbot.subscriptions import Declared

_FORMS: Final = (".eml", ".html", ".md", ".xml", ".json")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What the demo left for one subscription."""

    name: str
    subject: str
    folder: Path

    @property
    def page(self) -> Path:
        return self.folder / "edition.html"


@click.command("demo")
@click.option("--out", "out", default="out", show_default=True, type=click.Path(path_type=Path), help="Where to write.")
@click.option("--open", "in_browser", is_flag=True, help="Show the first edition in the browser.")
@now_option
@click.pass_context
def demo_command(ctx: click.Context, out: Path, in_browser: bool, clock: Clock) -> None:
    """Do the whole job on sample digests, into ./out: mails, pages and feeds. Needs no set-up."""
    from digestbot.resources import sample_seeds, sample_subscriptions  # noqa: PLC0415 (kept out of --help)
    from digestbot.subscriptions import load_folder  # noqa: PLC0415

    declared = load_folder(sample_subscriptions())
    digests = sorted(path for path in sample_seeds().iterdir() if path.is_file() and not path.name.startswith("."))
    for item in declared.subscriptions:
        _clear(out / item.id)
    rounds = [_round(channel, declared, digests, out, clock) for channel in ("folder", "feed")]
    shown = _shown(declared, rounds[0], out)
    click.echo(_account(rounds[0], shown, len(digests)))
    if in_browser and shown:
        webbrowser.open(shown[0].page.resolve().as_uri())
    ctx.exit(SOME_FAILED if any(one.failed for one in rounds) else 0)


def _clear(folder: Path) -> None:
    """Remove what an earlier demo left, and nothing else."""
    if folder.is_dir():
        for path in folder.iterdir():
            if path.suffix in _FORMS and path.is_file():
                path.unlink()


def _round(channel: str, declared: "Declared", digests: list[Path], out: Path, clock: Clock) -> "Round":
    """Run the three steps on a ledger of their own, every subscription by the same channel."""
    from digestbot.channels.feed import FeedChannel  # noqa: PLC0415 (kept out of --help)
    from digestbot.channels.folder import FolderChannel  # noqa: PLC0415
    from digestbot.ledger import Ledger  # noqa: PLC0415
    from digestbot.pipeline import Press, digest_of, run, subscribe  # noqa: PLC0415
    from digestbot.rendering import Renderer  # noqa: PLC0415

    here = [replace(item, channel=channel, address=item.id) for item in declared.subscriptions]
    press = Press(Renderer(), "digestbot <digests@example.org>", "https://digests.example.org")
    with tempfile.TemporaryDirectory(prefix="digestbot-") as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.db'}"
        with Ledger.open(url, owner=True, domain="example.org") as ledger:
            subscribe(ledger, here, clock(), macros=declared.macros)
            to_out = FeedChannel(out) if channel == "feed" else FolderChannel(out)
            return run(ledger, map(digest_of, digests), press, lambda _: to_out, clock)


def _shown(declared: "Declared", done: "Round", out: Path) -> list[_Shown]:
    """Give each edition's files plain names, and return them, the fullest edition first."""
    names = {item.id: item.name for item in declared.subscriptions}
    issues = sorted(done.published.issues, key=lambda issue: -issue.papers)
    shown = [_Shown(names[issue.subscription], issue.subject, out / issue.subscription) for issue in issues]
    for item in shown:
        for path in item.folder.glob("*-*"):
            path.replace(item.folder / f"edition{path.suffix}")
    return shown


def _account(done: "Round", shown: list[_Shown], digests: int) -> str:
    """Return what happened and what to look at, for a terminal."""
    papers = sum(item.new for item in done.ingested.digests)
    lines = [f"Read {digests} sample digests: {papers} different papers. Made {len(shown)} editions:", ""]
    for item in shown:
        lines += [f"  {clean(item.subject)}", f"    {item.page}"]
    if shown:
        lines += ["", "Beside it: mail (.eml), Markdown (.md), feeds (rss.xml, atom.xml, feed.json)."]
    lines += [f"  {clean(trouble.subscription)}: {trouble.reason}" for trouble in done.published.troubles]
    return "\n".join([*lines, "Look:  open a page in your browser, or  digestbot demo --open", "Next:  digestbot init"])


@click.command("init")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
def init_command(folder: Path) -> None:
    """Write a commented digestbot.toml and a first subscription. Files that exist are left alone."""
    samples = files("digestbot.config")
    wanted = {
        folder / "digestbot.toml": samples.joinpath("sample.toml").read_bytes(),
        folder / "subscriptions" / "first.toml": samples.joinpath("first-subscription.toml").read_bytes(),
    }
    try:
        (folder / "digests").mkdir(parents=True, exist_ok=True)
        for path, content in wanted.items():
            _write_new(path, content)
    except OSError as error:
        raise click.UsageError(f"{error.filename} cannot be written: {error.strerror}") from error
    click.echo(
        "Next:  put a digest into digests/, change the query in subscriptions/first.toml, then\n"
        "       digestbot preview 'Sparse experts'   shows what you would get,\n"
        "       digestbot run                        sends it."
    )


def _write_new(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        click.echo(f"{path} is there already and stays as it is")
    else:
        click.echo(f"wrote {path}")
