"""The root of the command: its subcommands, and one line instead of a traceback for what goes wrong."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any, cast

import typer

from .. import __version__
from ..errors import ConfigurationError, InvalidRequestError, LushaError
from . import demo, enrich, sandbox, webhooks
from .errors import Problem
from .signals import INTERRUPTED

__all__ = ["app", "run"]

app = typer.Typer(
    name="lusha-async",
    help="The Lusha V3 API from the command line: within its limits, and never paid twice in silence.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _tell_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"lusha-async {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_tell_version, is_eager=True, help="Tell the version.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


for _register in (demo.register, enrich.register, sandbox.register, webhooks.register):
    _register(app)


def run(arguments: Sequence[str]) -> int:
    """Run the command with `arguments` and return its exit status.

    0: done. 2: refused before anything was sent. 3: some rows failed, or the run ended early. 130: Ctrl-C.
    """
    command = typer.main.get_command(app)
    try:
        status = command.main(args=list(arguments), prog_name="lusha-async", standalone_mode=False)
    except (Problem, ConfigurationError, InvalidRequestError) as problem:
        return _refuse(str(problem))
    except LushaError as error:
        return _refuse(str(error), status=3)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except Exception as error:
        # typer carries click under a name of its own in some versions: known by its interface
        if not hasattr(error, "format_message"):
            raise
        return _refuse(_usage_problem(cast(Any, error)))
    return status if isinstance(status, int) else 0


def _usage_problem(error: Any) -> str:
    """What typer found wrong with the arguments, in one line, with where to read more."""
    text = " ".join(str(error.format_message()).split()).removesuffix(".")
    context = getattr(error, "ctx", None)
    return f"{text} (see {context.command_path} --help)" if context is not None else text


def _refuse(text: str, *, status: int = 2) -> int:
    sys.stderr.write(f"lusha-async: {text}\n")
    return status
