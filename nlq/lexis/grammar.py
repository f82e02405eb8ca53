"""The closed words of the question language: head nouns, function words, and small word classes."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from nlq.lexis.words import listed

# what a noun says is looked for (convention 2)
HEADS: dict[str, str] = {
    "dataset": "dataset|data set|training data|training set|training dataset|training sample|labelled data|labeled data"
    "|label data|labelled dataset|annotated data|annotated dataset|annotated imagery|annotated image"
    "|labelled imagery|labeled imagery"
    "|labelled image|labeled image|corpus|corpora|benchmark|benchmark dataset|benchmark data|ground "
    "truth|ground truth data"
    "|reference data|training material|training imagery|training image|training corpus|training "
    "corpora|annotation|training label"
    "|label|reference label|image dataset|image data set|image corpus|training example|labelled sample"
    "|labeled sample|labelled example"
    "|sample|data collection|labelled patch|labeled patch|labelled scene|labeled scene|labelled pixel"
    "|labelled set|annotated set"
    "|image set|image collection|test bed|training pixel|training patch|reference dataset|reference set|labelled chip"
    "|annotated sample|annotated scene|labelled photo|annotated photo|labelled material|learning data"
    "|training photo|data to train"
    "|label set collection|labelled picture|annotated picture|labelled tile|training picture|training "
    "tile|dataset collection|datset|data cube|datacube",
    "model":
        "model|network|neural network|neural net|net|weights|model weights|pretrained weights|pre-trained "
        "weights|checkpoint"
    "|detector|classifier|encoder|pretrained model|pre-trained model|trained model|deep learning model"
    "|ml model|machine learning model"
    "|algorithm|segmenter|regressor|predictor|transformer model|convnet|cnn|deep network|pretrained network"
    "|pre-trained network|architecture|pretrained backbone|pre-trained backbone|trained network"
    "|pretrained encoder|pre-trained encoder|forecaster"
    "|feature extractor|segmentation network|trained weights|pretrained checkpoint|ai model|model checkpoint",
    "product":
        "product|scene|image|picture|photo|photograph|tile|granule|pass|acquisition|frame|view|snapshot"
        "|shot|overpass"
    "|imagery|satellite image|satellite imagery|satellite picture|satellite photo|footage|recording"
    "|capture|satellite scene|pic"
    "|satellite product|satellite data|earth observation image|eo image|raster|swath|satellite tile"
    "|image product|satellite pass"
    "|pictures from space|observation|data take|datatake|quicklook|sat image"
    "|satellite view|composite|mosaic|image composite|image mosaic|space image|satellite acquisition|satellite shot"
    "|scan|strip|eo product|satellite granule|img|imgs",
}  # fmt: skip

# head nouns that need not be what is looked for: they also are what others consist of
WEAK_HEADS = frozenset(
    listed(
        "label annotation sample architecture algorithm observation net pass view strip scan classifier "
        "encoder recording capture tile frame"
    )
)

ANY_HEADS = frozenset({"resource", "entry", "entries", "record", "item", "anything", "everything"})

# words that carry no condition of their own
STOP = frozenset(
    listed(
        "a an the of in on at to for from by with and or is are was were be been being do does did has "
        "have had having it its they them their this that these those which what who whom whose where when "
        "how as if than then there here i we you me us my our your he she his her some any all every each "
        "both either please kindly thanks thank hello hi hey dear colleagues could can would should may "
        "might will shall must need needs want wants wanted like love looking look search searching find "
        "give show list get got tell display return retrieve fetch bring provide see know available exist "
        "exists existing use used using useful help helps work works working let lets s t re ve ll d m am "
        "im id ive just only also too very really quite so such not no nor but however because since while "
        "about into onto out up down off over under again more most much many few other another same "
        "different one ones thing things something anything everything someone anyone people person data "
        "set sets catalogue catalog entries entry records record database have hold holds holding contain "
        "contains containing include includes including come comes coming made make makes making based "
        "offer offers offering within without through during between per via kind kinds type types sort "
        "sorts type number numbers amount me's what's give's possible possibly actually basically ideally "
        "currently right now then whatever whichever matter no's oh ok okay well yes yeah nah nope sure "
        "great good nice cool hmm today please's asap quick quickly dont don doesn didn isn aren wasn "
        "weren won couldn wouldn shouldn hasn haven what're got gotta gonna wanna there's that's it's "
        "anybody everybody wish wishes wished hope hoping hoped interested interest whether suitable "
        "suited appropriate fit fits relevant related concerning regarding respect total overall "
        "altogether go goes going went gone taking take takes taken took acquired acquire acquires "
        "acquisition acquisitions recorded captured sensed shot dated collected obtained shown showing "
        "shows covering covers cover covered located lying lie lies situated found depicting depicts seen "
        "see visible featuring features feature across around near inside at overlapping able capable "
        "allowed allows allow lets permit permits permitted do's called named name names known provided "
        "providing delivered supplied publicly already still yet even ever any's whose's where's every's "
        "me! an'd project projects study studying work research researcher phd thesis team colleague "
        "start-up startup company question questions answer answers query result results sorted sort order "
        "ordered ranked rank first last next think thinking thought believe guess suppose wonder wondering "
        "mind minds say says said speak speaking mean means meant us uses user usage try trying tried "
        "build building's develop train teach learn learns learning neural deep machine cannot can't less "
        "least fewer rather instead else elsewhere along together apart against among amongst beside "
        "besides image's set's scene's map maps mapped mapping monitor monitoring estimate estimation "
        "estimating detect detecting extract extraction extracting analysis analyse analyze analysing "
        "study's studies purposes purpose task tasks application applications identify identifying "
        "recognise recognize recognition classify classifying masking delineate delineation satellite "
        "satellites sensor sensors imagery earth eo remote sensing observation geospatial spatial specific "
        "specifically particular particularly special single multiple several various numerous plus "
        "least's date dates time times period periods day days week weeks month months year years moment "
        "long short high low big small large little bit lot lots tons bunch whole entire entirely complete "
        "completely fully area areas region regions place places site sites zone zones territory location "
        "locations spot surroundings vicinity hence therefore thus otherwise upon towards toward onto amid "
        "amidst per's due fine perfect perfectly happy pretty new want's curious ask asking asked tell's "
        "wondered figure pull dig check checking choose pick select exactly precisely roughly "
        "approximately about's actually's simply merely purely solely sole present presented host hosts "
        "hosted hosting store stored storing ready readily easily easy directly direct immediately maybe "
        "perhaps somewhat sometimes often always never anywhere somewhere everywhere nowhere anyhow anyway "
        "btw fyi pls plz thx ty cheers regards sincerely sir madam own owns owned run runs running ran "
        "done doing does's")
)  # fmt: skip


@lru_cache(maxsize=1)
def english() -> frozenset[str]:
    """Common English words: never misspelt, and names only where they are written as names.

    The list holds words that occur in many English texts about software, counted, and everyday words; none of it is
    copied from a dictionary.
    """
    text = (files(__package__) / "english.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


@lru_cache(maxsize=1)
def frequent() -> tuple[str, ...]:
    """Words that questions use, the most used first; made from the question files by `nlq/evaluation/frequent.py`."""
    return tuple((files(__package__) / "frequent.txt").read_text(encoding="utf-8").split())
