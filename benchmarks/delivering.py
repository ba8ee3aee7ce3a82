"""Personal, rendered, durable mails of about 20 kB per second, beside Postfix's smtp-source in the same minute.

    python benchmarks/delivering.py [-n MAILS] [-c CONNECTIONS] [-r ROUNDS] [-p PROCESSES] [--memory]

Each of so many people has a subscription of their own and gets a mail of their own. `publish` composes, renders and
signs (RSA, 2048 bits) each in so many processes, as many as there are cores, and puts it into the outbox; `deliver`
hands them over by the real channel to a sink on the loopback (smtp-sink), with the outbox on the disk (SQLite,
synchronous=FULL). Both are also run at once, as `digestbot serve` does. smtp-source sends one fixed mail of the same
length, without any record, to the same sink. Printed are the best of the rounds of each, their ratios, and what a mail
costs this process. Needs smtp-source and smtp-sink (the package `postfix` has them; it need not run).

With ``--memory`` it delivers copies of one mail, and prints the resident memory at 1,000, 10,000 and all of them.
"""

import argparse
import os
import re
import resource
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from digestbot.channels.smtp import SmtpChannel, SmtpServer
from digestbot.ledger import Ledger, editions, outbox, subscriptions
from digestbot.ledger.outbox import Letter
from digestbot.ledger.relays import Limits
from digestbot.ledger.written import edition_row
from digestbot.models import Edition, Link, Message, Paper, Part, Reading, Subscription
from digestbot.pipeline import Delivery, Press, Printers, Terms, collecting_rarely, deliver, ingest, publish
from digestbot.rendering import Renderer
from digestbot.rendering.dkim import load_key, new_key

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)
DOMAINS = 50
ABSTRACT = (
    "We route each token of a long sequence to a sparse set of experts and show that the cost of the router can be kept"
    " below two percent of the whole. On nine benchmarks the method is as good as a dense model of four times its size."
)
PATH = f"/usr/sbin:{os.environ.get('PATH', os.defpath)}"


def papers() -> tuple[Paper, ...]:
    return tuple(
        Paper(
            f"Union of Experts {n}: Routing in Parts",
            f"arxiv:2503.0000{n}",
            abstract=ABSTRACT,
            authors=("Ada Lovelace", "Charles Babbage", "Mary Somerville"),
            links=(Link(f"https://github.com/example/experts-{n}", "github", "", "abstract", "ours"),),
        )
        for n in range(1, 5)
    )


def fill(ledger: Ledger, people: int) -> None:
    """Put subscriptions into the ledger a day before, and then what they match."""
    item = Subscription("p", "p", "experts OR routing", "email", schedule="daily 08:00")
    with ledger.write() as tx:
        for n in range(people):
            address = f"reader{n}@d{n % DOMAINS}.example.org"
            subscriptions.put(tx, replace(item, id=f"p{n}", name=f"Reader {n}", address=address), YESTERDAY)
    assert not publish(ledger, press_of(new_key("ed25519")), YESTERDAY).issues  # new ones look back once
    ingest(ledger, [Reading("a.txt", "test", papers())], NOW)


@contextmanager
def sink() -> Iterator[int]:
    """Run smtp-sink on a free port; stop it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = int(free.getsockname()[1])
    command = ["smtp-sink", *(["-u", "nobody"] if os.geteuid() == 0 else []), f"127.0.0.1:{port}", "1000"]
    process = subprocess.Popen(command, env={"PATH": PATH}, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait()


def anchor(port: int, mails: int, connections: int, size: int) -> float:
    """Return the mails per second of smtp-source."""
    options = [
        "-d",
        "-s",
        str(connections),
        "-l",
        str(size),
        "-m",
        str(mails),
        "-f",
        "a@example.org",
        "-t",
        "b@example.net",
    ]
    start = time.perf_counter()
    subprocess.run(["smtp-source", *options, f"127.0.0.1:{port}"], check=True, env={"PATH": PATH})
    return mails / (time.perf_counter() - start)


def memory() -> float:
    """Return the resident memory of this process in MB."""
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) / 1024 if found else 0.0


def processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def press_of(key: bytes) -> Press:
    keys = (load_key(key, "example.org", "s1"),)
    return Press(Renderer(), "Digests <digests@example.org>", "https://example.org/digests", keys)


def begun(path: str, key: bytes) -> tuple[Ledger, Press]:
    """Return what a process that makes editions works with."""
    return Ledger.open(path, create=False), press_of(key)


def published(ledger: Ledger, mails: int, processes: int = 1) -> tuple[float, float]:
    """Return mails per second, and the processor's seconds for each."""
    key = new_key("rsa")
    printers = Printers(processes, partial(begun, ledger.path, key))
    start, cpu = time.perf_counter(), processor()
    assert len(publish(ledger, press_of(key), NOW, printers=printers).issues) == mails
    return mails / (time.perf_counter() - start), (processor() - cpu) / mails


def together(ledger: Ledger, port: int, mails: int, connections: int, processes: int) -> float:
    """Return mails per second where they are delivered while others are being made, as `serve` does: twice a second."""
    start, sent = time.perf_counter(), 0
    with ThreadPoolExecutor(1) as lane:
        making = lane.submit(published, ledger, mails, processes)
        while sent < mails:
            over = making.done()
            sent += round(delivered(ledger, port, 0, connections)[0])
            assert sent == mails or not over, making.result()
            time.sleep(0.5)
    return mails / (time.perf_counter() - start)


