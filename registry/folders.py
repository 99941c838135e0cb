"""Folders of a process's own beside those of others; what a process that was killed has left, the next one removes.

Each holds all that a registry holds, so nobody else may read it. Whoever works in one has hold of the folder itself:
no file in it stands for that, which others might clear away.
"""

import fcntl
import os
import shutil
import stat
import tempfile
import time
from contextlib import suppress
from pathlib import Path

#: Seconds in which whoever has made a folder has surely taken hold of it.
_JUST_MADE = 60


class OwnFolder:
    """A new folder within another, which is gone when it is closed.

    Folders whose names begin alike and that nobody works in any more are removed first.
    """

    def __init__(self, prefix: str, within: Path) -> None:
        for left in within.glob(f"{prefix}*"):
            _remove_left(left)
        self.path = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
        self._held = os.open(self.path, os.O_RDONLY)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def close(self) -> None:
        """Clears the folder away."""
        shutil.rmtree(self.path, ignore_errors=True)
        os.close(self._held)


def _remove_left(folder: Path) -> None:
    """Removes a folder of ours that no process has hold of; any other is left alone."""
    with suppress(OSError):
        found = folder.lstat()
        ours = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid()
        if not ours or time.time() - found.st_mtime < _JUST_MADE:
            return
        held = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
        finally:
            os.close(held)
