"""Hypothesis strategies for RDF terms."""

from __future__ import annotations

from hypothesis import strategies as st

from ontology.terms import IRI, RDF_LANG_STRING, XSD, BNode, Literal

texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=30)
iris = st.text(st.sampled_from("abzü漢-._~:/?41"), min_size=1, max_size=20).map(lambda tail: IRI("urn:x:" + tail))
literals = st.one_of(
    texts.map(Literal),
    st.tuples(texts, st.sampled_from(["en", "de-at", "zh-hant"])).map(lambda p: Literal(p[0], RDF_LANG_STRING, p[1])),
    st.integers(-(10**12), 10**12).map(Literal.of),
    st.booleans().map(Literal.of),
    st.floats(-1e6, 1e6).map(lambda x: Literal(repr(x), XSD + "double")),
    st.tuples(texts, iris).map(lambda p: Literal(p[0], str(p[1]))),
)
bnodes = st.text("abc123", min_size=1, max_size=5).map(lambda name: BNode("b" + name))
terms = st.one_of(iris, literals, bnodes)
