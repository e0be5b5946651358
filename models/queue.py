"""The queue over the table of jobs: claimed by one worker at a time, leased, ended only by who holds the claim."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from models.jobs import Job
from models.transactions import rows, transaction

WAKE = "purser_jobs"
FIRST_DELAY = timedelta(seconds=15)
LONGEST_DELAY = timedelta(hours=1)
LONGEST_ERROR = 500

# A job whose worker died at its last attempt is given up here; one that an operator retries has no lease left.
CLAIM = """
with due as materialized (
  select j.id, j.leased_until is not null and j.attempts >= known.most as spent
  from job j join unnest($2::text[], $3::integer[]) known(kind, most) on known.kind = j.kind
  where j.done_at is null and j.failed_at is null and j.run_at <= $1
    and (j.leased_until is null or j.leased_until <= $1)
  order by j.run_at, j.id limit 1 for update of j skip locked
)
update job set
  attempts = attempts + (not due.spent)::integer,
  leased_until = case when due.spent then null else $4::timestamptz end,
  failed_at = case when due.spent then $1 end,
  last_error = case when due.spent then 'Its worker died.' else last_error end
from due where job.id = due.id
returning job.id, job.kind, job.organization_id, job.payload, job.created_at, job.attempts, due.spent
"""
# Whoever claimed it later has counted an attempt more.
HELD = "id = $1 and attempts = $2 and leased_until is not null and done_at is null and failed_at is null"
FINISH = f"update job set done_at = $3, leased_until = null, payload = payload - 'sealed' where {HELD} returning id"
EXTEND = f"update job set leased_until = $3 where {HELD} returning id"
RELEASE = f"update job set leased_until = null where {HELD} returning id"
FAIL = f"""
update job set leased_until = null, last_error = $3, run_at = coalesce($4, run_at), failed_at = $5 where {HELD}
returning id
"""
IDLE = "done_at is null and (leased_until is null or leased_until <= $2)"
RETRY = f"update job set failed_at = null, leased_until = null, run_at = $2 where id = any($1) and {IDLE} returning id"
DROP = f"delete from job where id = any($1) and {IDLE} returning id"


class TryLater(Exception):  # noqa: N818  # an outcome
    """It could not be done now. The message is for the operator: no secret, no address."""


class GivenUp(Exception):  # noqa: N818  # as above
    """Trying again would change nothing. The message as above."""


class ClaimLost(Exception):  # noqa: N818  # as above
    """Somebody else has the job by now."""


@dataclass(frozen=True)
class Claimed:
    """A job in the hands of a worker. `attempts` counts this one; `spent`: there was none left, it is given up."""

    id: UUID
    kind: str
    organization_id: UUID | None
    payload: dict[str, Any]
    created_at: datetime
    attempts: int
    spent: bool = False


def job(
    id_: UUID,
    kind: str,
    now: datetime,
    payload: dict[str, Any] | None = None,
    *,
    organization: UUID | None = None,
    run_at: datetime | None = None,
) -> Job:
    """A job to be put into the queue, due at once unless said otherwise."""
    return Job(
        id=id_,
        kind=kind,
        organization_id=organization,
        payload=payload or {},
        run_at=run_at or now,
        attempts=0,
        created_at=now,
    )


async def put(jobs: Sequence[Job]) -> None:
    """Queue jobs in the open transaction; workers wake when it is committed."""
    if jobs:
        await Job.bulk_create(jobs)
        await rows("select pg_notify($1, '')", WAKE)


async def claim(known: Mapping[str, int], now: datetime, until: datetime) -> Claimed | None:
    """The job that is due longest among kinds that are known, each with the most attempts; leased until then."""

    async def body() -> list[dict[str, Any]]:
        return await rows(CLAIM, now, list(known), list(known.values()), until)

    found = await transaction(body)
    return Claimed(**found[0] | {"payload": orjson.loads(found[0]["payload"])}) if found else None


async def finish(job: Claimed, now: datetime) -> None:
    """It is done, and what was sealed in it goes; in the open transaction, if there is one. Raises ClaimLost."""
    if not await rows(FINISH, job.id, job.attempts, now):
        raise ClaimLost


async def extend(job: Claimed, until: datetime) -> None:
    """Keep it longer. Raises ClaimLost."""
    if not await transaction(lambda: rows(EXTEND, job.id, job.attempts, until)):
        raise ClaimLost


async def release(job: Claimed) -> None:
    """Give it back, for whoever comes next."""
    await transaction(lambda: rows(RELEASE, job.id, job.attempts))


async def fail(job: Claimed, error: str, now: datetime, *, final: bool) -> None:
    """It did not work: later again, or given up for an operator to see. Raises ClaimLost."""
    later, failed_at = (None, now) if final else (now + delay(job.attempts), None)
    if not await transaction(lambda: rows(FAIL, job.id, job.attempts, error[:LONGEST_ERROR], later, failed_at)):
        raise ClaimLost


def delay(attempts: int) -> timedelta:
    """How long to wait behind this many attempts: twice as long each time, up to half of it off at random."""
    longest = min(LONGEST_DELAY, FIRST_DELAY * (1 << min(attempts - 1, 20)))
    return longest * random.uniform(0.5, 1)  # noqa: S311  # spreads load, hides nothing


async def retry(ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Make these due now, given up or not; gives those that were neither done nor under way."""

    async def body() -> list[dict[str, Any]]:
        found = await rows(RETRY, list(ids), now)
        await rows("select pg_notify($1, '')", WAKE)
        return found

    return [row["id"] for row in await transaction(body)]


async def drop(ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Forget these, unless they are done or under way; gives those that are gone."""
    return [row["id"] for row in await transaction(lambda: rows(DROP, list(ids), now))]
