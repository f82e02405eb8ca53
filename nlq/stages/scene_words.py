"""Words that describe scenes without a number: cloud-free, clear sky (convention 9)."""

from __future__ import annotations

from nlq.sheet.reading import Reading, Rule, rule

CLOUD_FREE = 10
FEW_CLOUDS = 20
_CLOUD_FREE = rule(
    r"(?:almost |nearly |mostly |virtually |practically |completely |totally |entirely |largely "
    r"|perfectly )?(?:cloud ?- ?free|cloudfree|cloudless|cloud ?- ?less|unclouded|clear ?- ?sky|clear "
    r"skies|clear weather|blue sky|free (?:of|from) (?:any )?(?:\{topic\}|clouds?)|clear of "
    r"(?:\{topic\}|clouds?)|non ?- ?(?:cloudy|\{attr\})|(?:not|n ' t) (?:cloudy|clouded|\{attr\}))",
    r"(?:without|no|hardly any|barely any|not a single|zero|with no|n ' t have|not have|not any|devoid "
    r"of|scarcely any|next to no)(?: (?:any|a|single|visible))* (?:\{topic\}|clouds?|\{attr\})(?: in "
    r"the way| over it| at all)?",
    r"(?:\{topic\}|clouds?) ?- ?free|(?:\{topic\}|cloud) ?- ?less",
    r"(?:under |in |with )?(?:a )?clear (?:sky|skies|conditions|weather)|clear (?=\{(?:product"
    r"|sensor)\})|(?:are|is|was|were) clear",
)
_FEW_CLOUDS = rule(
    r"(?:low|little|small|few|light|slight|minimal|limited|modest|thin|reduced|not (?:too|very|so) (?:much|many)"
    r"|hardly "
    r"any|only (?:a )?(?:few|little|some))(?: ?- ?|(?: of)? )(?:\{topic\}|\{attr\}|clouds?|cloudiness)(?: "
    r"cover(?:age)?)?",
    r"(?:not (?:too|very|so|that)|slightly|relatively|fairly|mostly|hardly|barely)"
    r" (?:cloudy|clouded|overcast|clear|\{attr\})"
    r"(?= \{|,| \.| \?| $)",
)


def read_scene_words(reading: Reading) -> None:
    """Bound the cloud cover of scenes that are called cloud-free or little clouded; needs the target."""
    draft = reading.draft
    if draft.target != "product" or any(one.info.get("property") == "cloud_cover" for one in reading.of_kind("bound")):
        return
    if not _bound_clouds(reading, _CLOUD_FREE, CLOUD_FREE, "cloud-free"):
        _bound_clouds(reading, _FEW_CLOUDS, FEW_CLOUDS, "few clouds")


def _bound_clouds(reading: Reading, words: Rule, most: int, name: str) -> bool:
    draft = reading.draft
    for found in reading.find_all(words):
        topics = found.marks(0, "topic", "attr")
        if any(not _is_cloud(str(one.value)) for one in topics):
            continue
        if topics and topics[0].used:
            continue
        after = reading.tokens[found.span()[1]].norm if found.span()[1] < len(reading.tokens) else ""
        if after in (
            "constraint",
            "constraints",
            "limit",
            "limits",
            "filter",
            "restriction",
            "condition",
            "requirement",
        ):
            continue
        draft.add("cloud_cover", "<=", most)
        draft.assume(f"{name} = at most {most} % cloud cover")
        for one in topics:
            one.info["taken"] = True
            reading.take(one, "cloud_cover")
        found.use("cloud_cover")
        return True
    return False


def _is_cloud(value: str) -> bool:
    return value in ("cloud", "cloud_cover")
