"""The gateway that the settings name, for as long as a process needs it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import datetime

from billing.gateways.gateway import Gateway
from billing.gateways.sandbox import sandbox
from purser.sandbox.process import Place
from purser.settings import Settings


def chosen(settings: Settings, clock: Callable[[], datetime]) -> AbstractAsyncContextManager[Gateway]:
    """One client, closed at the end. It connects when it is asked, so a gateway that is away stops no start."""
    return _sandbox(settings, clock)


@asynccontextmanager
async def _sandbox(settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[Gateway]:
    async with sandbox(place(settings), settings.secret().encode(), clock) as opened:
        yield opened


def place(settings: Settings) -> Callable[[], str | None]:
    """Where the sandbox answers, now: it may be started anew elsewhere."""
    if settings.sandbox_url is not None:
        return lambda: settings.sandbox_url
    return Place(settings.sandbox_dir).url
