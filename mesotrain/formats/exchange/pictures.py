"""A picture that a file from elsewhere brings, as a bank can show it."""

import re
from hashlib import sha256

from mesotrain.formats.lines import Report
from mesotrain.formats.media import KINDS, read_medium


def kept(name: str, content: bytes) -> tuple[str, str]:
    """Its path in ``media/``; or nothing, and a sentence that says why it cannot be shown."""
    stem, _, ending = name.lower().rpartition(".")
    ending = "jpg" if ending == "jpeg" else ending
    report = Report(name)
    if ending not in KINDS:
        return "", f"the picture {name[:60]} is not of a kind that is shown: {', '.join(KINDS)}."
    read_medium(f"media/{name}.{ending}", content, report)
    if report.faults:
        return "", f"the picture {name[:60]} is left out: {report.faults[0].message}"
    slug = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:40] or "picture"
    return f"media/{slug}-{sha256(content).hexdigest()[:8]}.{ending}", ""
