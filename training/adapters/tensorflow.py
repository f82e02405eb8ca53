"""Batches as a `tf.data.Dataset`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ontology.errors import EarthdexError
from training.adapters.source import Source
from training.adapters.transforms import Transform
from training.select.lock import Lock
from training.types import Array, Batch

_KEYS = ("image", "valid", "index", "label", "mask")


def batch_arrays(batch: Batch) -> dict[str, Array]:
    """The arrays of a batch by name; boxes are left out, since they differ in number."""
    found = {key: getattr(batch, key) for key in _KEYS}
    return {key: values for key, values in found.items() if values is not None}


def tf_dataset(
    lock: Lock | str | Path | Source,
    *,
    split: str = "",
    epoch: int = 0,
    epochs: int = 1,
    target: str = "",
    transforms: Sequence[Transform] = (),
    **options: Any,  # noqa: ANN401
) -> Any:  # noqa: ANN401 - tensorflow is optional
    """Whole batches of a lock for TensorFlow and Keras.

    Args:
        lock: a lock, the path of one, or a source.
        split: which part of it; all when empty.
        epoch: the first epoch.
        epochs: how many epochs one pass holds, each in an order of its own.
        target: `label` or `mask` gives (image, target) with channels last, as Keras' `fit` wants it; by default a dict
            of all arrays as they are: `image` (n, channels, height, width), `valid`, `index`, and `label` or `mask`.
        transforms: applied to each batch in order.
        **options: see `Source`: root, cache, threads, strict, allow_private.

    Raises:
        EarthdexError: no chip can be read, or the chips have no such target.
    """
    import numpy as np
    import tensorflow as tf

    source = lock if isinstance(lock, Source) else Source(lock, split=split, transforms=transforms, **options)
    first = batch_arrays(source.first(epoch))
    if target and target not in first:
        raise EarthdexError(f"These chips have no {target}.", f"There are: {', '.join(first)}.")

    def shaped(arrays: dict[str, Array]) -> Any:  # noqa: ANN401
        if not target:
            return arrays
        return np.moveaxis(arrays["image"], -3 if arrays["image"].ndim > 3 else 1, -1), arrays[target]

    def batches() -> Iterator[Any]:
        for number in range(epoch, epoch + epochs):
            for batch in source.filled(number):
                yield shaped(batch_arrays(batch))

    def signature(values: Array) -> Any:  # noqa: ANN401
        # all but the last batch of an epoch are full
        return tf.TensorSpec((None, *values.shape[1:]), tf.as_dtype(values.dtype))

    spec = tf.nest.map_structure(signature, shaped(first))
    return tf.data.Dataset.from_generator(batches, output_signature=spec).prefetch(2)
