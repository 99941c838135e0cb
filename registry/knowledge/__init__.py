"""What the registry knew at an earlier moment: snapshots of it, made out of its log and kept for a while."""
