"""`python -m registry`: the command line, from a checkout."""

from registry.cli import main

main()
