"""What every worker process of the service does first: it ends with the service, and has no network."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from contextlib import suppress

from kg.worker import close_network

_PR_SET_PDEATHSIG = 1
# what a worker may know of the environment: nothing that could hold a secret
_TOLD = ("PATH", "HOME", "LANG", "TMPDIR", "TZ", "SYSTEMROOT", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "MALLOC_ARENA_MAX")
_TOLD_BEGIN = ("LC_", "XDG_", "PYTHON", "PROJ_", "EARTHDEX_")
_HIDDEN_BEGIN = ("EARTHDEX_STORE", "EARTHDEX_SERVE_")


def environment() -> dict[str, str]:
    """The part of this process's environment that its workers are given."""
    return {
        name: value
        for name, value in os.environ.items()
        if (name in _TOLD or name.startswith(_TOLD_BEGIN)) and not name.startswith(_HIDDEN_BEGIN)
    }


def settle() -> None:
    """Ends with the parent, even one that is killed; leaves Ctrl-C to it; closes the network."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if not os.environ.get("EARTHDEX_SCENES"):  # a cluster is asked over the network
        close_network()  # before the next step, which a new namespace of users would undo
    if sys.platform == "linux":
        with suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
