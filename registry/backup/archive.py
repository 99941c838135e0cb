"""The file of a backup: a ZIP archive of a manifest and of a registry as one SQLite file, whichever database it was on.

Any tool can open it, and the registry in it can be served as it is. It holds all that the registry holds, also what is
for administrators only and the hashes of API keys, from which no key can be made: whoever has the file can read all.
"""

import os
import zipfile
import zlib
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO

from pydantic import BaseModel, ConfigDict, ValidationError

from registry.errors import RegistryError

#: What may stand beside an SQLite file, by the ending of its name.
BESIDE = ("-wal", "-shm", "-journal")

#: What the archive holds, by name.
MANIFEST, DATABASE = "manifest.json", "registry.db"

#: The form of the archive, which a later one may change.
FORMAT = 1

#: Bytes that are read at once, and that a manifest may have.
_CHUNK, _LONGEST = 1 << 20, 1 << 16

#: Little effort: it takes a fifth of the time, and the file is hardly larger.
_LEVEL = 1


#: What a file gives rise to that is no backup, or not a whole one, whatever else it may be.
_NO_BACKUP = (zipfile.BadZipFile, zlib.error, KeyError, ValidationError, EOFError, NotImplementedError, RuntimeError)


class BadBackup(RegistryError):
    """A backup that cannot be made or restored."""

    code = "BAD_BACKUP"


class Manifest(BaseModel):
    """What is told of a backup: of which moment of which registry it is, and what its database must hash to."""

    model_config = ConfigDict(frozen=True)

    format: int
    version: str
    tables: str
    database: str
    made_at: str
    known_at: str | None
    sequence: int
    digest: str
    bytes: int
    sha256: str


def hash_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def pack(manifest: Manifest, database: Path, into: Path) -> None:
    """Writes the archive to a new file that its owner alone may read, down to the disk."""
    descriptor = os.open(into, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=_LEVEL) as archive:
            archive.writestr(MANIFEST, manifest.model_dump_json(indent=2) + "\n")
            with database.open("rb") as source, archive.open(DATABASE, "w", force_zip64=True) as target:
                while chunk := source.read(_CHUNK):
                    target.write(chunk)
        file.flush()
        os.fsync(file.fileno())


def unpack(file: Path, into: Path) -> Manifest:
    """Writes the database of an archive to a new file, and gives its manifest.

    Raises `BadBackup` where the file is none of the registry's, or not the one that was written.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            manifest = _read(archive)
            with archive.open(DATABASE) as source:
                _write(source, into, manifest)
    except FileNotFoundError:
        raise BadBackup(f"There is no file {file}.") from None
    except _NO_BACKUP:
        raise BadBackup(f"{file} is not a whole backup of a registry.", hint="Take another backup.") from None
    except OSError as error:
        raise BadBackup(f"{file} cannot be read: {error.strerror}.") from None
    return manifest


def is_backup(file: Path) -> bool:
    """Whether a file is a backup of a registry, by the manifest in it. Raises `OSError` where it cannot be read."""
    try:
        with zipfile.ZipFile(file) as archive:
            _read(archive)
    except BadBackup:  # of a newer registry
        return True
    except _NO_BACKUP:
        return False
    return True


def _read(archive: zipfile.ZipFile) -> Manifest:
    with archive.open(MANIFEST) as opened:
        manifest = Manifest.model_validate_json(opened.read(_LONGEST))
    if manifest.format > FORMAT:
        raise BadBackup("The backup was made by a newer registry.", hint="Restore it with that version or a later one.")
    return manifest


def _write(source: IO[bytes], into: Path, manifest: Manifest) -> None:
    digest, size = sha256(), 0
    descriptor = os.open(into, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as target:
        while (chunk := source.read(_CHUNK)) and size <= manifest.bytes:
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
        target.flush()
        os.fsync(target.fileno())
    if (size, digest.hexdigest()) != (manifest.bytes, manifest.sha256):
        raise BadBackup("The backup is damaged: its database is not what its manifest says.", hint="Take another one.")


def put_in_place(file: Path, place: Path) -> None:
    """Moves a file to its place at one stroke, whatever stood there before, so that it lasts."""
    os.replace(file, place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
