"""Course folders, the one place where files are read."""

from pathlib import Path

from mesotrain.core.errors import BadContent, Fault

READ = (".md", ".yaml")


def course_folders(courses: Path) -> list[Path]:
    """Folders under `courses` that hold a course, by name."""
    return sorted(path.parent for path in courses.glob("*/course.yaml"))


def read_folder(folder: Path) -> dict[str, str]:
    """The texts of a course folder by their path in it. Raises BadContent naming each file that is not UTF-8."""
    texts, faults = {}, []
    for path in sorted(folder.rglob("*")):
        if path.suffix not in READ or not path.is_file():
            continue
        name = path.relative_to(folder).as_posix()
        try:
            texts[name] = path.read_bytes().decode("utf-8-sig")
        except UnicodeDecodeError as error:
            line = path.read_bytes()[: error.start].count(b"\n") + 1
            faults.append(Fault(name, line, "this file is not UTF-8; save it as UTF-8 text.", "encoding"))
    if faults:
        raise BadContent(faults)
    return texts
