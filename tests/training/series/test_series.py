"""Pixel series: what is read from folders and tables of every form comes out of the fast form unchanged."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.home import Home
from ontology.errors import EarthdexError, NotFound, SeriesError
from training.distributions import LabelClass
from training.io import open_bytes
from training.io.packs import pack
from training.select.lock import Lock
from training.select.selection import Selection, Source
from training.series import SeriesReader, SeriesTable, SeriesWriter, convert_folder, convert_table, series_items
from training.types import Recipe

CLASSES = [LabelClass("Maize", 2, "urn:maize"), LabelClass("Winter Wheat", 12, "urn:wheat")]
BANDS = ("B2", "B8A")
DAYS = ["2018-01-05", "2018-02-04", "2018-03-11"]


def _series(count: int = 40, steps: int = 3) -> np.ndarray:
    return np.random.default_rng(3).integers(0, 9000, (count, len(BANDS), steps)).astype(np.float32)


def _all(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    table = SeriesTable(path)
    pixels = np.empty((len(table), len(table.shape.channels), table.shape.steps), table.shape.dtype)
    valid = np.empty((len(table), table.shape.steps), np.bool_)
    table.take(np.arange(len(table)), pixels, valid)
    return pixels, valid, table.labels(255)


def _wide_csv(path: Path, values: np.ndarray, labels: list[str]) -> Path:
    names = [f"{band}_{day.replace('-', '')}" for band in BANDS for day in DAYS]
    rows = [",".join(["id", "crop", *names])]
    rows += [",".join([f"p{n}", labels[n], *map(str, one.ravel())]) for n, one in enumerate(values)]
    path.write_text("\n".join(rows))
    return path


def _long_rows(values: np.ndarray, labels: list[str]) -> list[tuple[str, str, str, float, float]]:
    return [
        (f"p{n}", DAYS[step], labels[n], *map(float, one[:, step]))
        for n, one in enumerate(values)
        for step in range(len(DAYS))
    ]


def _long_csv(path: Path, values: np.ndarray, labels: list[str]) -> Path:
    rows = _long_rows(values, labels)
    np.random.default_rng(5).shuffle(rows)  # type: ignore[arg-type]
    path.write_text("id,date,label,B2,B8A\n" + "\n".join(",".join(map(str, one)) for one in rows))
    return path


def _long_parquet(path: Path, values: np.ndarray, labels: list[str]) -> Path:
    columns = list(zip(*_long_rows(values, labels), strict=True))
    pq.write_table(pa.table(dict(zip(["id", "date", "label", *BANDS], map(list, columns), strict=True))), path)
    return path


def _lists(values: np.ndarray, labels: list[str]) -> pa.Table:
    held = {band: [list(map(int, one[number])) for one in values] for number, band in enumerate(BANDS)}
    return pa.table({**held, "label": labels, "date": [DAYS] * len(values)})


def _lists_parquet(path: Path, values: np.ndarray, labels: list[str]) -> Path:
    pq.write_table(_lists(values, labels), path)
    return path


def _lists_arrow(path: Path, values: np.ndarray, labels: list[str]) -> Path:
    pyarrow.feather.write_feather(_lists(values, labels), path)
    return path


FORMS: dict[str, Callable[[Path, np.ndarray, list[str]], Path]] = {
    "wide.csv": _wide_csv,
    "long.csv": _long_csv,
    "long.parquet": _long_parquet,
    "lists.parquet": _lists_parquet,
    "lists.arrow": _lists_arrow,
}


@pytest.mark.parametrize("form", FORMS)
def test_tables_of_every_form_give_the_same_series(form: str, tmp_path: Path) -> None:
    values = _series()
    labels = ["Maize" if number % 3 else "winter wheat" for number in range(len(values))]
    path = FORMS[form](tmp_path / form, values, labels)
    assert convert_table(path, tmp_path / "out.series.arrow", classes=CLASSES) == len(values)
    pixels, valid, got = _all(tmp_path / "out.series.arrow")
    table = SeriesTable(tmp_path / "out.series.arrow")
    assert table.shape.channels == BANDS
    assert table.shape.dates == tuple(DAYS)
    assert table.shape.dtype == np.int16
    # a long table orders its series by their first row
    order = [int(table.name(row).removeprefix("p")) for row in range(len(table))]
    assert np.array_equal(pixels, values[order])
    assert valid.all()
    assert got.tolist() == [2 if number % 3 else 12 for number in order]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As TimeSen2Crop: tile/class/number.csv, dates.csv; tiles of 3 and 5 dates; four bad files."""
    root = tmp_path_factory.mktemp("crops")
    for tile, steps in (("33UVP", 3), ("33TWN", 5)):
        for value in (2, 12):
            (root / tile / str(value)).mkdir(parents=True)
            for number, one in enumerate(_series(12, steps)):
                lines = ["B2,B8A,Flag", *(f"{a:g},{b:g},{int(step == 1)}" for step, (a, b) in enumerate(one.T))]
                (root / tile / str(value) / f"{number}.csv").write_text("\n".join(lines) + "\n")
        days = "\n".join(f"2018{month:02}05" for month in range(1, steps + 1))
        (root / tile / "dates.csv").write_text(f"acquisition_date\n{days}\n")
    bad = root / "33UVP" / "2"
    (bad / "ragged.csv").write_text("B2,B8A,Flag\n1,2,0\n3,4\n")
    (bad / "word.csv").write_text("B2,B8A,Flag\n1,two,0\n")
    (bad / "empty.csv").write_text("")
    (bad / "bands.csv").write_text("B3,B4\n1,2\n")
    (bad / "gap.csv").write_text("B2,B8A,Flag\n1,,0\nnan,4,0\n5,6,0\n")
    (root / "readme.txt").write_text("x")
    (root / "33UVP" / "99").mkdir()
    (root / "33UVP" / "99" / "1.csv").write_text("B2,B8A,Flag\n1,2,0\n")
    return root


