"""Backups: the whole registry at one moment in one file, from which either kind of database can be made again."""

from registry.backup.archive import BadBackup, Manifest
from registry.backup.making import back_up
from registry.backup.restoring import restore

__all__ = ["BadBackup", "Manifest", "back_up", "restore"]
