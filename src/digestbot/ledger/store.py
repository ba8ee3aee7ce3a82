"""The ledger itself: one database, opened by URL, read and written in short transactions.

SQLite holds one writer at a time. Every transaction that writes says so at once (``BEGIN IMMEDIATE``): one
that began as a reader and wants to write later fails, however long it is willing to wait. Each commit is on
the disk before it returns (WAL with ``synchronous=FULL``), because the mark of the next message rides on it.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    StaticPool,
    Table,
    create_engine,
    event,
    func,
    insert,
    make_url,
    select,
    update,
)
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import SQLAlchemyError

from digestbot.errors import LedgerBusyError, LedgerError
from digestbot.ledger import epoch, schema
from digestbot.ledger.faults import translated
from digestbot.ledger.lock import ProcessLock
from digestbot.ledger.migrations import STEPS, UnusableLedgerError, applied_step, migrate

NO_DOMAIN: Final = "digestbot.invalid"
"""The domain of an installation that was not given one (RFC 2606: never a real one)."""
_CACHE_KIB: Final = 8000  # of a connection: a transaction of a hundred editions fits, and no page is written twice
_LOG_PAGES: Final = 4000  # 16 MB of changes before they are folded in: four times fewer waits for the disk


@dataclass(frozen=True, slots=True)
class Instance:
    """What makes this installation different from every other."""

    secret: bytes
    """32 random bytes; delivery keys are derived from it, so that nobody can guess one."""
    domain: str
    """Stands in Message-IDs and feed ids; fixed when the first edition is made."""
    epoch: int

    def __repr__(self) -> str:
        return f"Instance(domain={self.domain!r}, epoch={self.epoch})"


class Transaction:
    """A transaction that is under way. Only the modules of this package look inside."""

    def __init__(self, connection: Connection, instance: Instance, incarnation: str, *, durable: bool) -> None:
        self.connection = connection
        self.instance = instance
        self.incarnation = incarnation
        """The boot of the machine."""
        self.durable = durable
        """Whether a commit is on the disk when it returns."""

    def insert(self, table: Table, **values: Any) -> int:
        """Insert one row and return its number."""
        key = self.connection.execute(insert(table).values(values)).inserted_primary_key
        return int(key[0]) if key else 0

    def last(self, table: Table) -> int:
        """Return the highest number of a row; 0 when there is none."""
        return self.connection.scalar(select(func.max(table.c.id))) or 0

    def numbers(self, table: Table, count: int) -> range:
        """Return the numbers of the next rows of a table, for a transaction that writes: nobody else takes them."""
        first = self.last(table) + 1
        return range(first, first + count)


class Ledger:
    """The only memory. `open` one, then work in ``with ledger.read() as tx`` and ``with ledger.write() as tx``."""

    def __init__(
        self, engine: Engine, path: str, patience: float, lock: ProcessLock | None, *, durable: bool = True
    ) -> None:
        self._engine, self._patience, self._lock, self._durable = engine, patience, lock, durable
        self._writing = threading.Lock()
        self._incarnation = _boot()
        self.path = path
        """The file, or the URL without its password."""
        self.instance = Instance(b"", "", 0)

    @classmethod
    def open(  # noqa: PLR0913 (each is a choice of its own)
        cls,
        url: str,
        *,
        owner: bool = False,
        create: bool = True,
        domain: str = "",
        patience: float = 10.0,
        durable: bool = True,
    ) -> Self:
        """Open the ledger at a path, or a URL such as ``sqlite:///var/digestbot.db``; use it as a context manager.

        `owner` claims the right to run steps, which one process has at a time; without it, status and
        changes of subscriptions work beside a running step. `create` makes a missing ledger. `domain` is
        fixed once an edition was made. `patience` is how many seconds to wait for another writer. Without
        `durable` commits are cheaper, and the last ones may be lost when the power fails: what was claimed
        then is in doubt.

        Raises LedgerError with what to do, and LedgerBusyError when another process owns the ledger.
        """
        place = _url(url)
        path = place.database or place.render_as_string(hide_password=True)
        file = _file(place)
        if file is not None:
            _prepare(file, create=create)
        with translated(path):
            engine = _engine(place, patience, durable=durable)
        lock = ProcessLock.take(file.with_name(f"{file.name}.lock")) if owner and file is not None else None
        ledger = cls(engine, path, patience, lock, durable=durable)
        try:
            ledger._install(domain)
        except BaseException:
            ledger.close()
            raise
        return ledger

    @property
    def owned(self) -> bool:
        """Whether this process alone runs steps on it; a ledger in memory has no other process."""
        return self._lock is not None or _file(self._engine.url) is None

    def restored(self) -> bool:
        """Whether this is an older state than one that was sent from before: a back-up that was restored."""
        file = self.beside("epoch")
        if file is None:
            return False
        with self.read() as tx:
            known = _instance(tx.connection)
        return known is not None and epoch.read(file) > known.epoch

    def new_epoch(self) -> None:
        """Count on, in the database and outside: from here on a copy that was made before is an old one.

        Raises LedgerError when either cannot be written; nothing may be sent then.
        """
        with self.write() as tx:
            known = _instance(tx.connection) or self.instance
            file = self.beside("epoch")
            number = max(known.epoch, epoch.read(file) if file else 0) + 1
            tx.connection.execute(update(schema.instance).values(epoch=number))
        if file is not None:
            epoch.write(file, number)
        self.instance = Instance(known.secret, known.domain, number)

    def beside(self, suffix: str) -> Path | None:
        """Return the file beside the ledger's with `suffix` behind its name; None for a ledger in memory."""
        file = _file(self._engine.url)
        return None if file is None else file.with_name(f"{file.name}.{suffix}")

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """Open a transaction that sees one state of everything and writes nothing."""
        with self._transaction("BEGIN") as tx:
            yield tx

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """Open a transaction that is committed at the end, or leaves nothing when anything is raised.

        Raises LedgerBusyError when another writer does not finish within the ledger's patience.
        """
        if not self._writing.acquire(timeout=self._patience):
            raise LedgerBusyError("another thread is writing and did not finish in time", path=self.path)
        try:
            with self._transaction("BEGIN IMMEDIATE") as tx:
                yield tx
        finally:
            self._writing.release()

    def optimise(self) -> None:
        """Renew what the database knows of its tables, and fold its log of changes in. Raises LedgerError."""
        with translated(self.path), closing(self._engine.raw_connection()) as raw:  # none of our transactions
            for pragma in ("optimize", "wal_checkpoint(PASSIVE)"):
                raw.cursor().execute(f"PRAGMA {pragma}").close()

    def close(self) -> None:
        """Let go of the file and of the right to run steps."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[Transaction]:
        with translated(self.path), self._engine.connect() as raw:
            connection = raw.execution_options(begin=begin)
            with connection.begin():
                yield Transaction(connection, self.instance, self._incarnation, durable=self._durable)

    def _install(self, domain: str) -> None:
        """Make or renew the schema where it needs that, and learn who we are."""
        try:
            with self.read() as tx:
                ready = applied_step(tx.connection) == STEPS[-1].number
                known = _instance(tx.connection) if ready else None
            if known is None or domain not in {"", known.domain}:
                with self.write() as tx:
                    migrate(tx.connection, datetime.now(UTC))
                    known = _settle(tx.connection, domain)
        except UnusableLedgerError as error:
            raise LedgerError(str(error), path=self.path) from error
        self.instance = known


def _instance(connection: Connection) -> Instance | None:
    row = connection.execute(select(schema.instance)).first()
    return None if row is None else Instance(row.secret, row.domain, row.epoch)


def _settle(connection: Connection, domain: str) -> Instance:
    """Make the facts of this installation, or change its domain while nothing has gone out under the old one."""
    known = _instance(connection)
    if known is None:
        made = Instance(secrets.token_bytes(32), domain or NO_DOMAIN, epoch=1)
        values = {"secret": made.secret, "domain": made.domain, "epoch": made.epoch}
        connection.execute(insert(schema.instance).values(id=1, created_at=datetime.now(UTC), **values))
        return made
    if not domain:
        return known
    if connection.execute(select(schema.edition.c.id).limit(1)).first() is not None:
        reason = "the ids of sent messages and of feed entries would change"
        raise UnusableLedgerError(f"its domain is {known.domain} and cannot become {domain}: {reason}")
    connection.execute(update(schema.instance).values(domain=domain))
    return Instance(known.secret, domain, known.epoch)


def _url(text: str) -> URL:
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        url = make_url(text)
        url.get_dialect()
    except (SQLAlchemyError, ValueError) as error:
        advice = "write it like sqlite:///var/digestbot.db"
        raise LedgerError(f"this is no URL of a database; {advice}", path=text.partition("@")[2] or text) from error
    if url.get_backend_name() != "sqlite":
        raise LedgerError(f"{url.get_backend_name()} is not supported yet; use sqlite", path=url.render_as_string())
    return url


def _file(url: URL) -> Path | None:
    """Return the database's file; None for a database in memory."""
    name = url.database
    if not name or name == ":memory:":
        return None
    return Path(name.removeprefix("file:"))