def _files(root: Path) -> dict[str, str]:
    return {path.relative_to(root).as_posix(): str(path) for path in root.rglob("*") if path.is_file()}


def test_a_folder_of_small_csvs_becomes_a_table_for_each_tile(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    with open_bytes() as data:
        done = convert_folder(
            _files(folder), tmp_path, data=data, classes=CLASSES, progress=lambda *one: seen.append(one)
        )
        with pytest.raises(SeriesError, match=r"33UVP/2/.*csv"):
            convert_folder(_files(folder), tmp_path / "s", data=data, classes=CLASSES, strict=True)
    assert done.groups == ["33TWN", "33UVP"]
    assert done.read == 49
    assert {Path(one.href).name for one in done.skipped} == {"ragged.csv", "word.csv", "empty.csv", "bands.csv", "99"}
    assert all(one.reason for one in done.skipped)
    assert seen[-1][1] == seen[-1][2]
    assert SeriesTable(done.tables[0]).shape.dates[-1] == "2018-05-05"
    pixels, valid, labels = _all(done.tables[1])
    assert np.array_equal(pixels[:12], _series(12, 3))
    assert valid[:12].tolist() == [[True, False, True]] * 12
    assert labels.tolist() == [2] * 13 + [12] * 12
    assert valid[12].tolist() == [False, False, True]
    assert not list((tmp_path / "s").glob("*.values"))


def test_a_packed_folder_gives_the_same_tables(folder: Path, tmp_path: Path) -> None:
    pack(folder, tmp_path / "crops.pack")
    with open_bytes() as data:
        files = {name: f"{tmp_path}/crops.pack!/{name}" for name in data.members(f"{tmp_path}/crops.pack")}
        packed = convert_folder(files, tmp_path / "a", data=data, classes=CLASSES)
        plain = convert_folder(_files(folder), tmp_path / "b", data=data, classes=CLASSES)
    assert [one.read_bytes() for one in packed.tables] == [one.read_bytes() for one in plain.tables]


@pytest.fixture(scope="module")
def lock(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Lock:
    out = tmp_path_factory.mktemp("tables")
    with open_bytes() as data:
        done = convert_folder(_files(folder), out, data=data, classes=CLASSES)
        items = series_items([str(one) for one in done.tables], dataset="urn:crops", data=data)
    recipe = Recipe(sampling="grid", size=1, batch_size=8, seed=4)
    source = Source("urn:crops", "crops", "Crops", str(out))
    return Lock.freeze(Selection("crops", "1", (source,), tuple(items), tuple(CLASSES)), recipe)


def test_batches_hold_every_series_once_in_an_order_of_seed_and_epoch(lock: Lock) -> None:
    with open_bytes() as data:
        reader = SeriesReader(lock, data)
        assert (len(reader), reader.channels, reader.steps) == (7, BANDS, 5)
        batches = list(reader.batches(0))
        numbers = np.concatenate([one.index for one in batches])
        assert sorted(numbers.tolist()) == list(range(49))
        for one in batches:
            assert one.image.shape[1:] == (2, 5)
            assert one.image.dtype == np.int16
            assert one.label is not None
            assert set(one.label.tolist()) <= {2, 12}
        # tables of three steps end in steps that are not valid
        assert {int(one) for batch in batches for one in batch.valid[:, 3:].sum(axis=1)} == {0, 2}
        copy = pickle.loads(pickle.dumps(reader))
        shared = sorted([*copy.batches(0, 0, 2), *copy.batches(0, 1, 2)], key=lambda one: one.number)
        for one, other in zip(batches, shared, strict=True):
            assert one.image.tobytes() == other.image.tobytes()
            assert one.index.tolist() == other.index.tolist()
        assert np.concatenate([one.index for one in reader.batches(1)]).tolist() != numbers.tolist()
        again = reader.chip(int(numbers[0]))
        assert np.array_equal(again.image[0], batches[0].image[0])
        assert reader.times(0)[0] == "2018-01-05"


def test_a_table_that_is_gone_or_cut_is_left_out_and_told(lock: Lock, tmp_path: Path) -> None:
    first, second = (Path(one.parts[0].href) for one in lock.items)
    moved = {first: tmp_path / first.name, second: tmp_path / second.name}
    moved[first].write_bytes(first.read_bytes()[:-3000])
    moved[second].write_bytes(second.read_bytes())
    other = lock.at(tmp_path)
    with open_bytes() as data:
        reader = SeriesReader(other, data)
        batches = list(reader.batches(0))
        assert sum(len(one.index) for one in batches) == 25
        assert len(reader.skipped) == 24
        assert reader.skipped[0].reason
        with pytest.raises(EarthdexError, match="33TWN"):
            list(SeriesReader(other, data, strict=True).batches(0))


@settings(max_examples=25)
@given(
    st.lists(
        st.lists(st.floats(-1e6, 1e6, width=32) | st.just(float("nan")), min_size=0, max_size=5),
        min_size=1,
        max_size=30,
    )
)
def test_ragged_series_come_back_padded(tmp_path_factory: pytest.TempPathFactory, series: list[list[float]]) -> None:
    path = tmp_path_factory.mktemp("ragged") / "r.series.arrow"
    with SeriesWriter(path, ["a"]) as writer:
        for number, one in enumerate(series):
            writer.add(np.asarray([one], np.float32), np.ones(len(one), bool), number, str(number))
    pixels, valid, labels = _all(path)
    for number, one in enumerate(series):
        got = pixels[number, 0, : len(one)]
        good = ~np.isnan(np.asarray(one, np.float32))
        assert valid[number].tolist() == [*good.tolist(), *[False] * (pixels.shape[2] - len(one))]
        assert np.array_equal(got[good].astype(np.float32), np.asarray(one, np.float32)[good])
    assert labels.tolist() == list(range(len(series)))


HOSTILE = {
    "ragged.csv": "id,date,B2\na,2018-01-01,1\nb,2018-01-01\n",
    "words.csv": "id,date,B2\na,2018-01-01,many\n",
    "header.csv": "1,2,3\n4,5,6\n",
    "twice.csv": "id,B2,B2\n1,2,3\n",
    "no-bands.csv": "id,date,label\n1,2018-01-01,3\n",
    "no-id.csv": "date,B2\n2018-01-01,3\n",
    "no-rows.csv": "id,date,B2\n",
    "null-id.csv": "id,date,B2\n,2018-01-01,3\n",
    "line.csv": "id,date,B2\n" + "9" * (17 << 20),
    "one-line.csv": "x" * (17 << 20),
    "binary.csv": "\0\1\2\xff\n\0\0",
    "empty.csv": "",
    "text.parquet": "not parquet",
    "text.arrow": "not arrow",
    "label.csv": "id,date,B2,label\na,2018-01-01,1,Triffid\n",
    "table.txt": "id,B2\n1,2",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_tables_end_in_clear_errors(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(HOSTILE[name])
    with pytest.raises(SeriesError) as caught:
        convert_table(path, tmp_path / "out.series.arrow")
    assert caught.value.remedy
    assert sorted(one.name for one in tmp_path.iterdir()) == [name]


def test_a_file_that_is_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.series.arrow").write_bytes(b"ARROW1 no")
    pyarrow.feather.write_feather(pa.table({"pixels": [1]}), tmp_path / "b.series.arrow", compression="uncompressed")
    for name in ("a", "b", "none"):
        with pytest.raises(SeriesError, match="no table"):
            SeriesTable(tmp_path / f"{name}.series.arrow")
    with open_bytes() as data, pytest.raises(NotFound, match="class"):
        convert_folder({"Moon/1.csv": "x", "1.csv": "y"}, tmp_path, data=data, classes=CLASSES)


def test_a_command_a_lock_and_a_network_that_learns_crops(
    folder: Path, builtin_home: Home, builtin_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from typer.testing import CliRunner

    import earthdex
    from api.commands.cli import app
    from training.adapters.torch_stream import Batches

    monkeypatch.setenv("EARTHDEX_HOME", str(builtin_path))
    done = CliRunner().invoke(app, ["series", str(folder), str(tmp_path / "t"), "--dataset", "TimeSen2Crop", "--json"])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["series"], len(told["tables"])) == (49, 2)
    lock = earthdex.series_lock("TimeSen2Crop", tmp_path / "t", home=builtin_path, batch_size=16)
    assert len(lock.classes) == 16
    assert {one.name for one in lock.classes if one.value in (2, 12)} == {"Maize", "Winter Wheat"}
    lock.write(tmp_path / "series.lock")
    batches = Batches(Lock.read(tmp_path / "series.lock", root=tmp_path / "t"))
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.LazyLinear(16))
    losses = []
    for _ in range(3):
        for batch in batches:
            assert batch["image"].shape[1:] == (2, 5)
            pixels = torch.where(batch["valid"].unsqueeze(1), batch["image"].float() / 10_000, 0.0)
            loss = torch.nn.functional.cross_entropy(model(pixels), batch["label"])
            losses.append(loss.item())
            for one in model.parameters():
                one.grad = None
            loss.backward()  # type: ignore[no-untyped-call]
            with torch.no_grad():
                for one in model.parameters():
                    one -= 0.5 * one.grad
    assert losses[-1] < losses[0]
