"""Records a database of the newest revision with a row in every table: ``python -m tests.store.landing``.

To be run before a migration is written on top; `test_upgrades` restores what is in `LANDED` and upgrades it.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from mesotrain.store.schema import head
from tests.cli.test_commands import invoke
from tests.store.filling import fill_every_table, history
from tests.world import sqlite_engine

LANDED = Path(__file__).parent / "landed"


def main() -> None:
    file = LANDED / f"{head()}.backup"
    file.unlink(missing_ok=True)
    with TemporaryDirectory() as folder:
        world = sqlite_engine(Path(folder)).world()
        fill_every_table(world)
        history(world, "recorded", 12)
        assert invoke(world, "backup", str(file)).exit_code == 0
    file.chmod(0o644)


if __name__ == "__main__":
    main()