def delivered(
    ledger: Ledger, port: int, mails: int, connections: int, *, tell_memory: bool = False
) -> tuple[float, float]:
    """Return mails per second, and the processor's seconds for each; where the number is not known, how many."""
    server = SmtpServer("127.0.0.1", "digests@example.org", "none", port)
    count = 0

    def tell(_: Delivery) -> None:
        nonlocal count
        count += 1
        if tell_memory and count in {1000, 10_000, mails}:
            print(f"{count:>7} mails: {memory():.1f} MB resident", flush=True)

    terms = Terms(limits={"email": Limits(connections)}, tell=tell)
    start, cpu = time.perf_counter(), processor()
    report = deliver(ledger, lambda _: SmtpChannel(server), lambda: NOW, terms)
    seconds = time.perf_counter() - start
    if not mails:
        return float(report.count("sent")), 0.0
    assert report.count("sent") == mails, report.counts
    return mails / seconds, (processor() - cpu) / mails


def size_of(ledger: Ledger) -> int:
    """Return the middle length of the mails."""
    with ledger.read() as tx:
        sizes = tx.connection.exec_driver_sql("SELECT length(content) FROM message_part ORDER BY 1").scalars().all()
    return int(sizes[len(sizes) // 2])


def compare(mails: int, connections: int, rounds: int, processes: int) -> None:
    rates: dict[str, list[float]] = {"publish": [], "deliver": [], "smtp-source": [], "both at once": []}
    costs: dict[str, list[float]] = {"publish": [], "deliver": []}
    size = 0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder, Ledger.open(f"{folder}/digestbot.db", owner=True) as ledger:
            fill(ledger, mails)
            rate, cost = published(ledger, mails, processes)
            rates["publish"].append(rate)
            costs["publish"].append(cost)
            size = size_of(ledger)
            with sink() as port:
                rates["smtp-source"].append(anchor(port, mails, connections, size))
                rate, cost = delivered(ledger, port, mails, connections)
                rates["deliver"].append(rate)
                costs["deliver"].append(cost)
                rates["smtp-source"].append(anchor(port, mails, connections, size))
        with tempfile.TemporaryDirectory() as folder, Ledger.open(f"{folder}/digestbot.db", owner=True) as ledger:
            fill(ledger, mails)
            with sink() as port:
                rates["both at once"].append(together(ledger, port, mails, connections, processes))
    best = {name: max(found) for name, found in rates.items()}
    best["one after the other"] = 1 / (1 / best["publish"] + 1 / best["deliver"])
    print(f"{mails} mails of {size} bytes over {connections} connections, {processes} processes, best of {rounds}")
    for name, rate in best.items():
        told = f"{min(costs[name]) * 1e6:8.0f} us of a processor" if name in costs else ""
        print(f"{name:<20} {rate:>8.0f} mails/s   ratio {rate / best['smtp-source']:.3f} {told}")


def copies(ledger: Ledger, mails: int) -> None:
    """Fill the outbox with copies of one rendered mail, each with an address and an id of its own."""
    fill(ledger, 1)
    published(ledger, 1)
    with ledger.read() as tx:
        mail = bytes(tx.connection.exec_driver_sql("SELECT content FROM message_part").scalar_one())
        known = str(tx.connection.exec_driver_sql("SELECT key FROM message").scalar_one())
    item = Subscription("q", "q", "nothing", "email", "", "monthly 1")
    for start in range(1, mails, 1000):
        with ledger.write() as tx:
            for n in range(start, min(mails, start + 1000)):
                address, key = f"reader{n}@d{n % DOMAINS}.example.org", f"{n:026}"
                own = replace(item, id=f"q{n}", address=address)
                subscriptions.put(tx, own, NOW)
                [edition] = editions.add(tx, [edition_row(Edition(own, NOW, "subject", ()), 1)], NOW)
                part = Part("edition.eml", "message/rfc822", mail.replace(known.encode(), key.encode()))
                message = Message(key, "email", address, "subject", (part,))
                outbox.enqueue(tx, [Letter(edition, NOW, own.id, message)], NOW)


def remember(mails: int, connections: int) -> None:
    """Deliver once, and tell the memory."""
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/digestbot.db"
        # Another process fills the outbox, so that this one shows what delivering needs and nothing else.
        if not (child := os.fork()):
            with Ledger.open(path, owner=True) as ledger:
                copies(ledger, mails)
            os._exit(0)
        os.waitpid(child, 0)
        with Ledger.open(path, owner=True) as ledger, sink() as port:
            print(f" before: {memory():.1f} MB resident", flush=True)
            rate, cost = delivered(ledger, port, mails, connections, tell_memory=True)
    print(f"{rate:.0f} mails/s, {cost * 1e6:.0f} us of a processor each")


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("-n", type=int, default=3000)
    options.add_argument("-c", type=int, default=10)
    options.add_argument("-r", type=int, default=3)
    options.add_argument("-p", type=int, default=os.cpu_count() or 1)
    options.add_argument("--memory", action="store_true")
    given = options.parse_args()
    with collecting_rarely():  # as the command line does
        if given.memory:
            remember(given.n, given.c)
        else:
            compare(given.n, given.c, given.r, given.p)


if __name__ == "__main__":
    main()
