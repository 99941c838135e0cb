"""The folder in which a backup is made or unpacked; what a process that was killed has left, the next one removes."""

import fcntl
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal

_NAMED = ".registry-"

#: Seconds in which whoever has made a folder has surely taken hold of it.
_JUST_MADE = 60


@contextmanager
def workplace(kind: Literal["backup", "restore"], around: Path | None) -> Iterator[Path]:
    """A new folder in another, or in that of the system for what is temporary, which is gone at the end.

    Folders of the kind that nobody works in any more are removed first: each holds all of a registry.
    """
    around = around or Path(tempfile.gettempdir())
    prefix = f"{_NAMED}{kind}-"
    for left in around.glob(f"{prefix}*"):
        _remove_left(left)
    made = tempfile.TemporaryDirectory(prefix=prefix, dir=around)
    held = os.open(made.name, os.O_RDONLY)
    try:
        with made as folder:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield Path(folder)
    finally:
        os.close(held)


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
