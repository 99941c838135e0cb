"""What other programs follow: deadlines as a calendar (RFC 5545) and the log of changes as a feed (RFC 4287).

`calendar.py` and `atom.py` write the two forms, `deadlines.py` and `changes.py` say in them what the registry holds.
"""
