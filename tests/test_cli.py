"""The command line as a person and a program use it: what is printed, and the exit code."""

import json
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from digestbot.cli import COMMANDS, cli
from digestbot.cli.trying import chart

ROOT = Path(__file__).resolve().parents[1]
SEEDS = sorted(str(path) for path in (ROOT / "seeds").iterdir())
NOW = "2026-11-20T09:00:00+00:00"
LATER = "2026-11-20T10:00:00+00:00"  # the clock goes on from a time that was given


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, without settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DIGESTBOT_CONFIG", raising=False)
    return tmp_path


def run(*words: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(cli, words, input=stdin)


def lines(result: Result) -> list[Any]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def started(folder: Path) -> Path:
    """Make a folder as ``init`` leaves it, with a digest to read."""
    assert run("init").exit_code == 0
    (folder / "digests" / "a.txt").write_bytes(Path(SEEDS[0]).read_bytes())
    return folder


def test_help_names_every_verb() -> None:
    result = run("--help")

    assert result.exit_code == 0
    assert [verb for verb in COMMANDS if verb not in result.stdout] == []


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_verb_has_help(verb: str) -> None:
    assert run(verb, "--help").exit_code == 0


def test_an_unknown_verb_cannot_start() -> None:
    assert run("reed").exit_code == 2


def test_the_module_runs() -> None:
    done = subprocess.run([sys.executable, "-m", "digestbot", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout.startswith("digestbot, version ")


def test_read_prints_papers_and_then_the_digest() -> None:
    result = run("read", "--json", *SEEDS)

    digests = [line["digest"] for line in lines(result) if "digest" in line]
    papers = [line["paper"] for line in lines(result) if "paper" in line]
    assert result.exit_code == 0
    assert [digest["source"] for digest in digests] == SEEDS
    assert sum(digest["papers"] for digest in digests) == len(papers) > 30
    assert "digest" in lines(result)[-1]


def test_what_read_prints_is_a_digest(folder: Path) -> None:
    first = run("read", "--json", SEEDS[0])
    (folder / "again.jsonl").write_text(first.stdout)

    second = run("read", "--json", "again.jsonl")

    assert lines(second)[:-1] == lines(first)[:-1]
    assert lines(second)[-1]["digest"]["dialect"] == "json-lines"


def test_read_tells_what_changed_since_a_former_reading(folder: Path) -> None:
    former = run("read", "--json", SEEDS[0]).stdout.splitlines()
    changed = json.loads(former[1])
    changed["paper"]["upvotes"] = 7
    (folder / "former.jsonl").write_text("\n".join([json.dumps(changed), *former[2:], ""]))
    own = '{"paper": {"title": "Gone", "id": "title:1"}}\n'
    (folder / "more.jsonl").write_text((folder / "former.jsonl").read_text() + own)

    result = run("read", SEEDS[0], "--diff", "more.jsonl")

    assert result.exit_code == 0
    assert [line[0] for line in result.stdout.splitlines()] == ["+", "~", "-"]
    assert "(upvotes)" in result.stdout
    listed = [line["difference"]["change"] for line in lines(run("read", "--json", SEEDS[0], "--diff", "more.jsonl"))]
    assert listed == ["added", "changed", "removed"]
    assert run("read", SEEDS[0], "--diff", SEEDS[0]).stdout == ""
    assert run("read", SEEDS[0], "--diff", "missing.jsonl").exit_code == 2


def test_read_shows_a_table() -> None:
    result = run("read", SEEDS[0])

    assert result.exit_code == 0
    assert "title" in result.stdout
    assert result.stdout.splitlines()[-1].startswith(f"{SEEDS[0]}: ")


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read() -> None:
    result = run("read", "--json", "missing.txt", SEEDS[0])

    assert result.exit_code == 1
    assert lines(result)[0]["digest"]["verdict"] == "unreadable"
    assert lines(result)[-1]["digest"]["verdict"] == "fresh"
    assert "missing.txt" in run("read", "missing.txt").stdout


def test_a_rejected_entry_is_listed_with_its_line(folder: Path) -> None:
    (folder / "own.jsonl").write_text('{"paper": {"title": "A title", "id": "title:1"}}\n{"paper": {"no": "title"}}\n')

    result = run("read", "own.jsonl")

    assert result.exit_code == 1
    assert "rejected own.jsonl:2" in result.stdout
    assert lines(run("read", "--json", "own.jsonl"))[1]["reject"]["line"] == 2


def test_titles_cannot_command_the_terminal(folder: Path) -> None:
    data = {"paper": {"title": "A \x1b[31mred\x07 title", "id": "title:1", "authors": ["\x9b2J"]}}
    (folder / "own.jsonl").write_text(json.dumps(data) + "\n")

    for result in (run("read", "own.jsonl"), run("match", "title", "own.jsonl")):
        assert not set(result.stdout) & set("\x1b\x07\x9b")


def test_match_shows_hits() -> None:
    result = run("match", "--json", "quantiz*", *SEEDS)

    found = lines(result)
    assert result.exit_code == 0
    assert len(found) > 3
    for paper in found:
        assert paper["hits"]
        assert set(paper["hits"][0]) >= {"field", "start", "end", "text", "clause"}
    assert f"{len(found)} of " in result.stderr
    assert "uantiz" in run("match", "quantiz*", *SEEDS).stdout


def test_match_shows_links_and_authors_too() -> None:
    result = run("match", 'has:code author:"Tianlong Chen"', *SEEDS)

    assert "authors: " in result.stdout
    assert "links: " in result.stdout


def test_a_match_counts_a_paper_once_over_all_files() -> None:
    once = lines(run("match", "--json", "model", *SEEDS))

    assert lines(run("match", "--json", "model", *SEEDS, *SEEDS)) == once


def test_match_goes_on_after_a_file_that_is_not_there() -> None:
    result = run("match", "--json", "model", "missing.txt", SEEDS[0])

    assert result.exit_code == 1
    assert lines(result)


def test_a_bad_query_is_pointed_at_before_anything_is_read() -> None:
    result = run("match", '"mixture of experts AND sparse', "missing.txt")

    assert result.exit_code == 2
    assert '"mixture of experts AND sparse\n^ ' in result.stderr


def test_query_prints_the_canonical_form_and_warnings() -> None:
    assert run("query", "a AND (b)").stdout == "a b\n"
    warned = run("query", "cats and dogs")
    assert warned.exit_code == 0
    assert "     ^ " in warned.stderr
    data = lines(run("query", "--json", "cats and dogs"))[0]
    assert data["warnings"][0]["column"] == 5


def test_query_points_at_a_fault() -> None:
    assert run("query", "(a").exit_code == 2
    data = lines(run("query", "--json", "(a"))[0]
    assert data["error"]["column"] == 0
    assert data["error"]["repair"]


def test_explain_says_why_and_why_not() -> None:
    title = "Merge, Then Compress"

    assert "does not match" in run("explain", "surfing", title, "--in", SEEDS[3]).stdout
    assert "does not match" not in run("explain", "=SMoE", title, "--in", SEEDS[3]).stdout


def test_explain_asks_for_more_of_a_title() -> None:
    assert run("explain", "a", "no such title at all", "--in", SEEDS[0]).exit_code == 2
    several = run("explain", "a", "for", "--in", SEEDS[0])
    assert several.exit_code == 2
    assert "say more of the title" in several.stderr


def test_explain_looks_among_stored_papers_by_id(folder: Path) -> None:
    started(folder)
    run("ingest")
    paper = lines(run("read", "--json", SEEDS[0]))[0]["paper"]

    result = run("explain", "surfing", paper["id"])

    assert result.exit_code == 0
    assert "does not match" in result.stdout


def test_tldr_reads_json_lines() -> None:
    paper = json.dumps({"title": "Routing", "abstract": "Mixtures grow. In this paper, we propose to route in parts."})

    result = run("tldr", "--json", stdin=f"{paper}\n\n")

    assert result.exit_code == 0
    assert lines(result) == [{"summary": "We propose to route in parts."}]
    assert run("tldr", stdin=paper).stdout == "We propose to route in parts.\n"


@pytest.mark.parametrize("line", ["no json", "[1]", '{"title": 1}', "[" * 100_000])
def test_tldr_names_the_line_it_cannot_use(line: str) -> None:
    result = run("tldr", "--json", stdin=f"{line}\n")

    assert result.exit_code == 1
    assert "line 1" in result.stderr
    assert lines(result) == [{"summary": ""}]


def test_demo_leaves_every_form_of_every_edition(folder: Path) -> None:
    result = run("demo", "--now", NOW)

    assert result.exit_code == 0, result.output
    made = sorted(path for path in (folder / "out").iterdir())
    assert len(made) > 3
    names = {"edition.eml", "edition.html", "edition.md", "rss.xml", "atom.xml", "feed.json"}
    assert all({path.name for path in item.iterdir()} == names for item in made)


def test_demo_removes_its_own_files_only(folder: Path) -> None:
    run("demo", "--now", NOW)
    place = next((folder / "out").iterdir())
    (place / "notes.odt").write_text("mine")
    (place / "old.html").write_text("an earlier demo's")

    assert run("demo", "--now", NOW).exit_code == 0
    assert (place / "notes.odt").exists()
    assert not (place / "old.html").exists()


def test_demo_opens_the_browser_when_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)

    run("demo", "--open")

    assert len(opened) == 1
    assert opened[0].startswith("file://")


def test_init_leaves_what_is_there(folder: Path) -> None:
    (folder / "digestbot.toml").write_text("[digestbot]\n")

    result = run("init")

    assert result.exit_code == 0
    assert "stays as it is" in result.stdout
    assert (folder / "digestbot.toml").read_text() == "[digestbot]\n"
    assert (folder / "subscriptions" / "first.toml").exists()


def test_init_says_what_is_in_the_way(folder: Path) -> None:
    (folder / "subscriptions").write_text("a file")

    assert run("init").exit_code == 2


def test_the_first_minutes_end_with_an_edition(folder: Path) -> None:
    started(folder)

    assert run("run", "--now", NOW).exit_code == 0
    assert len(list((folder / "out" / "editions").rglob("*.html"))) == 1


def test_run_says_what_it_did_and_a_second_run_does_nothing(folder: Path) -> None:
    started(folder)

    first, second = run("run", "--json", "--now", NOW), run("run", "--json", "--now", NOW)

    assert lines(first)[-1]["round"] | {"digests": 1, "editions": 1, "sent": 1} == lines(first)[-1]["round"]
    assert not any(lines(second)[-1]["round"].values())


def test_run_prints_lines_for_a_person(folder: Path) -> None:
    started(folder)

    result = run("run", "--now", NOW)

    assert "digests/a.txt: fresh" in result.stdout
    assert "sent" in result.stdout.splitlines()[-1]
    assert run("run", "--now", NOW).stdout.splitlines()[-1].startswith("0 digests, 0 papers")


def test_a_dry_run_changes_nothing(folder: Path) -> None:
    started(folder)

    for _ in range(2):
        assert lines(run("run", "--dry-run", "--json", "--now", NOW))[-1]["round"]["editions"] == 1
    assert not (folder / "out").exists()
    run("ingest")
    assert lines(run("publish", "--dry-run", "--json", "--now", NOW))[-1]["published"]["papers"] > 0
    assert lines(run("publish", "--json", "--now", NOW))[-1]["published"]["papers"] > 0


def test_a_dry_run_needs_a_ledger_that_can_be_copied(folder: Path) -> None:
    started(folder)
    (folder / "digestbot.toml").write_text('[digestbot]\nledger = "postgresql://localhost/x"\n')

    result = run("run", "--dry-run")

    assert result.exit_code == 2
    assert "SQLite" in result.stderr


def test_the_three_steps_work_alone(folder: Path) -> None:
    started(folder)

    assert run("ingest", "--now", NOW).exit_code == 0
    assert run("ingest", SEEDS[1], "--now", NOW).exit_code == 0
    assert run("publish", "--now", NOW).exit_code == 0
    delivered = run("deliver", "--now", LATER)
    assert delivered.exit_code == 0
    assert "sent" in delivered.stdout


def test_ingest_names_a_file_that_is_not_there(folder: Path) -> None:
    started(folder)

    result = run("ingest", "missing.txt")

    assert result.exit_code == 1
    assert "missing.txt: unreadable" in result.stdout


def test_now_must_be_a_time() -> None:
    assert run("run", "--now", "tomorrow").exit_code == 2
    assert run("demo", "--now", "2026-11-20 09:00").exit_code == 0


def test_without_a_folder_of_subscriptions_a_run_cannot_start() -> None:
    result = run("run")

    assert result.exit_code == 2
    assert "subscriptions" in result.stderr


def test_a_fault_in_a_subscription_is_told_and_the_others_are_served(folder: Path) -> None:
    started(folder)
    (folder / "subscriptions" / "bad.toml").write_text('[[subscription]]\nname = "x"\nchannel = "feed"\nquery = "(a"\n')

    result = run("run", "--now", NOW)

    assert result.exit_code == 1
    assert "bad.toml:4:" in result.stderr
    assert list((folder / "out" / "editions").rglob("*.html"))


def test_a_bad_configuration_cannot_start(folder: Path) -> None:
    (folder / "digestbot.toml").write_text("[smtp]\nprot = 1\n")

    result = run("status")

    assert result.exit_code == 2
    assert "digestbot.toml:2:" in result.stderr


def test_the_configuration_is_found_by_option_or_variable(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started(folder)
    (folder / "digestbot.toml").rename(folder / "other.toml")

    assert run("--config", "other.toml", "run", "--now", NOW).exit_code == 0
    monkeypatch.setenv("DIGESTBOT_CONFIG", "missing.toml")
    assert run("status").exit_code == 2


def test_mail_without_a_server_waits_and_says_so(folder: Path) -> None:
    started(folder)
    text = (folder / "subscriptions" / "first.toml").read_text()
    (folder / "subscriptions" / "first.toml").write_text(
        text.replace('channel = "folder"', 'email = "you@example.org"')
    )

    result = run("run", "--now", NOW)

    assert result.exit_code == 1
    assert "smtp" in result.output
    assert run("status").exit_code in {0, 1}


@pytest.mark.parametrize("form", ["html", "md", "text", "rss", "atom", "json"])
def test_preview_shows_every_form_and_uses_nothing_up(folder: Path, form: str) -> None:
    started(folder)
    run("ingest", "--now", NOW)

    result = run("preview", "Sparse experts", "--format", form, "--now", NOW)

    assert result.exit_code == 0
    assert "xperts" in result.stdout
    assert lines(run("publish", "--json", "--now", NOW))[-1]["published"]["papers"] > 0


def test_preview_opens_the_browser(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    started(folder)

    assert run("preview", "Sparse experts", "--open").exit_code == 0
    assert opened[0].endswith(".html")


def test_preview_lists_the_names_there_are(folder: Path) -> None:
    started(folder)

    result = run("preview", "Sparse expert")

    assert result.exit_code == 2
    assert "Sparse experts" in result.stderr


def test_status_shows_what_there_is(folder: Path) -> None:
    started(folder)
    before = run("status", "--now", NOW)
    run("run", "--now", NOW)
    after = lines(run("status", "--json", "--now", NOW))[0]

    assert "outbox: empty" in before.stdout
    assert after["papers"] > 5
    assert after["outbox"] == {"sent": 1}
    assert after["subscriptions"][0]["next_due"] == "2026-11-21T08:00:00+00:00"
    assert after["digests"][0]["verdict"] == "fresh"
    assert "fresh" in run("status", "--now", NOW).stdout


def test_backtest_counts_by_day_and_lists_what_matched(folder: Path) -> None:
    started(folder)
    run("ingest", "--now", NOW)

    facts, *found = lines(run("backtest", "--json", "--now", NOW, "model OR network OR expert"))

    assert facts["days"] == {"2026-11-20": facts["matched"]}
    assert 0 < facts["matched"] <= facts["papers"]
    assert len(found) == facts["matched"]
    assert all(match["hits"] and match["first_seen"].startswith("2026-11-20") for match in found)
    shown = run("backtest", "--now", NOW, "model").stdout
    assert "2026-11-20 … 2026-11-20, a day" in shown
    assert "[Models]" in shown.splitlines()[-1]
    assert "Nothing matched" in run("backtest", "--now", NOW, "surfboard").stdout


def test_backtest_looks_back_as_far_as_it_is_told(folder: Path) -> None:
    started(folder)
    run("ingest", "--now", NOW)

    later = "2026-12-10T08:00+00:00"
    assert lines(run("backtest", "--json", "--now", later, "--days", "20", "model"))[0]["days"] == {}
    assert "No papers came in during the last 20 days." in run("backtest", "--now", later, "--days", "20", "a").stdout
    assert len(lines(run("backtest", "--json", "--now", later, "--days", "21", "model"))[0]["days"]) == 1


def test_a_chart_shows_bars_and_gaps() -> None:
    first = date(2026, 11, 1)

    drawn = chart({first: 1, first + timedelta(days=1): 0, first + timedelta(days=3): 40})

    assert drawn == [
        "40 │   █",
        "   │   █",
        "   │   █",
        "   │   █",
        "   │▁  █",
        " 0 └──·─",
        "    2026-11-01 … 2026-11-04, a day",
    ]
    assert chart({first: 3, first + timedelta(days=179): 1})[-1].endswith("every 2 days")


def test_hints_stand_beside_what_was_asked_for(folder: Path) -> None:
    started(folder)
    assert run("query", "surfboard").stderr == ""
    run("ingest", "--now", NOW)

    told = run("query", "surfboard")
    assert told.stdout == "surfboard\n"
    assert told.stderr == 'hint: no stored paper holds "surfboard"\n'
    assert lines(run("query", "--json", "surfboard"))[0]["hints"][0]["message"] == 'no stored paper holds "surfboard"'
    added = run("subscriptions", "add", "Surf", "--query", "surfboard", "--channel", "feed")
    assert added.exit_code == 0
    assert "surfboard" in added.stderr
    edited = run("subscriptions", "edit", "Surf", "--query", "windsurfing")
    assert 'hint: no stored paper holds "windsurfing"' in edited.stderr
    assert 'hint: no stored paper holds "windsurfing"' in run("preview", "Surf").stderr
    assert "hint" not in run("preview", "Surf").stdout


def test_an_edition_shows_clauses_as_they_were_typed_also_those_of_named_queries(folder: Path) -> None:
    started(folder)
    text = """queries.nets = '"Neural Networks" OR Models'
[[subscription]]
name = "Nets"
channel = "folder"
query = "@nets OR Transformers"
"""
    (folder / "subscriptions" / "nets.toml").write_text(text)
    run("ingest")

    shown = run("preview", "Nets").stdout

    assert "Why it matched: Models — " in shown
    assert "Why it matched: model — " not in shown


def test_explain_prints_data_for_programs(folder: Path) -> None:
    told = lines(run("explain", "--json", "=SMoE Surfing", "Merge, Then Compress", "--in", SEEDS[3]))[0]

    assert [clause["fulfilled"] for clause in told["clauses"]] == [True, False]
    assert told["clauses"][0]["hits"][0]["text"] == "SMoE"
    assert told["nearest"] == ["Surfing"]
    assert told["repairs"][-1] == {"change": "without Surfing", "query": "=SMoE"}


def test_doctor_finds_what_is_right_and_wrong(folder: Path) -> None:
    started(folder)
    healthy = run("doctor")
    assert healthy.exit_code == 0, healthy.output

    (folder / "subscriptions" / "bad.toml").write_text("[[subscription]\n")
    (folder / "digestbot.toml").write_text(
        '[digestbot]\ntemplates = ["mine"]\n[smtp]\nhost = "127.0.0.1"\nport = 1\nsender = "a@example.org"\n'
    )
    (folder / "mine").mkdir()
    (folder / "mine" / "edition.html").write_text("{{ nothing }}")
    findings = {item["finding"]["about"]: item["finding"]["state"] for item in lines(run("doctor", "--json"))}

    assert findings["templates"] == findings["mail"] == "fault"
    assert run("doctor").exit_code == 1
    assert "bad.toml:1:" in run("doctor").stdout


def test_the_owner_of_a_dear_query_is_told(folder: Path) -> None:
    dear = " OR ".join(f'"the w{chr(97 + at // 26)}{chr(97 + at % 26)}"~9' for at in range(60))
    started(folder)
    added = run("subscriptions", "add", "Short", "--query", "ab* experts", "--channel", "feed")
    text = f"[[subscription]]\nname = 'Near'\nchannel = 'feed'\nquery = '{dear}'\n"
    imported = run("subscriptions", "import", "-", stdin=text)
    told = [item["finding"] for item in lines(run("doctor", "--json"))]

    assert 'hint: "ab*" begins some word of nearly every paper' in added.stderr
    assert ": 60 of its parts ask for nearness" in imported.stderr
    assert {(item["state"], item["message"].partition("-")[0]) for item in told if item["about"] == "queries"} == {
        ("look", "short"),
        ("look", "near"),
    }


def test_doctor_sees_a_clock_that_was_set_back(folder: Path) -> None:
    started(folder)
    run("ingest", "--now", "2096-01-01")

    assert "FAULT clock" in run("doctor").stdout


def test_doctor_needs_subscriptions() -> None:
    result = run("doctor")

    assert result.exit_code == 1
    assert "digestbot init" in result.stdout


def test_a_diff_tells_what_became_of_a_paper(folder: Path) -> None:
    old = {"title": "Union of Experts", "id": "arxiv:2611.00001", "version": 1, "comments": "under review"}
    new = old | {"version": 3, "comments": "Accepted at ICML 2027; code: https://github.com/lab/experts"}
    for name, data in (("old", old), ("new", new)):
        (folder / f"{name}.jsonl").write_text(json.dumps({"paper": data}) + "\n")

    shown = run("read", "new.jsonl", "--diff", "old.jsonl").stdout
    (facts,) = lines(run("read", "--json", "new.jsonl", "--diff", "old.jsonl"))

    assert shown == (
        "~ Union of Experts (version, comments, links): https://github.com/lab/experts; Accepted at ICML 2027;"
        " v1 → v3\n"
    )
    assert [item["kind"] for item in facts["difference"]["updates"]] == ["code", "venue", "version"]


def test_the_updates_of_a_subscription_go_out_and_come_back(folder: Path) -> None:
    started(folder)
    made = ("subscriptions", "add", "--query", "x", "--channel", "feed")
    for name, given in (("A", ["--updates", "version, code"]), ("B", ["--updates", "none"]), ("C", [])):
        assert run(*made, *given, name).exit_code == 0
    assert run("subscriptions", "edit", "C", "--updates", "all").exit_code == 0
    wrong = run(*made, "--updates", "venue,codes", "D")

    def kept() -> dict[str, list[str]]:
        listed = [item["subscription"] for item in lines(run("subscriptions", "list", "--json"))]
        return {item["name"]: item["updates"] for item in listed if len(item["name"]) == 1}

    assert (wrong.exit_code, "did you mean code?" in wrong.stderr) == (2, True)
    before = kept()
    assert before == {"A": ["version", "code"], "B": [], "C": ["version", "venue", "code"]}
    (folder / "subscriptions" / "first.toml").unlink()
    (folder / "exported.toml").write_text(run("subscriptions", "export").stdout)
    for name in before:
        assert run("subscriptions", "remove", name).exit_code == 0
    assert kept() == {}
    assert run("subscriptions", "import", "exported.toml").exit_code == 0
    assert kept() == before


def test_subscriptions_in_the_ledger_can_be_changed(folder: Path) -> None:
    started(folder)

    added = run(
        "subscriptions", "add", "Diffusion", "--query", 'diffusion -"x \\ y"', "--channel", "feed", "--limit", "3"
    )
    assert added.exit_code == 0, added.output
    name = added.stdout.split()[-1]
    assert run("subscriptions", "add", "Diffusion", "--query", "diffusion", "--channel", "feed").exit_code == 2
    assert run("subscriptions", "edit", name, "--schedule", "weekly mon").exit_code == 0
    listed = {
        item["subscription"]["id"]: item["subscription"] for item in lines(run("subscriptions", "list", "--json"))
    }
    assert listed[name]["schedule"] == "weekly mon"
    assert listed[name]["limit"] == 3
    assert listed[name]["query"] == 'diffusion -"x \\ y"'
    assert "the ledger" in run("subscriptions", "list").stdout
    assert run("subscriptions", "remove", "Diffusion").exit_code == 0
    assert name not in run("subscriptions", "list").stdout


def test_a_subscription_of_a_file_is_changed_in_the_file(folder: Path) -> None:
    started(folder)

    for words in (("edit", "--query", "a"), ("remove",)):
        result = run("subscriptions", words[0], "Sparse experts", *words[1:])
        assert result.exit_code == 2
        assert "first.toml" in result.stderr


def test_a_bad_option_of_a_subscription_is_told(folder: Path) -> None:
    started(folder)

    result = run("subscriptions", "add", "X", "--query", "(a", "--email", "you@example.org", "--schedule", "dayly")

    assert result.exit_code == 2
    assert "daily" in result.stderr


def test_export_and_import_give_the_same_subscriptions(folder: Path) -> None:
    started(folder)
    note = 'Two\nlines, a "quote", a tab\t and ünï'
    run("subscriptions", "add", "With note", "--query", "a", "--email", "you@example.org", "--note", note)
    at_once = ("--schedule", "instant", "--quiet", "22:00-07:00", "--max-per-day", "0", "--updates", "version")
    run("subscriptions", "add", "At once", "--query", "b", "--email", "you@example.org", *at_once)
    run("subscriptions", "add", "Skipping", "--query", "b", "--email", "you@example.org", "--catch-up", "skip")
    exported = run("subscriptions", "export").stdout
    (folder / "all.toml").write_text(exported)
    (folder / "subscriptions" / "first.toml").unlink()
    for name in ("With note", "At once", "Skipping"):
        run("subscriptions", "remove", name)

    imported = run("subscriptions", "import", "all.toml")

    assert imported.exit_code == 0, imported.output
    assert run("subscriptions", "export").stdout == exported
    assert {'quiet = "22:00-07:00"', "max_per_day = 0", 'catch_up = "skip"'} < set(exported.splitlines())


def test_import_leaves_to_the_files_what_they_declare(folder: Path) -> None:
    started(folder)
    run("subscriptions", "add", "Other", "--query", "a", "--email", "you@example.org")
    (folder / "all.toml").write_text(run("subscriptions", "export").stdout)

    imported = run("subscriptions", "import", "all.toml")

    assert imported.exit_code == 1
    assert "first.toml" in imported.stderr
    assert "imported 1, 1 faults" in imported.stdout


def test_what_is_imported_or_exported_needs_no_named_query_of_its_file(folder: Path) -> None:
    started(folder)
    text = (
        '[queries]\nmoe = "MoE OR experts"\n'
        '[[subscription]]\nname = "Mine"\nquery = "@moe -survey"\nemail = "a@example.org"\n'
    )
    (folder / "all.toml").write_text(text)
    (folder / "subscriptions" / "second.toml").write_text(text.replace("Mine", "Theirs"))

    assert run("subscriptions", "import", "all.toml").exit_code == 0

    lines = run("subscriptions", "list", "--json").stdout.splitlines()
    rows = [json.loads(line)["subscription"] for line in lines]
    listed = {item["name"]: item["query"] for item in rows}
    assert "@" not in listed["Mine"]
    exported = tomllib.loads(run("subscriptions", "export").stdout)["subscription"]
    queries = {item["name"]: item["query"] for item in exported}
    assert queries["Mine"] == queries["Theirs"] == listed["Mine"]


def test_import_lists_faults(folder: Path) -> None:
    started(folder)
    (folder / "all.toml").write_text('[[subscription]]\nname = "x"\n')

    result = run("subscriptions", "import", "all.toml")

    assert result.exit_code == 1
    assert "all.toml:1:" in result.stderr
