"""The frameworks that take long to import: Lightning, TensorFlow and eo-learn on the same lock."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.adapters.conftest import TRANSFORMS, same
from training.select.lock import Lock
from training.types import Batch

pytestmark = pytest.mark.filterwarnings("default")


def test_lightning_trains_validates_and_goes_on_in_mid_epoch(flood: Lock, wanted: list[Batch], tmp_path: Path) -> None:
    pl = pytest.importorskip("lightning.pytorch")
    from training.adapters.lightning import LockModule

    class Water(pl.LightningModule):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            torch.manual_seed(0)
            self.net = torch.nn.Sequential(torch.nn.BatchNorm2d(13), torch.nn.Conv2d(13, 2, 1))
            self.losses: list[float] = []
            self.validated: list[float] = []
            self.seen: list[bytes] = []

        def _loss(self, batch: dict[str, torch.Tensor]) -> torch.Tensor:
            found = self.net(batch["image"][..., ::2, ::2])
            return torch.nn.functional.cross_entropy(found, batch["mask"][..., ::2, ::2].long(), ignore_index=255)

        def training_step(self, batch: dict[str, torch.Tensor], number: int) -> torch.Tensor:
            self.seen.append(batch["index"].numpy().tobytes())
            loss = self._loss(batch)
            self.losses.append(float(loss.detach()))
            return loss

        def validation_step(self, batch: dict[str, torch.Tensor], number: int) -> None:
            self.validated.append(float(self._loss(batch)))

        def configure_optimizers(self) -> torch.optim.Optimizer:
            return torch.optim.Adam(self.parameters(), lr=0.05)

    def trainer(**options: object) -> pl.Trainer:  # type: ignore[name-defined]
        quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False, "accelerator": "cpu"}
        return pl.Trainer(**quiet, default_root_dir=tmp_path, num_sanity_val_steps=0, **options)

    module = Water()
    trainer(max_epochs=3, enable_checkpointing=False).fit(module, datamodule=LockModule(flood, transforms=TRANSFORMS))
    assert module.seen[:4] == [batch.index.tobytes() for batch in wanted]
    assert len(module.seen) == 12
    assert sum(module.losses[-3:]) < 0.8 * sum(module.losses[:3])
    assert len(module.validated) == 3 * 2

    # a checkpoint in the middle of the second epoch, and gone on from there with new objects
    class Save(pl.Callback):  # type: ignore[misc, name-defined]
        def on_train_batch_end(self, trainer: pl.Trainer, *ignored: object) -> None:  # type: ignore[name-defined]
            if trainer.global_step == 6:
                trainer.save_checkpoint(tmp_path / "half.ckpt", weights_only=False)

    stopped, later = Water(), Water()
    trainer(max_steps=6, enable_checkpointing=False, callbacks=[Save()]).fit(
        stopped, datamodule=LockModule(flood, transforms=TRANSFORMS)
    )
    trainer(max_epochs=3, enable_checkpointing=False).fit(
        later, datamodule=LockModule(flood, transforms=TRANSFORMS), ckpt_path=tmp_path / "half.ckpt", weights_only=False
    )
    place = {one: number for number, one in enumerate(module.seen)}
    assert [place[one] for one in stopped.seen + later.seen] == list(range(12))


def test_tensorflow(flood: Lock, wanted: list[Batch]) -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    tf = pytest.importorskip("tensorflow")
    from training.adapters.tensorflow import tf_dataset

    batches = list(tf_dataset(flood, split="train", transforms=TRANSFORMS).as_numpy_iterator())
    for key in ("image", "mask", "valid", "index"):
        assert same([one[key] for one in batches], wanted, key)
    pairs = tf_dataset(flood, split="train", transforms=TRANSFORMS, target="mask", epochs=6)
    assert pairs.element_spec[0].shape.as_list() == [None, 64, 64, 13]
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.layers.BatchNormalization(), tf.keras.layers.Conv2D(2, 1)])
    loss = tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=255)
    model.compile(optimizer=tf.keras.optimizers.Adam(0.05), loss=loss)
    # whole numbers of batches an epoch: six passes over the fold
    losses = model.fit(pairs, epochs=6, steps_per_epoch=4, verbose=0).history["loss"]
    assert losses[-1] < 0.8 * losses[0]


def test_eolearn(flood: Lock, wanted: list[Batch]) -> None:
    core = pytest.importorskip("eolearn.core")
    from sklearn.linear_model import SGDClassifier
    from sklearn.metrics import log_loss

    from training.adapters.eolearn import as_eotask, eopatches

    plain = list(eopatches(flood, split="train"))
    output = core.OutputTask("patch")
    nodes = core.linearly_connect_tasks(*[as_eotask(one, seed=5) for one in TRANSFORMS], output)
    workflow = core.EOWorkflow(nodes)
    by_task = [workflow.execute({nodes[0]: {"eopatch": one}}).outputs["patch"] for one in plain]
    kind = core.FeatureType.DATA if (core.FeatureType.DATA, "BANDS") in plain[0] else core.FeatureType.DATA_TIMELESS
    sizes = np.cumsum([len(batch.index) for batch in wanted])[:-1]

    def chip(patch: object) -> np.ndarray:
        bands = patch[kind, "BANDS"]  # type: ignore[index]
        return np.moveaxis(bands[0] if bands.ndim == 4 else bands, -1, 0)

    assert same(np.split(np.stack([chip(one) for one in by_task]), sizes), wanted)
    masks = np.stack([one[core.FeatureType.MASK_TIMELESS, "MASK"][..., 0] for one in by_task])
    assert same(np.split(masks, sizes), wanted, "mask")
    assert plain[0].bbox.crs.epsg == 4326
    learner, losses = SGDClassifier(loss="log_loss", random_state=0), []
    for patch in by_task:
        x = chip(patch)[:, ::4, ::4].reshape(13, -1).T * 10
        y = patch[core.FeatureType.MASK_TIMELESS, "MASK"][::4, ::4, 0].ravel()
        x, y = x[y != 255], y[y != 255]
        if len(y):
            learner.partial_fit(x, y, classes=[0, 1])
            losses.append(log_loss(y, learner.predict_proba(x), labels=[0, 1]))
    assert np.mean(losses[-10:]) < np.mean(losses[:10])
