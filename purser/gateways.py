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
    return _sandbox(settings, clock) if settings.gateway == "sandbox" else _stripe(settings)


@asynccontextmanager
async def _sandbox(settings: Settings, clock: Callable[[], datetime]) -> AsyncIterator[Gateway]:
    async with sandbox(place(settings), settings.secret().encode(), clock) as opened:
        yield opened


@asynccontextmanager
async def _stripe(settings: Settings) -> AsyncIterator[Gateway]:
    from billing.gateways.stripe import opened  # noqa: PLC0415  # its library takes long to load, and most do without

    secret, webhook = settings.stripe_secret_key, settings.stripe_webhook_secret
    assert secret  # noqa: S101  # the settings see to it
    assert webhook  # noqa: S101  # as above
    async with opened(
        secret.get_secret_value(),
        settings.stripe_publishable_key or "",
        webhook.get_secret_value(),
        settings.stripe_api_url,
    ) as gateway:
        yield gateway


def place(settings: Settings) -> Callable[[], str | None]:
    """Where the sandbox answers, now: it may be started anew elsewhere."""
    if settings.sandbox_url is not None:
        return lambda: settings.sandbox_url
    return Place(settings.sandbox_dir).url
