"""The public names of the adapters."""

from __future__ import annotations

import subprocess
import sys

import pytest

import earthdex.adapters


@pytest.mark.parametrize("name", [one for one in earthdex.adapters.__all__ if one != "LockModule"])
def test_every_adapter_is_there_and_documented(name: str) -> None:
    assert getattr(earthdex.adapters, name).__doc__


def test_names_that_are_not_there_are_told() -> None:
    with pytest.raises(AttributeError, match="torch_loader"):
        earthdex.adapters.torch_loder  # noqa: B018


def test_scikit_learn_needs_no_torch() -> None:
    script = (
        "import sys; sys.modules['torch'] = sys.modules['tensorflow'] = None;"
        "from earthdex.adapters import sklearn_arrays, xarray_chips, tf_dataset, Flips, eopatches"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
