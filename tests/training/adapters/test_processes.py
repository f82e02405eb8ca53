"""Real processes: killed in mid-epoch and gone on, and two ranks of a DDP run."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.imports import ROOT
from training.adapters.source import Source
from training.adapters.torch_stream import Batches
from training.select.lock import Lock


def start(*arguments: object) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.training.adapters.processes", *map(str, arguments)]
    return subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE)


@pytest.mark.parametrize("workers", [1])
def test_a_killed_training_goes_on_with_the_next_unseen_sample(
    flood: Lock, flood_file: Path, flood_root: Path, tmp_path: Path, workers: int
) -> None:
    killed = start("kill", flood_file, flood_root, tmp_path, workers)
    killed.communicate(timeout=120)
    assert killed.returncode == -signal.SIGKILL
    again = start("kill", flood_file, flood_root, tmp_path, 0)
    told = again.communicate(timeout=120)[1]
    assert again.returncode == 0, told.decode()[-2000:]
    seen = [json.loads(line) for line in (tmp_path / "seen.jsonl").read_text().splitlines()]
    assert seen == [[one.number, one.index.tolist()] for one in Source(flood).batches(0)]


def test_two_ranks_share_the_batches_and_stay_in_step(
    flood: Lock, flood_file: Path, flood_root: Path, tmp_path: Path
) -> None:
    ranks = [start("ranks", flood_file, flood_root, tmp_path, rank, 2) for rank in range(2)]
    for one in ranks:
        told = one.communicate(timeout=200)[1]
        assert one.returncode == 0, told.decode()[-2000:]
    first, second = (json.loads((tmp_path / f"rank{rank}.json").read_text()) for rank in range(2))
    seen = sorted(first["seen"] + second["seen"])
    plain = Batches(flood)
    assert seen == [[one.epoch, one.number, one["index"].tolist()] for _ in range(2) for one in plain]
    assert first["weights"] == second["weights"]
    losses = [sum(pair) for pair in zip(first["losses"], second["losses"], strict=True)]
    assert losses[-1] < losses[0]
