"""Sends what is due: a task within the service, or a process of its own (``python -m emails work``)."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Mapping
from typing import Literal

from database.models import MailStatus
from database.session import DatabaseUnavailable
from emails.outbox import Claim, Outbox
from emails.sender import MailServerFailed, Sender

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0
"""Between two looks for mails that became due, or were queued by another process."""
STOP_SECONDS = 3.0
"""For the mail that is being sent when the service stops."""

Result = Literal["sent", "retry", "dead", "dropped"]
"""What became of an attempt to send a mail."""
LEVELS: Mapping[Result, int] = {
    "sent": logging.INFO,
    "retry": logging.WARNING,
    "dead": logging.ERROR,
    "dropped": logging.INFO,
}


class Worker:
    """Sends one mail after the other."""

    def __init__(
        self, *, outbox: Outbox, sender: Sender, on_result: Callable[[Result], None] = lambda _result: None
    ) -> None:
        self._outbox = outbox
        self._sender = sender
        self._on_result = on_result  # for metrics
        self._called = asyncio.Event()
        self._stopped = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Work in a task of the running event loop."""
        self._task = asyncio.create_task(self.run())

    def wake(self) -> None:
        """Look at once."""
        self._called.set()

    async def stop(self) -> None:
        """End after the mail in hand; what takes too long is released for another worker."""
        self._stopped = True
        self.wake()
        if self._task is not None:
            _, unfinished = await asyncio.wait([self._task], timeout=STOP_SECONDS)
            for task in unfinished:
                task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def run(self) -> None:
        """Work until it is stopped."""
        while not self._stopped:
            self._called.clear()
            if not await self._step():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._called.wait(), POLL_SECONDS)

    async def _step(self) -> bool:
        """Whether there was something to do; no fault ends the work."""
        try:
            claim = await self._outbox.claim()
            if claim is None:
                return False
            await self._send(claim)
        except DatabaseUnavailable:
            return False
        except Exception:
            log.exception("mail_worker_failed")  # its mail becomes due again when the claim ends
            return False
        return True

    async def _send(self, claim: Claim) -> None:
        try:
            result = await self._deliver(claim)
        except asyncio.CancelledError:
            with contextlib.suppress(DatabaseUnavailable):
                await self._outbox.release(claim)
            raise
        context = {"result": result, "mail_id": claim.mail_id, "attempt": claim.attempt}
        log.log(LEVELS[result], "mail_handled", extra={"context": context})
        self._on_result(result)

    async def _deliver(self, claim: Claim) -> Result:
        letter = await self._outbox.write(claim)
        if letter is None:
            await self._outbox.dropped(claim)
            return "dropped"
        try:
            await self._sender.send(letter)
        except MailServerFailed as error:
            return await self._failed(claim, str(error))
        except Exception as error:
            log.exception("mail_worker_failed")
            return await self._failed(claim, type(error).__name__)
        await self._outbox.sent(claim)
        return "sent"

    async def _failed(self, claim: Claim, error: str) -> Result:
        status = await self._outbox.failed(claim, error)
        return "dead" if status is MailStatus.DEAD else "retry"
