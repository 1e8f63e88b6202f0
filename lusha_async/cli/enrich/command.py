"""`lusha-async enrich`: the options, and what can be checked of them without the network."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ...resources._bodies import COMPANY_REVEALS as REVEALS
from ..errors import Problem, nearest
from ..output import check_output
from .columns import CompanyColumns, parse_map
from .csv_file import read_table
from .job import EnrichJobOptions
from .plan import EnrichPlan

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add `enrich` to the command."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("companies")(_companies)
    app.add_typer(group, name="enrich")


def _group() -> None:
    """Complete the rows of a file with the vendor's data."""


def _companies(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header line.", show_default=False)],
    columns: Annotated[
        list[str],
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="Which column names the company: field id, domain or name. Repeat for more; "
            "each row is asked by the first of them, in that order, that it has.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The JSON lines file to write.", show_default=False)
    ],
    budget: Annotated[
        str | None, typer.Option(metavar="CREDITS", help="Spend no more than this.", show_default="no bound")
    ] = None,
    reveal: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="A premium field to reveal, at its price. Repeat for more."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="ROWS", help="Only the first rows.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Tell the plan and its price; ask nothing.")] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Go on from the answers that a run has kept.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")] = False,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Instead of LUSHA_BASE_URL or the vendor's.")
    ] = None,
) -> None:
    """Look up each row's company and write one JSON line for each row, in their order.

    The key is read from LUSHA_API_KEY. The output appears under its name when it is whole; until then the
    answers are kept in OUTPUT.part, and --resume goes on from there after any early end. After an output with
    failed rows, --resume --force asks for those alone.

    Exit status: 0 every row is answered, 2 refused before anything was sent, 3 rows failed or the run ended
    early, 130 Ctrl-C.
    """
    table = read_table(file)
    plan = EnrichPlan(table, CompanyColumns(table, parse_map(columns)), limit=limit)
    output = output.resolve()
    check_output(output, source=file, force=force)
    job = EnrichJobOptions(
        source=file,
        output=output,
        plan=plan,
        reveal=_checked_reveal(reveal or ()),
        budget=_checked_budget(budget),
        base_url=base_url,
        force=force,
        resume=resume,
        dry_run=dry_run,
        json=json,
    )
    from .run import enrich  # when it is used: help and refusals are quick

    raise typer.Exit(asyncio.run(enrich(job)))


def _checked_budget(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and int(digits) > 0):
        raise Problem(f'--budget "{text}" is not a positive whole number of credits')
    return int(digits)


def _checked_reveal(fields: Sequence[str]) -> tuple[str, ...]:
    for field in fields:
        if field not in REVEALS:
            raise Problem(f'--reveal knows no field "{field}": {nearest(field, REVEALS)}')
    return tuple(dict.fromkeys(fields))
