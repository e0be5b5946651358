"""The queue and its workers: each job is done, by one worker at a time, and what cannot be done is seen."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest

from models import queue
from models.jobs import Job
from models.queue import WAKE, Claimed, ClaimLost, GivenUp, TryLater
from models.transactions import rows, transaction
from purser.worker import Handler, Lane, Pace, working
from tests.queues import KIND, LEASE, PATIENCE, Bench, eventually, none_waits, opened


@pytest.fixture
async def bench(server_url: str) -> AsyncIterator[Bench]:
    async with opened(server_url) as made:
        yield made


async def test_many_workers_do_each_job_once(bench: Bench) -> None:
    put = await bench.put(40)

    async def drain(lane: Lane) -> None:
        while await lane.one():
            pass

    await asyncio.gather(*(drain(bench.lane()) for _ in range(8)))
    assert sorted(bench.done) == sorted(put)
    assert await Job.filter(done_at=bench.now, leased_until=None, attempts=1).count() == 40


async def test_the_job_that_is_due_longest_comes_first(bench: Bench) -> None:
    (late,) = await bench.put()
    bench.wait(seconds=-5)
    (early,) = await bench.put()
    bench.wait(seconds=5)
    assert [(await bench.claimed()).id, (await bench.claimed()).id] == [early, late]


async def test_a_claim_is_nobody_elses_until_its_lease_is_over(bench: Bench) -> None:
    await bench.put()
    assert (await bench.claimed()).attempts == 1
    assert await bench.claim() is None
    bench.now += LEASE - timedelta(microseconds=1)
    assert await bench.claim() is None
    bench.wait(microseconds=1)
    assert (await bench.claimed()).attempts == 2


async def test_who_lost_his_lease_ends_nothing(bench: Bench) -> None:
    (key,) = await bench.put()
    lost = await bench.claimed()
    bench.now += LEASE
    held = await bench.claimed()
    with pytest.raises(ClaimLost):
        await queue.finish(lost, bench.now)
    with pytest.raises(ClaimLost):
        await queue.extend(lost, bench.now + LEASE)
    with pytest.raises(ClaimLost):
        await queue.fail(lost, "late", bench.now, final=True)
    await queue.release(lost)
    assert await bench.claim() is None
    await queue.finish(held, bench.now)
    job = await bench.job(key)
    assert (job.done_at, job.failed_at, job.last_error, job.leased_until) == (bench.now, None, None, None)


async def test_a_long_job_keeps_its_lease(bench: Bench) -> None:
    (key,) = await bench.put()
    begun, end = asyncio.Event(), asyncio.Event()

    async def long(_: Claimed) -> None:
        begun.set()
        await end.wait()

    async def leased() -> bool:
        until = (await bench.job(key)).leased_until
        return until is not None and until > bench.now

    working = asyncio.create_task(bench.lane(long).one())
    await begun.wait()
    for _ in range(3):
        bench.wait(seconds=1)
        await eventually(leased)
        assert await bench.claim() is None
    end.set()
    assert await working
    assert (await bench.job(key)).attempts == 1


async def test_work_is_broken_off_when_another_has_the_job(bench: Bench) -> None:
    (key,) = await bench.put()
    begun, broken = asyncio.Event(), asyncio.Event()

    async def endless(_: Claimed) -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            broken.set()

    working = asyncio.create_task(bench.lane(endless).one())
    await begun.wait()
    await Job.filter(id=key).update(attempts=2)
    assert await working
    assert broken.is_set()
    job = await bench.job(key)
    assert (job.attempts, job.done_at, job.failed_at, job.last_error) == (2, None, None, None)


async def test_what_fails_waits_twice_as_long_each_time(bench: Bench) -> None:
    (key,) = await bench.put()

    async def refused(_: Claimed) -> None:
        raise TryLater("Not now.")

    lane, delays = bench.lane(refused), []
    for attempt in range(1, 6):
        assert await lane.one()
        job = await bench.job(key)
        delays.append((job.run_at - bench.now).total_seconds())
        assert (job.attempts, job.failed_at, job.last_error) == (attempt, None, "Not now.")
        assert not await lane.one()
        bench.now = job.run_at
    longest = [15, 30, 60, 120, 240]
    assert all(most / 2 <= delay <= most for delay, most in zip(delays, longest, strict=True))


def test_waiting_is_bounded_and_never_in_step() -> None:
    delays = {queue.delay(attempts) for attempts in range(9, 10_000, 100)}
    assert timedelta(minutes=30) <= min(delays) < max(delays) <= timedelta(hours=1)
    assert len(delays) > 50


async def test_an_error_nobody_foresaw_is_told_without_its_message(
    bench: Bench, capsys: pytest.CaptureFixture[str]
) -> None:
    (key,) = await bench.put()

    async def broken(_: Claimed) -> None:
        raise RuntimeError("canary 7f3a")

    await bench.lane(broken).one()
    assert (await bench.job(key)).last_error == "RuntimeError."
    said = capsys.readouterr()
    assert "RuntimeError" in said.out + said.err
    assert "canary" not in said.out + said.err


async def test_what_is_given_up_stays_to_be_seen_and_is_done_no_more(bench: Bench) -> None:
    (key,) = await bench.put(sealed="secret")

    async def useless(_: Claimed) -> None:
        raise GivenUp("There is no such mailbox.")

    lane = bench.lane(useless)
    assert await lane.one()
    job = await bench.job(key)
    assert (job.failed_at, job.last_error, job.done_at) == (bench.now, "There is no such mailbox.", None)
    bench.wait(days=365)
    assert not await lane.one()
    assert (await bench.job(key)).payload == {"sealed": "secret"}


async def test_the_last_attempt_that_fails_is_the_end(bench: Bench) -> None:
    (key,) = await bench.put()

    async def refused(_: Claimed) -> None:
        raise TryLater("Not now.")

    lane = bench.lane(refused, attempts=3)
    for _ in range(3):
        assert await lane.one()
        bench.wait(days=1)
    job = await bench.job(key)
    assert (job.attempts, job.last_error) == (3, "Not now.")
    assert job.failed_at is not None
    assert not await lane.one()


async def test_a_job_that_kills_its_workers_is_given_up(bench: Bench) -> None:
    (key,) = await bench.put()
    for _ in range(2):
        assert not (await bench.claimed(most=2)).spent
        bench.now += LEASE  # and nothing more is heard of this worker
    assert (await bench.claimed(most=2)).spent
    job = await bench.job(key)
    assert (job.attempts, job.failed_at, job.last_error) == (2, bench.now, "Its worker died.")
    assert await bench.claim(most=2) is None


async def test_a_job_that_is_retried_gets_a_further_attempt(bench: Bench) -> None:
    (key,) = await bench.put()
    await queue.fail(await bench.claimed(most=1), "No.", bench.now, final=True)
    assert await queue.retry([key, uuid4()], bench.now) == [key]
    again = await bench.claimed(most=1)
    assert (again.id, again.attempts, again.spent) == (key, 2, False)
    await queue.finish(again, bench.now)
    assert await queue.retry([key], bench.now) == []


async def test_a_job_that_waits_can_be_dropped_and_one_under_way_cannot(bench: Bench) -> None:
    waiting, busy = *(await bench.put()), (await bench.put())[0]
    await Job.filter(id=busy).update(leased_until=bench.now + LEASE)
    assert await queue.drop([waiting, busy], bench.now) == [waiting]
    assert await queue.retry([busy], bench.now) == []
    assert [job.id for job in await Job.all()] == [busy]


async def test_work_in_the_database_is_done_exactly_once(bench: Bench) -> None:
    (key,) = await bench.put()
    tries = 0

    async def effect(_: Claimed) -> None:
        nonlocal tries
        tries += 1
        await queue.put([queue.job(uuid4(), "effect", bench.now)])
        if tries == 1:
            raise TryLater("After it was written.")

    lane = bench.lane(effect, in_database=True)
    assert await lane.one()
    assert await Job.filter(kind="effect").count() == 0
    bench.wait(minutes=1)
    assert await lane.one()
    assert await Job.filter(kind="effect").count() == 1
    assert (await bench.job(key)).done_at == bench.now
    assert tries == 2


async def test_who_lost_his_claim_writes_nothing_to_the_database(bench: Bench) -> None:
    (key,) = await bench.put()

    async def effect(_: Claimed) -> None:
        await queue.put([queue.job(uuid4(), "effect", bench.now)])

    lane = bench.lane(effect, in_database=True)
    lost = await bench.claimed()
    bench.now += LEASE
    assert await lane.one()
    await lane._do(lost)
    assert await Job.filter(kind="effect").count() == 1
    assert (await bench.job(key)).attempts == 2


async def test_what_was_sealed_goes_when_the_job_is_done(bench: Bench) -> None:
    (key,) = await bench.put(sealed="secret", to="ann@acme.test")
    await bench.lane().one()
    assert (await bench.job(key)).payload == {"to": "ann@acme.test"}


async def test_kinds_that_a_worker_does_not_know_are_left_to_others(bench: Bench) -> None:
    (key,) = await bench.put(kind="of a later version")
    assert not await bench.lane().one()
    assert (await bench.job(key)).attempts == 0


async def test_a_commit_wakes_the_worker_and_a_rollback_does_not(bench: Bench) -> None:
    pace, idle = Pace(poll=3600), asyncio.Event()

    async def noted(job: Claimed) -> None:
        await bench.note(job)
        idle.set()

    async def undone() -> None:
        await queue.put([queue.job(uuid4(), KIND, bench.now)])
        raise LookupError

    async with working(bench.url, {KIND: Handler(noted)}, bench.clock, pace), asyncio.timeout(PATIENCE):
        await eventually(lambda: rows("select from pg_stat_activity where query = $1", f'LISTEN "{WAKE}"'))
        with pytest.raises(LookupError):
            await transaction(undone)
        put = await bench.put()
        await idle.wait()
    assert bench.done == put
    assert await Job.all().count() == 1


async def test_what_came_while_nobody_listened_is_done(bench: Bench) -> None:
    before = await bench.put(3)
    async with working(bench.url, {KIND: Handler(bench.note)}, bench.clock, Pace(poll=3600)):
        await eventually(none_waits)
        deaf = "select pg_terminate_backend(pid) from pg_stat_activity where query = $1"
        await eventually(lambda: rows(deaf, f'LISTEN "{WAKE}"'))
        await Job.bulk_create([queue.job(uuid4(), KIND, bench.now)])  # without a notification
        await eventually(none_waits)
    assert set(before) < set(bench.done)


async def test_what_becomes_due_is_found_without_a_notification(bench: Bench) -> None:
    await Job.bulk_create([queue.job(uuid4(), KIND, bench.now, run_at=bench.now + timedelta(hours=1))])
    async with working(bench.url, {KIND: Handler(bench.note)}, bench.clock, Pace(poll=0.01)):
        await asyncio.sleep(0.05)
        assert bench.done == []
        bench.wait(hours=1)
        await eventually(none_waits)


async def test_a_stop_waits_for_what_runs(bench: Bench) -> None:
    await bench.put(2)
    begun, end = asyncio.Event(), asyncio.Event()

    async def slow(job: Claimed) -> None:
        begun.set()
        await end.wait()
        await bench.note(job)

    async with working(bench.url, {KIND: Handler(slow)}, bench.clock, Pace()):
        await begun.wait()
        asyncio.get_running_loop().call_later(0.05, end.set)
    assert len(bench.done) == 1
    assert await Job.filter(done_at=None, attempts=0, leased_until=None).count() == 1


async def test_a_stop_gives_back_what_takes_too_long(bench: Bench) -> None:
    (key,) = await bench.put()
    begun = asyncio.Event()

    async def endless(_: Claimed) -> None:
        begun.set()
        await asyncio.Event().wait()

    async with working(bench.url, {KIND: Handler(endless)}, bench.clock, Pace(grace=0.01)):
        await begun.wait()
    job = await bench.job(key)
    assert (job.leased_until, job.done_at, job.failed_at) == (None, None, None)
    assert (await bench.claimed()).id == key


async def test_a_lane_that_is_busy_holds_up_no_other(bench: Bench) -> None:
    await bench.put(kind="slow")
    end = asyncio.Event()

    async def slow(_: Claimed) -> None:
        await end.wait()

    known = {"slow": Handler(slow, lane="mail"), KIND: Handler(bench.note)}
    async with working(bench.url, known, bench.clock, Pace(poll=3600)):
        await eventually(lambda: Job.filter(kind="slow", attempts=1).count())
        put = await bench.put()
        await eventually(lambda: Job.filter(id=put[0], done_at=bench.now).count())
        end.set()
    assert bench.done == put


async def test_a_database_that_is_away_is_waited_for(bench: Bench) -> None:
    async with working(bench.url, {KIND: Handler(bench.note)}, bench.clock, Pace(poll=0.01)):
        await rows("alter table job rename to gone")
        await asyncio.sleep(0.1)
        await rows("alter table gone rename to job")
        await bench.put()
        await eventually(none_waits)
