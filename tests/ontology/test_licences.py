"""Licences: what they permit, and the many ways in which people name them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ontology.namespaces import BASE, expand
from ontology.taxonomy import licences, taxonomy_triples
from ontology.terms import IRI, Literal
from ontology.vocabulary import Vocabulary

VOCABULARY = Vocabulary.load()
LICENCES = {one.id: one for one in licences()}


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("CC BY 4.0", "CC-BY-4.0"),
        ("cc-by-4.0", "CC-BY-4.0"),
        ("CC_BY_4.0", "CC-BY-4.0"),
        ("CC BY 4.0 (mirror of someone)", "CC-BY-4.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("Creative Commons Attribution License v4.0", "CC-BY-4.0"),
        ("Attribution 4.0 International (CC BY 4.0)", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("https://spdx.org/licenses/CC-BY-4.0.html", "CC-BY-4.0"),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International License", "CC-BY-NC-SA-4.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/3.0/igo/", "CC-BY-NC-SA-3.0-IGO"),
        ("cc-by-nc-sa", "LicenseRef-CC-BY-NC-SA"),
        ("CC BY-NC-ND 4.0 DEED", "CC-BY-NC-ND-4.0"),
        ("CC0", "CC0-1.0"),
        ("CC0: Public Domain", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("Apache 2", "Apache-2.0"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
        ("The MIT License (MIT)", "MIT"),
        ("code released under the MIT licence", "MIT"),
        ("BSD-3-Clause", "BSD-3-Clause"),
        ("GPL v3", "GPL-3.0-only"),
        ("ODbL", "ODbL-1.0"),
        ("ODC-BY", "ODC-By-1.0"),
        ("Licence Ouverte", "etalab-2.0"),
        ("U.S. public domain", "LicenseRef-public-domain"),
        ("for research purposes only", "LicenseRef-non-commercial"),
        ("proprietary", "LicenseRef-proprietary"),
        ("various", "LicenseRef-various"),
    ],
)
def test_people_name_licences_in_many_ways(text: str, spdx: str) -> None:
    found = VOCABULARY.licence(text)
    assert found is not None
    assert found.id == spdx


@pytest.mark.parametrize(
    "text",
    ["", "   ", "hello world", "code under MIT, data under CC BY 4.0", "CC0-1.0 AND ODbL-1.0", "unknown", "BY", "4.0"],
)
def test_no_licence_or_several_are_not_one(text: str) -> None:
    assert VOCABULARY.find_licence(text) is None


@pytest.mark.parametrize(
    ("spdx", "commercial", "derivatives", "share_alike", "attribution"),
    [
        ("CC-BY-4.0", True, True, False, True),
        ("CC-BY-SA-4.0", True, True, True, True),
        ("CC-BY-NC-4.0", False, True, False, True),
        ("CC-BY-NC-ND-4.0", False, False, None, True),
        ("CC0-1.0", True, True, False, False),
        ("ODbL-1.0", True, True, True, True),
        ("MIT", True, True, False, True),
        ("LicenseRef-non-commercial", False, None, None, None),
        ("LicenseRef-proprietary", None, None, None, None),
    ],
)
def test_flags_have_three_values(
    spdx: str,
    commercial: bool | None,
    derivatives: bool | None,
    share_alike: bool | None,
    attribution: bool | None,
) -> None:
    one = LICENCES[spdx]
    assert (one.commercial, one.derivatives, one.share_alike, one.attribution) == (
        commercial,
        derivatives,
        share_alike,
        attribution,
    )


def test_every_licence_finds_itself_by_identifier_and_name() -> None:
    for one in LICENCES.values():
        assert VOCABULARY.find_licence(one.id) == one.iri
        assert VOCABULARY.find_licence(one.id.lower()) == one.iri
        assert VOCABULARY.find_licence(one.name) == one.iri, one.name


def test_odrl_says_the_same_as_the_flags() -> None:
    actions: dict[tuple[IRI, str], set[str]] = {}
    triples = list(taxonomy_triples())
    by_subject: dict[object, list[tuple[IRI, object]]] = {}
    for s, p, o in triples:
        by_subject.setdefault(s, []).append((p, o))
    for one in LICENCES.values():
        for kind in ("odrl:permission", "odrl:prohibition"):
            actions[one.iri, kind] = {
                str(action)
                for p, node in by_subject[one.iri]
                if p == expand(kind)
                for q, action in by_subject[node]
                if q == expand("odrl:action")
            }
        commercial = expand("odrl:commercialize")
        assert (commercial in actions[one.iri, "odrl:permission"]) == (one.commercial is True), one.id
        assert (commercial in actions[one.iri, "odrl:prohibition"]) == (one.commercial is False), one.id
        flags = [o for p, o in by_subject[one.iri] if p == expand("ed:permitsCommercialUse")]
        assert flags == ([] if one.commercial is None else [Literal.of(one.commercial)])


def test_iris_are_those_of_spdx_or_ours() -> None:
    assert LICENCES["CC-BY-4.0"].iri == "http://spdx.org/licenses/CC-BY-4.0"
    assert LICENCES["LicenseRef-Copernicus"].iri == BASE + "licence/LicenseRef-Copernicus"


@given(
    st.sampled_from(["by", "by-sa", "by-nc", "by-nc-sa", "by-nd", "by-nc-nd"]),
    st.sampled_from(["4.0", "3.0", "2.5", "2.0"]),
    st.sampled_from(["cc {} {}", "CC-{}-{}", "Cc_{}_{}", "https://creativecommons.org/licenses/{}/{}/", "CC {} v{}"]),
)
def test_creative_commons_in_any_form(parts: str, version: str, form: str) -> None:
    found = VOCABULARY.licence(form.format(parts, version))
    assert found is not None
    assert found.id == f"CC-{parts.upper()}-{version}"
