"""Numbers for Prometheus: requests, workers, waiting, what was kept."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector

if TYPE_CHECKING:
    from api.serve.service import Service

MEDIA = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE")


class Metrics:
    """The numbers of one service; routes are told by their pattern, so strangers cannot make new series."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        names = ("route", "method", "status")
        self._requests = Counter("earthdex_requests", "Requests answered.", names, registry=self.registry)
        self._seconds = Histogram(
            "earthdex_request_seconds", "Time to answer.", ("route",), buckets=_BUCKETS, registry=self.registry
        )
        self._open = Gauge("earthdex_requests_open", "Requests being answered.", registry=self.registry)
        ProcessCollector(registry=self.registry)

    def watch(self, service: Service) -> None:
        """Adds the workers of a service."""
        self.registry.register(_Workers(service))

    def begin(self) -> None:
        """A request has come."""
        self._open.inc()

    def end(self, route: str, method: str, status: int, seconds: float) -> None:
        """A request was answered."""
        self._open.dec()
        self._requests.labels(route, method if method in _METHODS else "other", str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """All numbers in Prometheus' text format."""
        return generate_latest(self.registry)


class _Workers(Collector):
    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[Metric]:
        """Read when somebody asks."""
        lanes = {"questions": self._service.answers, "queries": self._service.queries}
        workers = GaugeMetricFamily(
            "earthdex_workers", "Worker processes and what waits for them.", labels=["of", "is"]
        )
        memory = GaugeMetricFamily("earthdex_worker_memory_bytes", "Resident memory of workers.", labels=["of"])
        for name, lane in lanes.items():
            for state, number in lane.state().items():
                workers.add_metric([name, state], number)
            memory.add_metric([name], sum(resident(one.pid) for one in lane.processes()))
        kept = GaugeMetricFamily("earthdex_kept_answers", "Answers kept to be given again.", labels=["is"])
        cache = self._service.cache
        for state, number in (("hits", cache.hits), ("misses", cache.misses), ("joined", cache.joined)):
            kept.add_metric([state], number)
        yield from (workers, memory, kept)


def resident(pid: int) -> int:
    """Bytes of memory that a process has in use; 0 where the system does not say."""
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        return 0
    return 0
