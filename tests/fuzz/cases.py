"""What the fuzzer edits: files as they are; of a zip file one file within, behind its place among all of them."""

from tests.formats.exchange.test_hostile import members, packed, seeds


class Cases:
    """Of one format."""

    def __init__(self, name: str) -> None:
        self.seeds = seeds(name)
        self._places = [(files, path) for one in self.seeds for files in [members(one)] for path in files][:256]

    def edited(self) -> list[bytes]:
        """What the fuzzer begins with."""
        return [bytes([at]) + files[path] for at, (files, path) in enumerate(self._places)] or self.seeds

    def whole(self, content: bytes) -> bytes:
        """The file that is read, of what the fuzzer made."""
        if not self._places:
            return content
        files, path = self._places[content[0] % len(self._places) if content else 0]
        return packed({**files, path: content[1:]})
