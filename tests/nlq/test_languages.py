"""Questions in other languages are told so in theirs; names in any language are read within English questions."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kg.home import Home
from nlq.engine import Engine
from nlq.lexis.languages import SAY
from tests.nlq.test_honesty import ALL
from tests.nlq.test_read import LINES, TODAY

FOREIGN = {
    "de": (
        "Zeige mir Sentinel-2 Bilder von Wien im Mai 2023",
        "Welche Datensätze gibt es über Gletscher?",
        "Sentinel-2 Bilder Wien Mai 2023",
        "Landsat Aufnahmen ohne Wolken über Österreich",
    ),
    "fr": (
        "Montre-moi des images Sentinel-2 de Paris en mai 2023",
        "Quels jeux de données couvrent l'Autriche ?",
        "images satellite de la forêt amazonienne sans nuages",
    ),
    "es": (
        "Muéstrame imágenes de Sentinel-2 de Madrid en mayo de 2023",
        "¿Qué conjuntos de datos hay sobre glaciares?",
        "imagenes landsat de la ciudad de Mexico con menos de 10% de nubes",
    ),
    "it": (
        "Mostrami le immagini Sentinel-2 di Roma a maggio 2023",
        "Quanti modelli sono stati addestrati su BigEarthNet?",
    ),
    "pt": (
        "Mostre imagens Sentinel-2 de Lisboa em maio de 2023",
        "Quais conjuntos de dados existem sobre geleiras?",
    ),
    "nl": ("Toon Sentinel-2 beelden van Amsterdam in mei 2023", "Welke datasets gaan over gletsjers?"),
    "pl": ("Pokaż zdjęcia Sentinel-2 Warszawy z maja 2023", "Jakie zbiory danych dotyczą lodowców?"),
    "el": ("Δείξε μου εικόνες Sentinel-2 της Αθήνας τον Μάιο 2023", "Ποια σύνολα δεδομένων υπάρχουν;"),
    "ru": ("Покажи снимки Sentinel-2 Москвы за май 2023", "Какие наборы данных есть о ледниках?"),
    "zh": ("显示2023年5月北京的Sentinel-2图像", "有哪些关于冰川的数据集？"),
    "ja": ("2023年5月の東京のSentinel-2画像を見せて", "氷河に関するデータセットはありますか"),
    "ar": ("أرني صور Sentinel-2 للقاهرة في مايو 2023", "ما هي مجموعات البيانات عن الأنهار الجليدية؟"),
}
NAMES = {
    "Sentinel-2 images of Москва in May 2023": "Moscow",
    "Landsat scenes of 北京": "Beijing",
    "Landsat 8 pictures of 東京 with no clouds": "Tokyo",
    "Sentinel-1 images of القاهرة from 2020": "Cairo",
    "Sentinel-2 over München": "Munich",
    "images of København": "Copenhagen",
    "Sentinel-2 Αθήνα 2021": "Athens",
    "Санкт-Петербург Sentinel-1": "Saint Petersburg",
}


@pytest.fixture(scope="module")
def engine(builtin_home: Home) -> Iterator[Engine]:
    yield Engine.open(builtin_home)


@pytest.mark.parametrize("language", FOREIGN)
def test_another_language_is_told_in_it(engine: Engine, language: str) -> None:
    for text in FOREIGN[language]:
        question = engine.read(text, reference_date=TODAY)
        assert not question.answerable, text
        assert question.reason == SAY[language], text


@pytest.mark.parametrize("text", NAMES)
def test_names_of_any_language_are_read(engine: Engine, text: str) -> None:
    question = engine.read(text, reference_date=TODAY)
    assert question.answerable, question.reason
    assert question.to_dict()["place"] == NAMES[text]


def test_no_english_question_is_taken_for_another(engine: Engine) -> None:
    said = set(SAY.values())
    for line in [*LINES[::3], *ALL[len(LINES) :: 3]]:
        question = engine.read(line["question"], context=tuple(line.get("context") or ()), reference_date=TODAY)
        assert question.reason not in said, line["question"]
