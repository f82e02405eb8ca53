"""Chips as a Hugging Face `datasets.IterableDataset` with its features."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from training.adapters.source import Source
from training.adapters.transforms import Transform
from training.select.lock import Lock
from training.types import Array


def _examples(source: Source, epoch: int, shards: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
    """Chips of the batches `start`, `start + step` ... of each shard."""
    for start, step in shards:
        for batch in source.filled(epoch, start, step):
            for place, number in enumerate(batch.index):
                example: dict[str, Any] = {"index": int(number), "image": batch.image[place]}
                example["valid"] = batch.valid[place]
                if batch.label is not None:
                    example["label"] = int(batch.label[place])
                if batch.mask is not None:
                    example["mask"] = batch.mask[place]
                if batch.boxes is not None:
                    example["boxes"] = batch.boxes[place]
                yield example


def _array(values: Array) -> Any:  # noqa: ANN401
    from datasets import Array2D, Array3D, Array4D, List, Value

    shape, dtype = values.shape[1:], str(values.dtype)
    if len(shape) == 1:
        return List(Value(dtype), length=shape[0])
    return {2: Array2D, 3: Array3D, 4: Array4D}[len(shape)](shape, dtype)


def features(source: Source) -> Any:  # noqa: ANN401
    """The `datasets.Features` of a source: shapes and types of its first chips, classes by name.

    Raises:
        EarthdexError: no chip can be read.
    """
    from datasets import ClassLabel, Features, List, Value

    first = source.first()
    found: dict[str, Any] = {"index": Value("int64"), "image": _array(first.image), "valid": _array(first.valid)}
    if first.label is not None:
        names = {one.value: one.name for one in source.lock.classes}
        # class labels of this library are numbered from 0 without gaps
        dense = sorted(names) == list(range(len(names))) and bool(names)
        found["label"] = ClassLabel(names=[names[one] for one in sorted(names)]) if dense else Value("int64")
    if first.mask is not None:
        found["mask"] = _array(first.mask)
    if first.boxes is not None:
        found["boxes"] = List(List(Value("float32"), length=5))
    return Features(found)


def huggingface_dataset(
    lock: Lock | str | Path | Source,
    *,
    split: str = "",
    epoch: int = 0,
    shards: int = 1,
    transforms: Sequence[Transform] = (),
    **options: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401 - datasets is optional
    """The chips of an epoch in the order of its batches.

    Args:
        lock: a lock, the path of one, or a source.
        split: which part of it; all when empty.
        epoch: which order and crops; the order is the lock's, so that `shuffle` is not needed.
        shards: parts that as many workers or nodes (`split_dataset_by_node`) can read beside one another.
        transforms: applied to each batch in order.
        **options: see `Source`: root, cache, threads, strict, allow_private.

    Raises:
        EarthdexError: no chip can be read.
    """
    from datasets import IterableDataset

    source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
    count = max(1, min(shards, len(source)))
    places = [(shard, count) for shard in range(count)]
    return IterableDataset.from_generator(
        _examples, features=features(source), gen_kwargs={"source": source, "epoch": epoch, "shards": places}
    )
