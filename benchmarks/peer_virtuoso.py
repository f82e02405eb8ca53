"""Virtuoso as a peer: started on loopback in a folder of its own, loaded in bulk, asked over HTTP.

Its spatial index serves `bif:st_intersects` over literals of its own datatype `virtrdf:Geometry`. What was seen of
version 7.2.5, and how each query is asked so that it is both right and fast where that can be:
- A footprint that holds the whole area is not found: c and e add those that hold its middle, which gives the answers
  of all others. (A country lies in no footprint: b needs none of it.)
- It has no distance between a point and a polygon: e is asked with the geodesic circle of 64 vertices.
- A join of two columns of geometries (f) compares their boxes alone: it counts too many pairs, and is timed as it is.
- Its "within" knows points only: g cannot be asked.
- One geometry with a hole in the index makes every test that meets it fail: places of the catalogue stay plain text.
"""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.parse import urlencode

import shapely
from pyproj import Geod

from benchmarks.scene_queries import NEAR_METRES, Ask
from benchmarks.scene_rdf import GEOSPARQL_WKT, VIRTUOSO_WKT

_SERVER, _CLIENT = "virtuoso-t", "isql-vt"
_BUFFER_BYTES = 8_700
_INI = """[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
ErrorLogLevel = 7
FileExtend = 200
MaxCheckpointRemap = 2000
Striping = 0
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
MaxCheckpointRemap = 2000
Striping = 0
[Parameters]
ServerPort = 127.0.0.1:{sql}
LiteMode = 0
DisableUnixSocket = 1
MaxClientConnections = 10
CheckpointInterval = 0
O_DIRECT = 0
CaseMode = 2
DirsAllowed = {folder}
NumberOfBuffers = {buffers}
MaxDirtyBuffers = {dirty}
MaxQueryMem = 2G
VectorSize = 1000
MaxVectorSize = 1000000
AdjustVectorSize = 0
ThreadsPerQuery = 2
AsyncQueueMaxThreads = 4
[HTTPServer]
ServerPort = 127.0.0.1:{http}
ServerRoot = {folder}
MaxClientConnections = 10
ServerThreads = 10
MaxKeepAlives = 10
KeepAliveTimeout = 600
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = 10000000
MaxQueryCostEstimationTime = 100000
MaxQueryExecutionTime = 100000
"""


def missing() -> str:
    """Why it cannot run here; "" where it can."""
    absent = [one for one in (_SERVER, _CLIENT) if shutil.which(one) is None]
    return f"{' and '.join(absent)} not installed (Debian: virtuoso-opensource)" if absent else ""


