"""Small words and words of the field in languages other than English, and how to say that English is asked for.

The lists hold what questions of our kind are made of and what English does not use; `de` or `la`, which names of places
are full of, count half.
"""

from __future__ import annotations

from nlq.lexis.words import listed

EXAMPLE = "“Sentinel-2 images of Vienna in May 2023 with less than 10 % clouds”"

SAY = {
    "de": f"Fragen werden nur auf Englisch verstanden, zum Beispiel: {EXAMPLE}.",
    "fr": f"Les questions ne sont comprises qu’en anglais, par exemple : {EXAMPLE}.",
    "es": f"Las preguntas solo se entienden en inglés, por ejemplo: {EXAMPLE}.",
    "it": f"Le domande sono comprese solo in inglese, per esempio: {EXAMPLE}.",
    "pt": f"As perguntas só são compreendidas em inglês, por exemplo: {EXAMPLE}.",
    "nl": f"Vragen worden alleen in het Engels begrepen, bijvoorbeeld: {EXAMPLE}.",
    "pl": f"Pytania są rozumiane tylko po angielsku, na przykład: {EXAMPLE}.",
    "el": f"Οι ερωτήσεις γίνονται κατανοητές μόνο στα αγγλικά, για παράδειγμα: {EXAMPLE}.",
    "ru": f"Вопросы понимаются только на английском языке, например: {EXAMPLE}.",
    "zh": f"目前只能理解英语问题，例如：{EXAMPLE}。",
    "ja": f"質問は英語でのみ理解できます。例：{EXAMPLE}。",
    "ar": f"الأسئلة مفهومة باللغة الإنجليزية فقط، مثلاً: {EXAMPLE}.",
    "": f"Questions are understood in English only, for example: {EXAMPLE}.",
}

