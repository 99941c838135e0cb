"""What a command shows on a terminal: how far it has come, and tables."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


@contextmanager
def shown_progress() -> Iterator[Callable[[str, int, int], None]]:
    """A function that is told what is being done, how much of it is done and how much there is in all.

    It is shown to whoever sits at a terminal, and to nobody else.
    """
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:20}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    tasks: dict[str, TaskID] = {}
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:

        def tell(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what)
            progress.update(tasks[what], completed=done, total=of)

        yield tell


def wide_console() -> Console:
    """A console for tables, which does not cut them where the answer goes to a file."""
    console = Console()
    return console if console.is_terminal else Console(width=120)
