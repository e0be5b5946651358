"""What commands and workers write with: the room that the settings describe."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TypeVar

from billing.room import Room, now
from billing.sealing import Sealer
from models.database import connected
from purser import gateways
from purser.clock import Clock, read
from purser.settings import Settings

T = TypeVar("T")


def of(settings: Settings, clock: Clock | None = None) -> Room:
    """Without a gateway, which lives as long as who needs it."""
    return Room(
        Sealer(settings.secret().encode()),
        clock or now,
        special_addresses=settings.demo,
        public_url=settings.public_url,
        seller=settings.seller,
    )


@asynccontextmanager
async def opened(settings: Settings, url: str) -> AsyncIterator[Room]:
    """With the gateway, on an open database."""
    async with connected(url, pool=1):
        clock = await read(settings)
        room = of(settings, clock)
        async with gateways.chosen(settings, room.clock) as gateway:
            yield replace(room, gateway=gateway)


async def within(settings: Settings, url: str, do: Callable[[Room], Awaitable[T]]) -> T:
    """What comes of doing it there."""
    async with opened(settings, url) as room:
        return await do(room)
