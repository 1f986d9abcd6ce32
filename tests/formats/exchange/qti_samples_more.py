"""Further items: what earns together what it does, several places on a picture."""

from fractions import Fraction

from tests.formats.exchange.qti_samples import PICTURE, SAMPLES, Sample, mapping, response, right, scores, value, when

HALF, THIRD = Fraction(1, 2), Fraction(1, 3)
SPOTS = (
    f"<hotspotInteraction responseIdentifier='RESPONSE' maxChoices='{{}}'><prompt>Where?</prompt>{PICTURE}"
    "<hotspotChoice identifier='vein' shape='circle' coords='30,50,20'/>"
    "<hotspotChoice identifier='nerve' shape='circle' coords='90,50,20'/>"
    "<hotspotChoice identifier='bone' shape='rect' coords='140,10,190,90'/></hotspotInteraction>"
)
POINTS = (
    f"<selectPointInteraction responseIdentifier='RESPONSE' maxChoices='{{}}'><prompt>Where?</prompt>{PICTURE}"
    "</selectPointInteraction>"
)
AT = {"vein": ("30", "50"), "nerve": ("90", "50"), "bone": ("150", "50"), "nowhere": ("5", "5"), "away": ("195", "95")}


SHAPES = {name: f"circle' coords='{AT[name][0]},50,20" for name in ("vein", "nerve")}
SHAPES["bone"] = "rect' coords='140,10,190,90"


def areas(attributes: str, **worth: str) -> str:
    entries = (f"<areaMapEntry shape='{SHAPES[name]}' mappedValue='{one}'/>" for name, one in worth.items())
    return f"<areaMapping {attributes}>{''.join(entries)}</areaMapping>"


def marked(*names: str) -> dict[str, list[str]]:
    """Fields with marks at these places."""
    every = (f"{number}.{axis}" for number in range(1, len(names) + 1) for axis in "xy")
    return dict(zip(every, ([at] for name in names for at in AT[name]), strict=True))


def alone(name: str) -> dict[str, list[str]]:
    return {axis: [at] for axis, at in zip("xy", AT[name], strict=True)}


def are(*names: str) -> str:
    """That the response is these, in any order."""
    every = "".join(value(name, "identifier") for name in names)
    return f"<match><variable identifier='RESPONSE'/><multiple>{every}</multiple></match>"


MORE = {
    "spots, all or nothing": Sample(
        response("multiple", "identifier", right("vein", "bone")),
        SPOTS.format(0),
        "match_correct",
        "hotspot",
        [
            (marked("vein", "bone"), 1),
            (marked("vein"), 0),
            (marked("vein", "nerve", "bone"), 0),
            (marked("vein", "vein", "bone"), 1),
        ],
    ),
    "spots, one of two": Sample(
        response("multiple", "identifier"),
        SPOTS.format(3),
        when(f"<or>{are('vein', 'bone')}{are('nerve', 'bone')}</or>", scores("2")),
        "hotspot",
        [(marked("vein", "bone"), 1), (marked("bone", "nerve"), 1), (marked("bone"), 0), (marked(*list(AT)[:3]), 0)],
    ),
    "spots, a sum": Sample(
        response("multiple", "identifier", mapping("lowerBound='0' defaultValue='0'", vein="1", bone="2", nerve="-1")),
        SPOTS.format(2),
        "map_response",
        "hotspot",
        [(marked("vein", "bone"), 1), (marked("vein"), THIRD), (marked("bone", "nerve"), THIRD), (marked("nerve"), 0)],
    ),
    "points": Sample(
        response("multiple", "point", areas("defaultValue='0'", vein="1", nerve="1", bone="1")),
        POINTS.format(3),
        "map_response_point",
        "hotspot",
        [
            (marked("vein", "bone", "nerve"), 1),
            (marked("vein", "bone", "nowhere"), 2 * THIRD),
            (marked("nowhere", "bone", "away"), THIRD),
            (marked("bone", "bone", "bone"), THIRD),
        ],
    ),
    "points that are taken off": Sample(
        response("multiple", "point", areas("defaultValue='-1' lowerBound='0'", vein="1", bone="1")),
        POINTS.format(3),
        "map_response_point",
        "hotspot",
        [
            (marked("vein", "bone"), 1),
            (marked("vein", "bone", "nowhere"), HALF),
            (marked("nowhere", "bone", "away"), 0),
            (marked("vein"), HALF),
        ],
    ),
    "a point that is worth a part": Sample(
        response("single", "point", areas("defaultValue='0.5'", vein="2", nerve="1", bone="-1")),
        POINTS.format(1),
        "map_response_point",
        "hotspot",
        [(alone("vein"), 1), (alone("nerve"), HALF), (alone("bone"), -HALF), (alone("nowhere"), Fraction(1, 4))],
    ),
}
ALL = SAMPLES | MORE
