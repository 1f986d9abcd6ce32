"""Password hashing: slow on purpose, so only so many at once."""

from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError


class Passwords:
    """Argon2id with OWASP's parameters (Password Storage Cheat Sheet): t=2, m=19 MiB, p=1."""

    def __init__(self, at_once: int) -> None:
        self._hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
        self._free = BoundedSemaphore(at_once)
        self._nobody = self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        with self._free:
            return self._hasher.hash(password)

    def fits(self, password_hash: str | None, password: str) -> bool:
        """Whether the password belongs to the hash. Without a hash it takes as long, and is False."""
        with self._free:
            try:
                return self._hasher.verify(password_hash or self._nobody, password) and password_hash is not None
            except VerifyMismatchError:
                return False
