"""Commands, run as somebody at a terminal runs them, but in this process."""

import pytest

from registry.cli import main


def run(*arguments: str) -> int:
    """Runs a command and gives its exit code."""
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    code = ended.value.code
    return code if isinstance(code, int) else 0
