"""Receivers that said they want nothing more, ever: their subscriptions end, as if they had unsubscribed."""

from collections.abc import Iterable
from datetime import datetime

from digestbot.channels.webhook import is_gone
from digestbot.ledger import Ledger, subscriptions
from digestbot.ledger.overview import subscription_of


def retire(ledger: Ledger, refused: Iterable[tuple[str, str, str]], now: datetime) -> None:
    """Suppress the subscriptions of webhooks that answered 410; `refused` are key, channel and reply of messages.

    One that is missed here says the same the next time.
    """
    gone = [key for key, channel, reply in refused if is_gone(channel, reply)]
    if gone:
        with ledger.write() as tx:
            for name in filter(None, (subscription_of(tx, key) for key in gone)):
                subscriptions.suppress(tx, name, "the webhook answered 410 Gone", now)
