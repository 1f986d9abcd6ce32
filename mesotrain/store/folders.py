"""Course folders, the one place where files are read."""

from pathlib import Path

from mesotrain.core.errors import Refused
from mesotrain.formats.media import KINDS

READ = (".md", ".yaml")
COURSE = "course.yaml"


def course_folders(place: Path) -> list[Path]:
    """The folders of the courses in `place`, by name; where `place` is in a course, that course's.

    Raises Refused where there is none.
    """
    within = next(
        (folder for folder in (place, *place.parents, *place.absolute().parents) if (folder / COURSE).is_file()), None
    )
    found = [within] if within else sorted(path.parent for path in place.glob(f"*/{COURSE}"))
    if not found and place.is_file():
        raise Refused("%(place)s stands in no course: a course is a folder with a course.yaml.", place=place)
    if not found:
        raise Refused("There is no course in %(place)s: a course is a folder with a course.yaml.", place=place)
    return found


def read_folder(folder: Path) -> dict[str, str | bytes]:
    """The files of a course folder by their path in it.

    In a text, bytes that are no UTF-8 are surrogates; what lies in a module's media folder comes as bytes.
    """
    found: dict[str, str | bytes] = {}
    for path in filter(Path.is_file, sorted(folder.rglob("*"))):
        name = path.relative_to(folder).as_posix()
        if path.suffix in READ:
            found[name] = path.read_bytes().decode("utf-8-sig", "surrogateescape")
        elif path.parent.name == "media" and path.suffix[1:] in KINDS:
            found[name] = path.read_bytes()
    return found
