"""What the order of chips does to training: the loss of a small network by window, against a full shuffle.

    python -m benchmarks.stream_loss [--seeds 5] [--epochs 3]

40 scenes of 16 x 16 chips. A chip has one of six classes, which lie in patches as fields and forests do and whose
shares differ from scene to scene; its eight values are those of its class, shifted by its scene (light, haze, season)
and with noise. Order and batches are those of a lock; no pixel is read. A network of two layers learns by plain
stochastic gradient descent; the loss is that on 4,000 chips of the same scenes that it never sees.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from training.order import batch_numbers
from training.select.lock import Lock
from training.select.selection import Selection, Source
from training.types import Grid, Item, Part, Recipe

DATASET = "https://example.org/dataset/benchmark"
SCENES, SIDE, CHIP, CLASSES, VALUES = 40, 16, 256, 6, 8
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def world(rng: np.random.Generator) -> tuple[Floats, Ints, Floats, Ints]:
    """Values and classes of the chips of all scenes, row by row, and of others of the same scenes."""
    signatures = rng.standard_normal((CLASSES, VALUES))
    seen: list[tuple[Floats, Ints]] = []
    unseen: list[tuple[Floats, Ints]] = []
    for _ in range(SCENES):
        shares = rng.dirichlet(np.full(CLASSES, 0.5))
        light, tilt = rng.standard_normal(VALUES), 1 + 0.3 * rng.standard_normal(VALUES)
        # patches of 4 x 4 chips
        patches = rng.choice(CLASSES, (SIDE // 4, SIDE // 4), p=shares)
        classes = patches.repeat(4, axis=0).repeat(4, axis=1).ravel()
        stray = rng.random(classes.size) < 0.2
        classes[stray] = rng.choice(CLASSES, int(stray.sum()), p=shares)
        for into, of in ((seen, classes), (unseen, rng.choice(CLASSES, 100, p=shares))):
            into.append((signatures[of] * tilt + light + 0.7 * rng.standard_normal((of.size, VALUES)), of))
    (x, y), (u, v) = (tuple(np.concatenate(part) for part in zip(*one, strict=True)) for one in (seen, unseen))
    return x, y.astype(np.int64), u, v.astype(np.int64)


class Network:
    """Two layers, trained by plain stochastic gradient descent."""

    def __init__(self, rng: np.random.Generator, width: int = 32) -> None:
        self.first = rng.standard_normal((VALUES + 1, width)) / 3
        self.second = rng.standard_normal((width + 1, CLASSES)) / 6

    def _forward(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        ones = np.ones((len(x), 1))
        x = np.hstack([x, ones])
        hidden = np.hstack([np.maximum(x @ self.first, 0), ones])
        raw = hidden @ self.second
        raw -= raw.max(axis=1, keepdims=True)
        odds = np.exp(raw)
        return x, hidden, odds / odds.sum(axis=1, keepdims=True)

    def loss(self, x: Floats, y: Ints) -> float:
        """Mean cross entropy."""
        return float(-np.log(self._forward(x)[2][np.arange(len(y)), y] + 1e-12).mean())

    def learn(self, x: Floats, y: Ints, rate: float) -> None:
        """One step."""
        x, hidden, odds = self._forward(x)
        odds[np.arange(len(y)), y] -= 1
        odds /= len(y)
        back = odds @ self.second[:-1].T * (hidden[:, :-1] > 0)
        self.second -= rate * hidden.T @ odds
        self.first -= rate * x.T @ back


def lock(block: int) -> Lock:
    """40 scenes in blocks of `block` pixels; 0 for scenes of which that is not known."""
    grid = Grid("EPSG:32633", (10.0, 0.0, 0.0, 0.0, -10.0, 0.0), SIDE * CHIP, SIDE * CHIP)
    part = Part("image", "scene.tif")
    items = tuple(Item(f"{DATASET}/item/{n}", DATASET, (part,), grid=grid, block=block) for n in range(SCENES))
    source = Source(DATASET, "benchmark", "benchmark", "")
    return Lock.freeze(Selection("benchmark", "0", (source,), items), Recipe(sampling="grid", size=CHIP))


def curve(made: Lock, seed: int, epochs: int, **order: object) -> list[float]:
    """Mean loss over the last tenth of each epoch: what one sees of a model whenever one stops."""
    rng = np.random.default_rng(seed)
    x, y, unseen, truth = world(rng)
    network, found = Network(rng), []
    for epoch in range(epochs):
        batches = batch_numbers(made, epoch=epoch, seed=seed, **order)  # type: ignore[arg-type]
        late = []
        for at, batch in enumerate(batches):
            network.learn(x[batch], y[batch], 0.1)
            if at >= 0.9 * len(batches):
                late.append(network.loss(unseen, truth))
        found.append(float(np.mean(late)))
    return found


def main(given: Sequence[str] | None = None) -> None:
    """Prints a row for each order."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3)
    options = parser.parse_args(given)
    known, unknown = lock(512), lock(0)
    rows: list[tuple[str, Lock, dict[str, object]]] = [("file order", known, {"shuffle": False})]
    for name, made in (("blocks of 512", known), ("cells of 1,024", unknown)):
        rows += [(f"{name}, window {window:,}", made, {"window": window}) for window in (0, 64, 256, 512, 1024)]
    # worlds differ more than orders do: each is compared with a full shuffle of the same world
    full = np.asarray([curve(known, seed, options.epochs, window=1 << 40) for seed in range(options.seeds)])
    sys.stdout.write(f"{'full shuffle, loss':30} {'          '.join(f'{one:.3f}' for one in full.mean(axis=0))}\n")
    for name, made, order in rows:
        every = np.asarray([curve(made, seed, options.epochs, **order) for seed in range(options.seeds)]) - full
        means, spread = every.mean(axis=0), every.std(axis=0) / np.sqrt(options.seeds)
        figures = "  ".join(f"+{one:.3f} ({two:.3f})" for one, two in zip(means, spread, strict=True))
        sys.stdout.write(f"{name:30} {figures}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
