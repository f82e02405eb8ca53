"""One server on loopback for the tests of a file."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tests.training.io.server import Served


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    world = Served()
    yield world
    world.stop()


@pytest.fixture(scope="session")
def noise() -> bytes:
    """Bytes that do not compress: 300 KB."""
    return random.Random(7).randbytes(300_000)