class Virtuoso:
    """A server of our own; it ends with the block.

    Args:
        folder: for its files; may hold a database that an earlier run loaded.
        memory_mb: for its page buffers.
    """

    graph = "https://w3id.org/earthdex/benchmark"

    def __init__(self, folder: Path, memory_mb: int = 3_000) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self._sql, self._http = _free_port(), _free_port()
        buffers = memory_mb * 1_000_000 // _BUFFER_BYTES
        text = _INI.format(
            folder=folder.resolve(), sql=self._sql, http=self._http, buffers=buffers, dirty=buffers * 3 // 4
        )
        (folder / "virtuoso.ini").write_text(text)
        (folder / "virtuoso.lck").unlink(missing_ok=True)
        self._process = subprocess.Popen(
            [_SERVER, "+foreground", "+configfile", str(folder / "virtuoso.ini")],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._connection: http.client.HTTPConnection | None = None
        self._await()

    def __enter__(self) -> Virtuoso:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def pid(self) -> int:
        """Of the server."""
        return self._process.pid

    @property
    def url(self) -> str:
        """Its SPARQL endpoint."""
        return f"http://127.0.0.1:{self._http}/sparql"

    def _await(self) -> None:
        for _ in range(600):
            if self._process.poll() is not None:
                raise SystemExit(f"{_SERVER} ended; see {self.folder}/virtuoso.log")
            try:
                socket.create_connection(("127.0.0.1", self._http), 1).close()
                return
            except OSError:
                time.sleep(0.1)
        self.close()
        raise SystemExit(f"{_SERVER} did not start; see {self.folder}/virtuoso.log")

    def isql(self, *statements: str) -> str:
        """Runs SQL statements as the administrator of this server of our own."""
        command = [_CLIENT, f"127.0.0.1:{self._sql}", "dba", "dba", "ERRORS=STDOUT"]
        done = subprocess.run(command, input=";\n".join((*statements, "")), capture_output=True, text=True, check=False)
        if "Error" in done.stdout:
            raise SystemExit(done.stdout[-2000:])
        return done.stdout

    def load(self, files: Sequence[Path], loaders: int = 2) -> float:
        """Loads N-Triples files of its folder in bulk; returns seconds, the checkpoint among them."""
        self.isql(*(f"ld_dir('{one.parent.resolve()}', '{one.name}', '{self.graph}')" for one in files))
        started = time.perf_counter()
        command = [_CLIENT, f"127.0.0.1:{self._sql}", "dba", "dba", "exec=rdf_loader_run();"]
        runs = [subprocess.Popen(command, stdout=subprocess.DEVNULL) for _ in range(loaders)]
        for one in runs:
            one.wait()
        self.isql("checkpoint")
        seconds = time.perf_counter() - started
        failed = self.isql("SELECT ll_file, ll_error FROM DB.DBA.LOAD_LIST WHERE ll_error IS NOT NULL")
        if " 0 Rows" not in failed and "\n0 Rows" not in failed:
            raise SystemExit(failed[:2000])
        return seconds

    def query(self, text: str, seconds: float = 600.0) -> list[dict[str, Any]]:
        """Rows of a SELECT query over HTTP, on a connection that is kept open."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection("127.0.0.1", self._http, timeout=seconds)
        body = urlencode({"query": text, "default-graph-uri": self.graph})
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Accept": "application/sparql-results+json",
        }
        try:
            self._connection.request("POST", "/sparql", body, headers)
            answer = self._connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            self._connection.close()
            self._connection = None
            raise
        if answer.status != 200:
            raise RuntimeError(data.decode(errors="replace")[:1000])
        rows: list[dict[str, Any]] = json.loads(data)["results"]["bindings"]
        return rows

    def close(self) -> None:
        """Ends the server."""
        if self._connection is not None:
            self._connection.close()
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(60)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()


def text_of(one: Ask) -> str:
    """A query in the functions of this server; "" where it has none for it."""
    if one.within:
        return ""
    text = one.sparql.replace("geof:sfIntersects", "bif:st_intersects")
    if one.key in "ce" and one.area is not None:
        middle = one.area.centroid
        area = circle(middle.x, middle.y) if one.metres else one.area
        start, tail = text.index("FILTER("), text.rindex("\n}")
        head, body = text[:start].split("WHERE {")
        wkts = (f'"{shapely.to_wkt(shape)}"^^geo:wktLiteral' for shape in (area, middle))
        tests = " UNION ".join(f"{{{body}FILTER(bif:st_intersects(?w, {one}))}}" for one in wkts)
        text = f"{head.replace('SELECT', 'SELECT DISTINCT')}WHERE {{ {tests}{text[tail:]}"
    # its index wants a plain triple pattern before the test
    text = re.sub(r"geo:hasGeometry/geo:asWKT \?(\w+)", r"geo:hasGeometry ?node_\1 . ?node_\1 geo:asWKT ?\1", text)
    # a constant becomes a geometry of the server's own type, once for the query
    return text.replace("geo:wktLiteral", f"<{VIRTUOSO_WKT}>").replace(GEOSPARQL_WKT, VIRTUOSO_WKT)


def circle(lon: float, lat: float) -> shapely.Polygon:
    """The geodesic circle of `NEAR_METRES` round a point, as a ring of 64 vertices."""
    turns = [360.0 * step / 64 for step in range(64)]
    x, y, _ = Geod(ellps="WGS84").fwd([lon] * 64, [lat] * 64, turns, [NEAR_METRES] * 64)
    return shapely.Polygon(list(zip(x, y, strict=True))[::-1])


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port
