"""Course folders, the one place where files are read."""

from pathlib import Path

from mesotrain.core.errors import Refused

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
    if not found:
        raise Refused("There is no course in %(place)s: a course is a folder with a course.yaml.", place=place)
    return found


def read_folder(folder: Path) -> dict[str, str]:
    """The texts of a course folder by their path in it; bytes that are no UTF-8 come as surrogates."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes().decode("utf-8-sig", "surrogateescape")
        for path in sorted(folder.rglob("*"))
        if path.suffix in READ and path.is_file()
    }
