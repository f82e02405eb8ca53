"""Files that mean harm, through the rooms that read what the service is given: each refused with a clear error."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from ingest.check import check_path
from kg.rules.memory import Graph
from ontology.errors import EarthdexError
from training.io import open_bytes
from training.tiff.header import header

_LAUGHS = "<!DOCTYPE lolz [<!ENTITY l0 'lol'>" + "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))


def test_a_billion_laughs_in_a_record_are_refused(tmp_path: Path) -> None:
    record = tmp_path / "laughs.yaml"
    lines = ["a0: &a0 [lol, lol]", *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12))]
    record.write_text("id: laughs\n" + "\n".join(lines))
    assert "aliases" in check_path(record)[0].message
    rdf = (
        f"{_LAUGHS}]><rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'>"
        "<rdf:Description rdf:about='urn:x'><rdf:value>&l9;</rdf:value></rdf:Description></rdf:RDF>"
    )
    with pytest.raises(EarthdexError, match="entity"):
        Graph().add(rdf.encode(), "application/rdf+xml")


def test_a_vrt_that_names_a_file_of_the_machine_is_no_tiff(tmp_path: Path) -> None:
    (tmp_path / "innocent.tif").write_text(
        '<VRTDataset rasterXSize="1" rasterYSize="1"><VRTRasterBand dataType="Byte" band="1"><SimpleSource>'
        '<SourceFilename relativeToVRT="0">/etc/passwd</SourceFilename></SimpleSource></VRTRasterBand></VRTDataset>'
    )
    data = open_bytes(root=tmp_path)
    for href in ("innocent.tif", "../innocent.tif", "/etc/passwd", "/vsizip/x.zip/y.tif", "file:///etc/passwd"):
        with pytest.raises(EarthdexError) as found:
            header(data, href)
        assert "root:" not in str(found.value)


def test_a_zip_that_leaves_its_folder_is_refused(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../outside.tif", b"x" * 100)
    (tmp_path / "slip.zip").write_bytes(packed.getvalue())
    data = open_bytes(root=tmp_path)
    with pytest.raises(EarthdexError):
        header(data, "slip.zip!/../../outside.tif")
    assert not (tmp_path.parent / "outside.tif").exists()
