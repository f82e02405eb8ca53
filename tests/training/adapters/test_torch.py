"""Torch batches: the same for any number of workers and ranks, exactly once, resumed where they stopped."""

from __future__ import annotations

import pickle
from functools import partial
from pathlib import Path

import pytest
import torch
from torch.utils.data import DataLoader

from ontology.errors import EarthdexError
from tests.training.adapters.made import MadeReader, made_lock
from training.adapters.source import Source
from training.adapters.torch_chips import Chips, LockOrder, collate
from training.adapters.torch_loader import Loader
from training.adapters.torch_stream import Batches, TorchBatch
from training.adapters.transforms import Flips
from training.select.lock import Lock

LOCK = made_lock()


def source(lock: Lock = LOCK, bad: frozenset[int] = frozenset(), **options: object) -> Source:
    return Source(lock, make=partial(MadeReader, lock, bad=bad), **options)  # type: ignore[arg-type]


def shown(batch: TorchBatch) -> tuple[int, int, bytes, bytes]:
    return batch.epoch, batch.number, batch["index"].numpy().tobytes(), batch["image"].numpy().tobytes()


@pytest.fixture(scope="module")
def epochs() -> list[list[tuple[int, int, bytes, bytes]]]:
    """Two epochs read plainly."""
    reader = source(transforms=[Flips()])
    return [[shown(one) for one in Loader(Batches(reader))] for _ in range(1)] + [
        [shown(one) for one in _epoch(Batches(reader), 1)]
    ]


def _epoch(batches: Batches, epoch: int) -> list[TorchBatch]:
    batches.set_epoch(epoch)
    return list(batches)


def test_an_epoch_holds_every_chip_once_and_the_next_one_another_order() -> None:
    batches = Batches(source())
    first, second = list(batches), list(batches)
    for one in (first, second):
        assert sorted(torch.cat([batch["index"] for batch in one]).tolist()) == list(range(23))
        assert [len(batch["index"]) for batch in one] == [4] * 5 + [3]
    assert [batch.epoch for batch in first + second] == [0] * 6 + [1] * 6
    assert [shown(one)[2] for one in first] != [shown(one)[2] for one in second]
    assert first[0]["image"].dtype == torch.uint16
    assert first[0]["mask"].dtype == torch.uint8


@pytest.mark.filterwarnings("ignore:This DataLoader will create")
@pytest.mark.parametrize(("workers", "context"), [(1, "fork"), (3, "fork"), (1, "spawn")])
def test_workers_change_nothing(epochs: list[list[tuple[int, int, bytes, bytes]]], workers: int, context: str) -> None:
    loader = Loader(
        Batches(source(transforms=[Flips()])),
        num_workers=workers,
        multiprocessing_context=context,
        persistent_workers=workers == 3 or context == "spawn",
    )
    for epoch in epochs:
        assert [shown(one) for one in loader] == epoch
    assert loader.report.read == 46


