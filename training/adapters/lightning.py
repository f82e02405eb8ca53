"""A Lightning DataModule over the folds of a lock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ontology.errors import NotFound
from training.adapters.torch_loader import Loader
from training.adapters.torch_stream import Batches
from training.adapters.transforms import Transform
from training.select.lock import Lock

if TYPE_CHECKING:
    from lightning.pytorch import LightningDataModule
else:
    try:
        from lightning.pytorch import LightningDataModule
    except ImportError:
        from pytorch_lightning import LightningDataModule


class LockModule(LightningDataModule):  # type: ignore[misc]  # Lightning may be absent
    """Folds of a lock for `Trainer.fit`, `validate`, `test` and `predict`.

    The trainer needs `use_distributed_sampler=False` only if it warns: batches are shared out among ranks by the lock,
    each with the same number of steps in training. Checkpoints hold how far the training fold was read, so that
    `fit(..., ckpt_path=...)` goes on with the next unseen batch.

    Attributes:
        lock: what is read.
        train, validation, test: names of the folds; those that the lock does not have are left out.
    """

    def __init__(
        self,
        lock: Lock | str | Path,
        *,
        train: str = "train",
        validation: str = "validation",
        test: str = "test",
        transforms: Sequence[Transform] = (),
        augment: Sequence[Transform] = (),
        num_workers: int = 0,
        pin_memory: bool = False,
        **options: Any,  # noqa: ANN401
    ) -> None:
        """Names what is read; nothing is opened yet.

        Args:
            lock: a lock or the path of one.
            train: fold to train on; a lock without folds trains on all of it.
            validation: fold to validate with.
            test: fold to test with.
            transforms: applied to all batches in order.
            augment: applied to training batches before these.
            num_workers: see `Loader`.
            pin_memory: see `Loader`.
            **options: see `Source`: root, cache, threads, strict, allow_private.

        Raises:
            NotFound: there is no such lock file, or the lock has folds but not the one to train on.
        """
        super().__init__()
        root = options.pop("root", None)
        self.lock = (
            Lock.read(lock, root=root) if isinstance(lock, (str, Path)) else lock if root is None else lock.at(root)
        )
        folds = self.lock.split.folds if self.lock.split is not None else ()
        if folds and train not in folds:
            raise NotFound(f"The lock has no fold {train!r}.", f"Its folds: {', '.join(folds)}.")
        self.train, self.validation, self.test = (one if one in folds else "" for one in (train, validation, test))
        self._folds = folds
        self._transforms, self._augment = tuple(transforms), tuple(augment)
        self._workers, self._pin, self._options = num_workers, pin_memory, options
        self._loaders: dict[str, Loader] = {}

    def _loader(self, name: str, fold: str, transforms: tuple[Transform, ...], even: str) -> Loader:
        if name not in self._loaders:
            batches = Batches(self.lock, split=fold, transforms=transforms, even=even, **self._options)  # type: ignore[arg-type]
            self._loaders[name] = Loader(batches, num_workers=self._workers, pin_memory=self._pin)
        return self._loaders[name]

    def train_dataloader(self) -> Loader:
        """Batches of the training fold, a new order each epoch."""
        return self._loader("train", self.train, (*self._augment, *self._transforms), "drop")

    def val_dataloader(self) -> Loader | list[Loader]:
        """Batches of the validation fold; none where the lock has none."""
        return self._held("validation", self.validation)

    def test_dataloader(self) -> Loader | list[Loader]:
        """Batches of the test fold; none where the lock has none."""
        return self._held("test", self.test)

    def predict_dataloader(self) -> Loader | list[Loader]:
        """Batches of the test fold, or of all chips where the lock has no folds."""
        return self._held("test", self.test) if self._folds else self._loader("all", "", self._transforms, "")

    def _held(self, name: str, fold: str) -> Loader | list[Loader]:
        return self._loader(name, fold, self._transforms, "") if fold else []
