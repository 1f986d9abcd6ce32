"""Pictures that come with questions, as a bank keeps them."""

import re
from hashlib import sha256

from mesotrain.formats.lines import Report
from mesotrain.formats.media import KINDS, read_medium


class Album:
    """`shown` are the pictures by their path in ``media/``; `refused` says which are not taken, and why."""

    def __init__(self) -> None:
        self.shown: dict[str, bytes] = {}
        self.refused: list[str] = []

    def keep(self, name: str, content: bytes) -> str | None:
        """The path of a picture with this name, once it is found fit to be shown."""
        stem, ending = name.lower().rpartition(".")[0], self.fit(name, content)
        if not ending:
            return None
        slug = re.sub(r"[^a-z0-9]+", "-", stem).strip("-")[:40] or "picture"
        path = f"media/{slug}-{sha256(content).hexdigest()[:8]}.{ending}"
        self.shown[path] = content
        return path

    def fit(self, name: str, content: bytes) -> str:
        """The ending of a picture that may be shown; else nothing, and `refused` says why."""
        ending = name.lower().rpartition(".")[2]
        ending = "jpg" if ending == "jpeg" else ending
        report = Report(name)
        if ending not in KINDS:
            self.refused.append(f"the picture {name[:60]} is not of a kind that is shown: {', '.join(KINDS)}.")
            return ""
        read_medium(f"media/{name}.{ending}", content, report)
        if report.faults:
            self.refused.append(f"the picture {name[:60]} is left out: {report.faults[0].message}")
            return ""
        return ending
