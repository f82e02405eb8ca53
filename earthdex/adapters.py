"""Batches of a lock for other libraries: torch, Lightning, scikit-learn, TensorFlow, Hugging Face, xarray, eo-learn.

    >>> from earthdex.adapters import Flips, Normalise, torch_loader
    >>> for batch in torch_loader("earthdex.lock", split="train", transforms=[Flips()]):
    ...     batch["image"], batch["mask"]

Every name is imported on first use: each needs only the library that it is for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from training.adapters.eolearn import as_eotask, eopatches
    from training.adapters.huggingface import huggingface_dataset
    from training.adapters.lightning import LockModule
    from training.adapters.source import Source
    from training.adapters.tables import sklearn_arrays, sklearn_batches
    from training.adapters.tensorflow import tf_dataset
    from training.adapters.torch_chips import Chips, LockOrder, collate
    from training.adapters.torch_loader import Loader, torch_loader
    from training.adapters.torch_stream import Batches
    from training.adapters.torchgeo import TorchGeoChips
    from training.adapters.transforms import Bands, Flips, Index, Normalise, Scale
    from training.adapters.xarray import xarray_chip, xarray_chips
    from training.composites import CompositeRecipe, Composites, months_between

__all__ = [
    "Bands",
    "Batches",
    "Chips",
    "CompositeRecipe",
    "Composites",
    "Flips",
    "Index",
    "Loader",
    "LockModule",
    "LockOrder",
    "Normalise",
    "Scale",
    "Source",
    "TorchGeoChips",
    "as_eotask",
    "collate",
    "eopatches",
    "huggingface_dataset",
    "months_between",
    "sklearn_arrays",
    "sklearn_batches",
    "tf_dataset",
    "torch_loader",
    "xarray_chip",
    "xarray_chips",
]


def _source() -> Any:  # noqa: ANN401
    from training.adapters import source

    return source


def _transforms() -> Any:  # noqa: ANN401
    from training.adapters import transforms

    return transforms


def _torch_stream() -> Any:  # noqa: ANN401
    from training.adapters import torch_stream

    return torch_stream


def _torch_loader() -> Any:  # noqa: ANN401
    from training.adapters import torch_loader

    return torch_loader


def _torch_chips() -> Any:  # noqa: ANN401
    from training.adapters import torch_chips

    return torch_chips


def _lightning() -> Any:  # noqa: ANN401
    from training.adapters import lightning

    return lightning


def _tables() -> Any:  # noqa: ANN401
    from training.adapters import tables

    return tables


def _tensorflow() -> Any:  # noqa: ANN401
    from training.adapters import tensorflow

    return tensorflow


def _huggingface() -> Any:  # noqa: ANN401
    from training.adapters import huggingface

    return huggingface


def _xarray() -> Any:  # noqa: ANN401
    from training.adapters import xarray

    return xarray


def _eolearn() -> Any:  # noqa: ANN401
    from training.adapters import eolearn

    return eolearn


def _torchgeo() -> Any:  # noqa: ANN401
    from training.adapters import torchgeo

    return torchgeo


def _composites() -> Any:  # noqa: ANN401
    from training import composites

    return composites


_WHERE: dict[str, Callable[[], Any]] = {
    **dict.fromkeys(("Bands", "Flips", "Index", "Normalise", "Scale"), _transforms),
    **dict.fromkeys(("Chips", "LockOrder", "collate"), _torch_chips),
    **dict.fromkeys(("Loader", "torch_loader"), _torch_loader),
    **dict.fromkeys(("sklearn_arrays", "sklearn_batches"), _tables),
    **dict.fromkeys(("as_eotask", "eopatches"), _eolearn),
    **dict.fromkeys(("xarray_chip", "xarray_chips"), _xarray),
    **dict.fromkeys(("CompositeRecipe", "Composites", "months_between"), _composites),
    "Batches": _torch_stream,
    "LockModule": _lightning,
    "Source": _source,
    "TorchGeoChips": _torchgeo,
    "huggingface_dataset": _huggingface,
    "tf_dataset": _tensorflow,
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    if name not in _WHERE:
        raise AttributeError(f"module 'earthdex.adapters' has no attribute {name!r}; there are {', '.join(__all__)}")
    return getattr(_WHERE[name](), name)


def __dir__() -> list[str]:
    return sorted(__all__)
