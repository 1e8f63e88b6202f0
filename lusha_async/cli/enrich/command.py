"""`lusha-async enrich`: its options, and what can be checked of them without the network."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ...operations import COMPANY_REVEALS
from ..errors import UsageError, suggestion
from ..output import check_output
from .columns import CompanyColumns, parse_map
from .csv_file import read_csv
from .plan import EnrichJobOptions, EnrichPlan

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add `enrich` to the command."""
    group = typer.Typer()
    group.callback()(_group)
    group.command("companies")(_companies)
    app.add_typer(group, name="enrich")


def _group() -> None:
    """Add the vendor's data to the rows of a file."""


def _companies(
    file: Annotated[Path, typer.Argument(help="A CSV file with a header line.", show_default=False)],
    columns: Annotated[
        list[str],
        typer.Option(
            "--map",
            metavar="FIELD=COLUMN",
            help="The column that identifies the company, as field id, domain or name. Repeat for more; "
            "each row is looked up by the first of these fields that it has, in this order.",
            show_default=False,
        ),
    ],
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The JSON lines file to write.", show_default=False)
    ],
    budget: Annotated[
        str | None, typer.Option(metavar="CREDITS", help="Spend no more than this.", show_default="no limit")
    ] = None,
    reveal: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help="A premium field to reveal, at its price. Repeat for more."),
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, metavar="ROWS", help="Only the first rows.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the plan and its price; send nothing that costs credits.")
    ] = False,
    resume: Annotated[bool, typer.Option("--resume", help="Continue an earlier run of this output.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Replace the output file if it exists.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON on standard output.")] = False,
    base_url: Annotated[
        str | None, typer.Option(metavar="URL", help="Instead of LUSHA_BASE_URL or the vendor's.")
    ] = None,
) -> None:
    """Look up each row's company and write one JSON line for each row, in the order of the rows.

    The key is read from LUSHA_API_KEY. The output file appears when it is complete. Until then the results are
    kept in OUTPUT.part, and --resume continues from there after a run that ended early. After an output with failed
    rows, --resume --force requests those alone.

    Exit status: 0 every row has a result, 2 refused before anything was sent, 3 rows failed or the run ended
    early, 130 Ctrl-C.
    """
    table = read_csv(file)
    plan = EnrichPlan(table, CompanyColumns(table, parse_map(columns)), limit=limit)
    output = output.resolve()
    check_output(output, source=file, force=force)
    options = EnrichJobOptions(
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
    from .run import enrich  # here, so that help and refusals are quick

    raise typer.Exit(asyncio.run(enrich(options)))


def _checked_budget(text: str | None) -> int | None:
    if text is None:
        return None
    digits = text.strip()
    if not (digits.isascii() and digits.isdigit() and int(digits) > 0):
        raise UsageError(f'--budget must be a positive whole number of credits, not "{text}"')
    return int(digits)


def _checked_reveal(fields: Sequence[str]) -> tuple[str, ...]:
    for field in fields:
        if field not in COMPANY_REVEALS:
            raise UsageError(f'--reveal has no field "{field}": {suggestion(field, COMPANY_REVEALS)}')
    return tuple(dict.fromkeys(fields))
