"""What the tests start as processes of their own: `kill` trains until it is killed, `ranks` is one rank of a DDP run.

python -m tests.training.adapters.processes kill LOCK ROOT FOLDER WORKERS
python -m tests.training.adapters.processes ranks LOCK ROOT FOLDER RANK WORLD
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

import torch

from training.adapters.torch_loader import Loader, torch_loader
from training.adapters.torch_stream import Batches


def kill(lock: str, root: str, folder: Path, workers: int) -> None:
    """Writes down each batch and the state after it; dies by SIGKILL after the third, goes on from the state."""
    loader = torch_loader(lock, root=root, num_workers=workers)
    state = folder / "state.json"
    resumed = state.exists()
    if resumed:
        loader.load_state_dict(json.loads(state.read_text()))
    for count, batch in enumerate(loader, 1):
        with (folder / "seen.jsonl").open("a") as seen:
            seen.write(json.dumps([batch.number, batch["index"].tolist()]) + "\n")
        part = folder / "state.part"
        part.write_text(json.dumps(loader.state_dict()))
        part.replace(state)
        if count == 3 and not resumed:
            os.kill(os.getpid(), signal.SIGKILL)


def ranks(lock: str, root: str, folder: Path, rank: int, world: int) -> None:
    """Trains by DDP over gloo and writes down what this rank saw and the weights it ended with."""
    torch.distributed.init_process_group("gloo", init_method=f"file://{folder}/rendezvous", rank=rank, world_size=world)
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.BatchNorm2d(13), torch.nn.Conv2d(13, 2, 1))
    model = torch.nn.parallel.DistributedDataParallel(net)
    optimiser = torch.optim.Adam(model.parameters(), lr=0.05)
    # the rank is told by torch.distributed; six batches go round two ranks
    loader = Loader(Batches(lock, root=root, even="drop"))
    seen, losses = [], []
    for _ in range(2):
        for batch in loader:
            image = batch["image"][..., ::2, ::2].float() * 1e-4
            target = batch["mask"][..., ::2, ::2].long()
            loss = torch.nn.functional.cross_entropy(model(image), target, ignore_index=255)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(float(loss.detach()))
            seen.append([batch.epoch, batch.number, batch["index"].tolist()])
    weights = [float(one.detach().double().sum()) for one in net.parameters()]
    told = {"seen": seen, "losses": losses, "weights": weights}
    (folder / f"rank{rank}.json").write_text(json.dumps(told))
    torch.distributed.destroy_process_group()


if __name__ == "__main__":
    torch.set_num_threads(1)
    what, lock_path, root_path, place, *rest = sys.argv[1:]
    {"kill": kill, "ranks": ranks}[what](lock_path, root_path, Path(place), *map(int, rest))  # type: ignore[operator]
