"""Land cover of chips with scikit-learn, from one question.

python docs/tutorial/trainings/land_cover.py --root eurosat
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import StratifiedGroupKFold, cross_val_predict

import earthdex
from earthdex.adapters import Index, sklearn_arrays

QUESTION = "land use and land cover classification datasets with 13 bands of Sentinel-2 and 10 classes"
DATASET = "EuroSAT"
# places of red (B04) and near infrared (B08) among the 13 bands
RED, NIR = 3, 7


def main(root: str | Path, *, trees: int = 200, seed: int = 0) -> dict[str, Any]:
    """Asks, locks, and cross-validates a forest on statistics of each chip. Returns its figures."""
    answer = earthdex.ask(QUESTION)
    found = [row["name"] for row in answer.rows]
    lock = earthdex.lock(DATASET, root=root, batch_size=32, seed=seed)
    table = sklearn_arrays(lock, features="chips", transforms=[Index(NIR, RED, "ndvi")])
    classes, counts = np.unique(table.y, return_counts=True)
    folds = StratifiedGroupKFold(n_splits=int(min(5, counts.min())), shuffle=True, random_state=seed)
    forest = RandomForestClassifier(n_estimators=trees, random_state=seed)
    guesses = cross_val_predict(forest, table.X, table.y, groups=table.groups, cv=folds)
    names = {one.value: one.name for one in lock.classes}
    return {
        "found": found,
        "licences": answer.to_dict()["rows"][found.index(DATASET)].get("licence", ""),
        "lock": lock.digest,
        "chips": len(table.y),
        "classes": [names[int(one)] for one in classes],
        "accuracy": float(accuracy_score(table.y, guesses)),
        "most common class": float(counts.max() / counts.sum()),
        "macro F1": float(f1_score(table.y, guesses, average="macro")),
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", required=True)
    for name, value in main(parser.parse_args().root).items():
        print(f"{name}: {value}")
