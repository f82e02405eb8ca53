"""Turns of clients, and answers that are kept."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from api.serve.cache import Cache, Kept
from api.serve.turns import Turns
from ontology.errors import EarthdexError, QueryError, TooBusy, TooManyRequests


def _served(line: str, waiting: int = 100, share: int = 100) -> str:
    """Who is served in which order, one thing for all, when clients (letters) come in this order."""

    async def run() -> str:
        turns: Turns[int] = Turns(waiting, share)
        order: list[str] = []

        async def ask(client: str) -> None:
            thing = await turns.take(client, 5)
            order.append(client)
            await asyncio.sleep(0)
            turns.put(thing)

        tasks = [asyncio.ensure_future(ask(client)) for client in line]
        await asyncio.sleep(0)
        turns.put(1)
        await asyncio.gather(*tasks)
        assert turns.free == [1]
        assert len(turns) == 0
        return "".join(order)

    return asyncio.run(run())


def test_clients_are_served_in_turn() -> None:
    assert _served("aaaaabbc") == "abcabaaa"
    assert _served("abcabc") == "abcabc"


def test_lines_are_bounded_and_the_longest_makes_room() -> None:
    async def run() -> list[object]:
        turns: Turns[int] = Turns(waiting=4, share=3)
        tasks = [asyncio.ensure_future(turns.take(client, 0.3)) for client in "aaaabcd"]
        return await asyncio.gather(*tasks, return_exceptions=True)

    found = [type(one) for one in asyncio.run(run())]
    # the fourth of a is over its share; c takes the place of a's newest, d that of the next
    assert found == [
        TooBusy,
        TooManyRequests,
        TooManyRequests,
        TooManyRequests,
        TooBusy,
        TooBusy,
        TooBusy,
    ] or found == [
        TooBusy,
        TooBusy,
        TooManyRequests,
        TooManyRequests,
        TooBusy,
        TooBusy,
        TooBusy,
    ]


def test_a_thing_given_to_someone_who_left_goes_to_the_next() -> None:
    async def run() -> int:
        turns: Turns[int] = Turns(10, 10)
        gone, stays = (asyncio.ensure_future(turns.take(client, 5)) for client in "ab")
        await asyncio.sleep(0)
        turns.put(7)
        gone.cancel()
        return await asyncio.wait_for(stays, 2)

    assert asyncio.run(run()) == 7


def test_equal_requests_share_one_answer() -> None:
    async def run() -> tuple[int, int, int]:
        cache, made = Cache(1_000_000), 0

        async def make() -> Kept:
            nonlocal made
            made += 1
            await asyncio.sleep(0.01)
            return Kept.of(b"x" * 10, "1")

        first = await asyncio.gather(*(cache.get("k", make) for _ in range(5)))
        again = await cache.get("k", make)
        other = await cache.get("k2", make)
        assert first[0].etag == again.etag == other.etag
        return made, cache.hits, cache.joined

    assert asyncio.run(run()) == (2, 1, 4)


def test_what_is_kept_is_bounded_and_errors_are_not_kept() -> None:
    async def run() -> int:
        cache, made = Cache(20_000), 0

        async def make() -> Kept:
            nonlocal made
            made += 1
            return Kept.of(b"x" * 1_000, "1")

        async def fail() -> Kept:
            raise QueryError("It is wrong.", "")

        for number in range(50):
            await cache.get(number, make)
        for number in range(50):
            await cache.get(number, make)
        with pytest.raises(EarthdexError):
            await cache.get("wrong", fail)
        assert (await cache.get("wrong", make)).body
        large = await cache.get("large", make)
        assert replace(large, etag="") != large
        return made

    assert asyncio.run(run()) > 90
