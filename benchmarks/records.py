"""What the packaged records hold, and whether they pass the shapes.

python -m benchmarks.records
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

from ingest.catalogue import packaged_records
from ingest.check_facts import check_facts
from ingest.check_shapes import check_shapes
from ingest.known import KnownNames
from ingest.names import RecordIndex
from ingest.reader import Record

Test = Callable[[Record], bool]


def _any(*keys: str) -> Test:
    return lambda record: any(record.all(key) for key in keys)


def _checksum(record: Record) -> bool:
    return any(isinstance(fact.value, Mapping) and "checksum" in fact.value for fact in record.all("distribution"))


def _matched(record: Record) -> bool:
    facts = [fact.value for fact in record.all("class_label") if isinstance(fact.value, Mapping)]
    return any(key.endswith("_match") for value in facts for key in value)


SHARES: tuple[tuple[str, Test], ...] = (
    ("licence", _any("license", "license_text")),
    ("place", _any("coverage")),
    ("time", _any("time_start", "time_end")),
    ("year of publication", _any("publication_year")),
    ("sensor", _any("sensor", "input_sensor")),
    ("bands", _any("band", "input_band")),
    ("resolution", _any("resolution_m")),
    ("samples or images", _any("num_samples", "num_images", "num_instances")),
    ("classes", _any("class_label")),
    ("classes with matches", _matched),
    ("splits", _any("split")),
    ("files", _any("distribution")),
    ("checksum", _checksum),
    ("DOI or paper", _any("doi", "paper")),
    ("training data", _any("trained_on", "fine_tuned_on")),
    ("evaluations", _any("evaluation")),
)


def main() -> None:
    """Prints counts, shares and milliseconds."""
    start = time.perf_counter()
    records = packaged_records()
    read_ms = (time.perf_counter() - start) * 1000
    facts = sum(len(record.facts) for record in records)
    unsourced = sum(not fact.sources for record in records for fact in record.facts)
    print(f"{len(records)} records, {facts} facts ({unsourced} without source), read in {read_ms:.0f} ms")
    kinds = {kind: [record for record in records if record.kind == kind] for kind in ("dataset", "model")}
    print(f"\n{'':22}" + "".join(f"{kind + 's':>20}" for kind in kinds))
    print(f"{'records':22}" + "".join(f"{len(found):>20}" for found in kinds.values()))
    for label, test in SHARES:
        counts = [(sum(map(test, found)), len(found)) for found in kinds.values()]
        cells = (f"{count:>13} {count / total:>5.0%}" if count else f"{'-':>19}" for count, total in counts)
        print(f"{label:22}" + "".join(f" {cell}" for cell in cells))
    names = KnownNames(RecordIndex(records))
    start = time.perf_counter()
    problems = [problem for record in records for problem in check_facts(record, names)]
    print(f"\nvocabulary, places, links: {len(problems)} problems, {(time.perf_counter() - start) * 1000:.0f} ms")
    start = time.perf_counter()
    found = check_shapes(records, names)
    passed = len(records) - len({problem.path for problem in found})
    print(f"shapes (pyshacl): {passed} of {len(records)} records pass, {(time.perf_counter() - start) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