WORDS: dict[str, frozenset[str]] = {
    "de": frozenset(
        listed(
            "der das den des ein eine einen einem einer eines und oder aber nicht kein keine ohne mit von vom "
            "zu zum zur bei über unter für aus nach seit zwischen im am auf ich wir mir uns sie gibt es ist "
            "sind waren wird wurden welche welcher welches welchen wie viele wo wann warum zeige zeig zeigen "
            "finde suche suchen gib alle alles jede jeder mehr weniger als kleiner größer neueste neuesten "
            "letzten letzte letzter jahr jahre monat monate woche sommer frühling herbst januar februar märz "
            "mai juni juli oktober dezember bilder bild aufnahmen aufnahme satellitenbilder satellitendaten "
            "datensatz datensätze datensätzen trainingsdaten modelle modell wolken bewölkung wolkenfrei "
            "auflösung lizenz gletscher wald wälder stadt städte länder bitte könntest können kann haben "
            "brauche möchte würde mindestens höchstens"
        )
    ),
    "fr": frozenset(
        listed(
            "de la le les des du un une et ou mais pas sans avec dans sur sous pour par entre depuis pendant est "
            "sont était étaient quel quelle quels quelles combien où quand pourquoi montre montrez montrer "
            "trouve trouver trouvez cherche chercher donne donnez moi nous je vous il elle ils elles tous "
            "toutes tout chaque plus moins que qui ce cette ces en au aux à année années mois semaine été hiver "
            "printemps automne janvier février mars avril mai juin juillet août septembre octobre novembre "
            "décembre satellite satellites prises prise jeux jeu données entraînement modèles modèle nuages "
            "nuage nuages nuageuse nuageux forêts couverture résolution licence forêt forêts ville villes pays "
            "afficher affiche existe y a-t-il d l jeu dernières dernier récentes récent avez besoin"
        )
    )
    - frozenset(listed("mars satellite satellites licence d l a-t-il")),
    "es": frozenset(
        listed(
            "el los las un una unos unas y o pero no sin con en sobre bajo para por entre desde hasta durante "
            "es son fue fueron qué cuál cuáles cuántos cuántas cuántas cuanto dónde cuándo muestra muéstrame "
            "mostrar encuentra encontrar buscar busca busco dame dime quiero necesito hay existen tiene tienen "
            "todos todas todo cada más menos que del al año años mes meses semana verano invierno primavera "
            "otoño enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre "
            "imágenes imagen imagenes conjuntos conjunto datos entrenamiento modelos modelo nubes nubosidad "
            "resolución licencia bosque bosques ciudad ciudades países satélite satelitales recientes últimas "
            "último tomadas de la"
        )
    ),
    "it": frozenset(
        listed(
            "il lo gli un uno una e o ma senza con in su sopra sotto per da dal della delle dello dei degli del "
            "nel nella nelle tra fra è sono era erano quale quali quanti quante dove quando perché mostra "
            "mostrami trova trovare cerca cerco dammi voglio ho bisogno ci tutti tutte tutto ogni più meno che "
            "anno anni mese mesi settimana estate inverno primavera autunno gennaio febbraio marzo aprile "
            "maggio giugno luglio agosto settembre ottobre novembre dicembre immagini immagine insiemi dati "
            "addestramento modelli modello nuvole nuvolosità copertura risoluzione licenza foresta foreste "
            "città paesi satellitari recenti ultime di la"
        )
    )
    - frozenset(listed("in dove per")),
    "pt": frozenset(
        listed(
            "o os as um uma uns umas e ou mas não sem com em no na nos nas sobre sob para por entre desde até "
            "durante é são foi foram qual quais quantos quantas onde quando mostre mostra mostrar encontre "
            "encontrar procuro procurar quero preciso há existem tem todos todas tudo cada mais menos que do da "
            "dos das ao ano anos mês meses semana verão inverno primavera outono janeiro fevereiro março abril "
            "maio junho julho agosto setembro outubro novembro dezembro imagens imagem conjuntos conjunto dados "
            "treinamento treino modelos modelo nuvens nebulosidade resolução licença floresta florestas cidade "
            "cidades países satélite recentes últimas de"
        )
    )
    - frozenset(listed("no as os do")),
    "nl": frozenset(
        listed(
            "de het een en of maar niet geen zonder met van voor door bij over onder uit naar sinds tussen op "
            "ik wij we ons je jij er is zijn was waren welke hoeveel waar wanneer waarom toon laat zien zoek "
            "vind geef mij alle alles elke meer minder dan kleiner groter nieuwste laatste jaar jaren maand "
            "maanden week zomer winter lente herfst januari februari maart mei juni juli augustus oktober "
            "beelden beeld satellietbeelden opnamen gegevens trainingsgegevens modellen wolken bewolking "
            "resolutie licentie bos bossen stad steden landen kan kun heb heeft nodig gaan gaat gletsjers "
            "gletsjer graag minstens hoogstens die dat"
        )
    )
    - frozenset(listed("over of is was we week winter door datasets die dan")),
    "pl": frozenset(
        listed(
            "i oraz lub albo ale nie bez z ze w we na nad pod dla przez do od po między jest są był były było "
            "jaki jaka jakie które który która ile gdzie kiedy dlaczego pokaż pokaz znajdź znajdz szukam podaj "
            "mi chcę potrzebuję wszystkie wszystko każdy więcej mniej niż rok roku lat miesiąc miesiąca lato "
            "zima wiosna jesień styczeń stycznia luty lutego marzec marca kwiecień kwietnia maj maja czerwiec "
            "czerwca lipiec lipca sierpień sierpnia wrzesień września październik października listopad "
            "listopada grudzień grudnia obrazy obrazów zdjęcia zdjęć zdjecia satelitarne zbiory zbiorów zbiór "
            "danych dane modele modeli chmur zachmurzenie zachmurzeniem rozdzielczość licencja las lasy miasto "
            "miasta kraje najnowsze"
        )
    )
    - frozenset(listed("i do we po")),
}
# parts of names the world over
HALF = frozenset(listed("de la das du des el les le los las san do da di del en o e a y und au in na no al am im zu"))
