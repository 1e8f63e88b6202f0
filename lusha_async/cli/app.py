"""The root of the command: its subcommands, and one line in place of a traceback for expected errors."""

from collections.abc import Sequence
from typing import Annotated, Any, cast

import typer

from .. import __version__
from ..errors import ConfigurationError, InvalidRequestError, LushaError
from . import demo, enrich, governor, sandbox, webhooks
from .errors import UsageError
from .signals import EXIT_INTERRUPTED
from .text import say

__all__ = ["app", "run"]

app = typer.Typer(
    name="lusha-async",
    help="The Lusha V3 API from the command line: bulk enrichment within limits and budget, a sandbox, webhooks.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        say(f"lusha-async {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def _root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())  # in colour: nothing of it comes from others


for _register in (demo.register, enrich.register, governor.register, sandbox.register, webhooks.register):
    _register(app)


def run(arguments: Sequence[str]) -> int:
    """Run the command with `arguments` and return its exit status.

    0: done. 2: refused before anything was sent. 3: some rows failed, or the run ended early. 130: Ctrl-C.
    """
    command = typer.main.get_command(app)
    try:
        status = command.main(args=list(arguments), prog_name="lusha-async", standalone_mode=False)
    except (UsageError, ConfigurationError, InvalidRequestError) as error:
        return _fail(str(error))
    except LushaError as error:
        return _fail(str(error), status=3)
    except (KeyboardInterrupt, typer.Abort):
        return EXIT_INTERRUPTED
    except Exception as error:
        # some versions of typer ship click under another name, so its errors are recognised by their interface
        if not hasattr(error, "format_message"):
            raise
        return _fail(_usage_text(cast(Any, error)))
    return status if isinstance(status, int) else 0


def _usage_text(error: Any) -> str:
    """Typer's error about the arguments in one line, with a reference to the help."""
    text = " ".join(str(error.format_message()).split()).removesuffix(".")
    context = getattr(error, "ctx", None)
    return f"{text} (see {context.command_path} --help)" if context is not None else text


def _fail(text: str, *, status: int = 2) -> int:
    say(f"lusha-async: {text}", err=True)
    return status