@pytest.mark.parametrize("world", [1, 2, 3, 7])
def test_ranks_share_the_batches(epochs: list[list[tuple[int, int, bytes, bytes]]], world: int) -> None:
    parts = [list(Batches(source(transforms=[Flips()]), rank=rank, world=world)) for rank in range(world)]
    assert sorted((shown(one) for part in parts for one in part), key=lambda one: one[1]) == epochs[0]
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    assert [len(part) for part in parts] == [len(Batches(source(), rank=rank, world=world)) for rank in range(world)]
    even = [list(Batches(source(), rank=rank, world=world, even="drop")) for rank in range(world)]
    assert {len(part) for part in even} == {6 // world}


@pytest.mark.parametrize(("before", "after"), [((0, 1), (0, 1)), ((2, 1), (0, 1)), ((0, 1), (2, 1)), ((2, 2), (0, 1))])
def test_resume_goes_on_with_the_next_batch_whatever_the_workers_and_ranks(
    epochs: list[list[tuple[int, int, bytes, bytes]]], before: tuple[int, int], after: tuple[int, int]
) -> None:
    workers, world = before
    seen = []
    for rank in range(world):
        loader = Loader(
            Batches(source(transforms=[Flips()]), rank=rank, world=world),
            num_workers=workers,
            multiprocessing_context="fork" if workers else None,
        )
        batches = iter(loader)
        seen += [shown(next(batches)) for _ in range(4 // world)]
        state = loader.state_dict()
    assert state["batch"] == 4
    workers, world = after
    loader = Loader(
        Batches(source(transforms=[Flips()])), num_workers=workers, multiprocessing_context="fork" if workers else None
    )
    loader.load_state_dict(pickle.loads(pickle.dumps(state)))
    # as trainers do at the start of each epoch
    loader.dataset.set_epoch(0)  # type: ignore[attr-defined]
    seen += [shown(one) for one in loader]
    assert sorted(seen, key=lambda one: one[1]) == epochs[0]
    assert [shown(one) for one in loader] == epochs[1]


def test_a_state_at_the_end_begins_the_next_epoch() -> None:
    loader = Loader(Batches(source()))
    for _ in loader:
        state = loader.state_dict()
    other = Loader(Batches(source()))
    other.load_state_dict(state)
    assert next(iter(other)).epoch == 1
    other.load_state_dict(loader.state_dict())
    assert next(iter(other)).epoch == 1


def test_a_pass_that_was_left_begins_anew() -> None:
    for loader in (
        Batches(source()),
        Loader(Batches(source())),
        Loader(Batches(source()), num_workers=1, multiprocessing_context="fork"),
    ):
        first = shown(next(iter(loader)))
        assert shown(next(iter(loader))) == first


def test_a_state_of_another_lock_is_refused() -> None:
    state = Batches(source()).state_dict()
    with pytest.raises(EarthdexError, match="another lock"):
        Batches(source(made_lock(9))).load_state_dict(state)


def test_workers_of_a_plain_dataloader_see_epochs_but_not_states() -> None:
    batches = Batches(source())
    loader = DataLoader(
        batches, batch_size=None, num_workers=2, multiprocessing_context="fork", persistent_workers=True
    )
    plain = Batches(source())
    for epoch in (0, 5):
        batches.set_epoch(epoch)
        assert [shown(one) for one in loader] == [shown(one) for one in _epoch(plain, epoch)]
    with pytest.raises(EarthdexError, match="Loader"):
        batches.state_dict()


@pytest.mark.parametrize("workers", [0, 2])
def test_bad_chips_are_told_and_batches_stay_as_they_are(workers: int) -> None:
    whole = {one.number: set(one["index"].tolist()) for one in Batches(source())}
    bad = frozenset({5, 11} | whole[2])
    loader = Loader(Batches(source(bad=bad)), num_workers=workers, multiprocessing_context="fork" if workers else None)
    seen = {one.number: set(one["index"].tolist()) for one in loader}
    assert seen == {number: one - bad for number, one in whole.items() if one - bad}
    assert {Path(one.href).stem for one in loader.report.skipped} == {str(one) for one in bad}
    assert loader.report.read == 23 - len(bad)


def test_chips_by_number_and_the_order_of_the_lock() -> None:
    chips = Chips(source(bad=frozenset({7})))
    assert len(chips) == 23
    assert chips[7] is None
    sample = chips[3]
    assert sample is not None and sample["image"].shape == (3, 8, 8) and sample["label"] == 1
    order = LockOrder(chips)
    for epoch in (0, 1):
        order.set_epoch(epoch)
        loaded = list(DataLoader(chips, batch_sampler=order, collate_fn=collate))
        streamed = _epoch(Batches(source(bad=frozenset({7}))), epoch)
        assert [one["image"].numpy().tobytes() for one in loaded] == [
            one["image"].numpy().tobytes() for one in streamed
        ]
    assert len(order) == 6


def test_what_is_random_about_transforms_follows_the_epoch() -> None:
    chips = Chips(source(transforms=[Flips()]))
    forms = set()
    for epoch in range(12):
        chips.set_epoch(epoch)
        sample = chips[1]
        assert sample is not None
        forms.add(sample["image"].numpy().tobytes())
    assert 4 <= len(forms) <= 8


def test_folds_are_read_alone() -> None:
    lock = made_lock(folds=("train", "test"))
    for fold, odd in (("train", 0), ("test", 1)):
        batches = Batches(Source(lock, split=fold, make=partial(MadeReader, lock, fold)))
        assert sorted(torch.cat([one["index"] for one in batches]).tolist()) == list(range(odd, 23, 2))


def test_wrong_ranks_are_refused() -> None:
    for rank, world in ((2, 2), (-1, 2), (None, 2), (1, None)):
        with pytest.raises(EarthdexError, match="rank"):
            Batches(source(), rank=rank, world=world)


def test_a_batch_is_not_written_to_after_it_was_handed_out() -> None:
    held, copies = [], []
    for batch in Batches(source(transforms=[Flips()])):
        held.append(batch)
        copies.append(batch["image"].clone())
    assert all(torch.equal(batch["image"], copy) for batch, copy in zip(held, copies, strict=True))