def _prepare(file: Path, *, create: bool) -> None:
    if not create and not file.exists():
        raise LedgerError("there is no ledger here yet; the first digestbot ingest or run makes it", path=str(file))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LedgerError(f"cannot make its folder: {error.strerror}", path=str(file)) from error


def _engine(url: URL, patience: float, *, durable: bool) -> Engine:
    options: dict[str, Any] = {"poolclass": StaticPool} if _file(url) is None else {}
    engine = create_engine(
        url,
        connect_args={"timeout": patience, "check_same_thread": False},
        json_serializer=schema.to_json,
        hide_parameters=True,  # they hold addresses, and errors end in logs
        **options,
    )
    event.listen(engine, "connect", partial(_configure, synchronous="FULL" if durable else "NORMAL"))
    event.listen(engine, "begin", _begin)
    return engine


def _configure(connection: DBAPIConnection, _record: object, *, synchronous: str) -> None:
    """Set up a new connection: with foreign keys, and with transactions that we open ourselves."""
    connection.isolation_level = None  # sqlite3 would open its own, and too late
    pragmas = {"journal_mode": "WAL", "synchronous": synchronous, "foreign_keys": "ON"}
    pragmas |= {"cache_size": f"-{_CACHE_KIB}", "wal_autocheckpoint": f"{_LOG_PAGES}"}
    for name, value in pragmas.items():
        connection.execute(f"PRAGMA {name}={value}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN"))


def _boot() -> str:
    """Return the id of this boot of the machine; empty where the system has none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""
