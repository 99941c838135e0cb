"""The folder in which a backup is made or unpacked."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal

from registry.folders import OwnFolder


@contextmanager
def workplace(kind: Literal["backup", "restore"], around: Path | None) -> Iterator[Path]:
    """A new folder in another, or in that of the system for what is temporary, which is gone at the end."""
    with closing(OwnFolder(f".registry-{kind}-", around or Path(tempfile.gettempdir()))) as folder:
        yield folder.path
