"""Build hook: nests the rooms under `earthdex.` in the wheel and distils the gazetteer.

The rooms stand at the top of the repository and import each other by plain names. Installed that way they would put
`api`, `kg` or `ingest` into site-packages, where another package of that name silently overwrites them. So the wheel
holds `earthdex/<room>/...` with each `from room.x import y` rewritten to `from earthdex.room.x import y`.
An editable install keeps the plain layout, and needs only the distilled gazetteer.
"""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("ontology", "kg", "nlq", "ingest", "training", "api")
WORLD_ATLAS = "world-atlas@2.0.2"
GAZETTEER = Path("kg", "gazetteer", "data", "gazetteer.sqlite")


def reroot(source: str, filename: str = "<room>") -> str:
    """Python source with its imports between rooms moved below `earthdex`.

    Args:
        source: the module's text.
        filename: named in the error.

    Raises:
        ValueError: a room is imported as `import room.x`, which cannot be moved without changing the names it binds.
    """
    lines = source.splitlines(keepends=True)
    for node in ast.walk(ast.parse(source, filename)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.split(".")[0] in ROOMS:
                    raise ValueError(f"{filename}:{node.lineno}: write `from {alias.name} import ...` between rooms")
        elif isinstance(node, ast.ImportFrom) and not node.level and (node.module or "").split(".")[0] in ROOMS:
            line = lines[node.lineno - 1]
            head, tail = line[: node.col_offset], line[node.col_offset :]
            lines[node.lineno - 1] = head + tail.replace(f"from {node.module}", f"from earthdex.{node.module}", 1)
    return "".join(lines)


def fetch_world_atlas(folder: Path) -> Path:
    """Unpacks npm's `world-atlas` (country polygons, ISC licence, from public-domain Natural Earth) into `folder`.

    Raises:
        RuntimeError: npm is missing or the package cannot be had.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError("Building earthdex needs npm once, for the country polygons of `world-atlas`: install Node.")
    command = [npm, "pack", WORLD_ATLAS, "--json", "--ignore-scripts", "--pack-destination", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder)
    if done.returncode != 0:
        raise RuntimeError(f"npm could not fetch {WORLD_ATLAS}: {done.stderr.strip()[-500:]}")
    archive = next(folder.glob("world-atlas-*.tgz"))
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    return folder / "package"


def fingerprint(root: Path) -> str:
    """A digest of what the distilled gazetteer is made from."""
    digest = hashlib.sha256(WORLD_ATLAS.encode())
    inputs = [
        *sorted((root / "kg" / "gazetteer").glob("*.py")),
        *sorted((root / "catalogue" / "places").glob("*.yaml")),
        *sorted((root / "catalogue" / "places").glob("*.tsv")),
    ]
    for path in inputs:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build_gazetteer(root: Path, *, force: bool = False) -> Path:
    """Distils the gazetteer into the checkout, unless the one there was made from the same inputs."""
    target = root / GAZETTEER
    stamp = target.with_suffix(".json")
    made_from = fingerprint(root)
    if not force and target.exists() and stamp.exists() and json.loads(stamp.read_text())["made_from"] == made_from:
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    spec = importlib.util.spec_from_file_location("_distil", root / "kg" / "gazetteer" / "distil.py")
    if spec is None or spec.loader is None:
        raise RuntimeError("kg/gazetteer/distil.py is missing")
    distil = importlib.util.module_from_spec(spec)
    sys.modules["_distil"] = distil
    spec.loader.exec_module(distil)
    with tempfile.TemporaryDirectory() as scratch:
        # Written beside its place and renamed: whoever reads the old file meanwhile keeps it whole.
        partial = target.with_suffix(f".{os.getpid()}.partial")
        try:
            distil.distil(partial, features=root / "catalogue" / "places", world_atlas=fetch_world_atlas(Path(scratch)))
            os.replace(partial, target)
        finally:
            partial.unlink(missing_ok=True)
    stamp.write_text(json.dumps({"made_from": made_from}))
    return target


class EarthdexBuildHook(BuildHookInterface[Any]):
    """Called by hatchling for wheels and editable installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the re-rooted rooms, the catalogue and the gazetteer to the wheel."""
        root = Path(self.root)
        gazetteer = build_gazetteer(root)
        if version == "editable":
            return
        staged = Path(tempfile.mkdtemp(prefix="earthdex-wheel-"))
        self._staged = staged
        include: dict[str, str] = build_data["force_include"]
        for room in (*ROOMS, "catalogue", "earthdex"):
            for path in sorted((root / room).rglob("*")):
                inside = path.relative_to(root)
                if path.is_dir() or "__pycache__" in inside.parts or gazetteer.parent in path.parents:
                    continue
                if path.suffix == ".py":
                    copy = staged / inside
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.write_text(reroot(path.read_text(encoding="utf-8"), str(inside)), encoding="utf-8")
                    path = copy
                include[str(path)] = str(inside) if room == "earthdex" else f"earthdex/{inside}"
        include[str(gazetteer)] = f"earthdex/{GAZETTEER}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Removes the staged copies."""
        staged = getattr(self, "_staged", None)
        if staged is not None:
            shutil.rmtree(staged, ignore_errors=True)
