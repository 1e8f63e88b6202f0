"""`lusha-async demo`: its options."""

import asyncio
from typing import Annotated

import typer

__all__ = ["register"]


def register(app: typer.Typer) -> None:
    """Add `demo` to the command."""
    app.command("demo")(_demo)


def _demo(
    contacts: Annotated[int, typer.Option(min=1, help="Contacts to enrich.")] = 10_000,
    prospects: Annotated[int, typer.Option(min=1, max=50_000, help="Prospects to stream.")] = 20_000,
    json: Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")] = False,
) -> None:
    """Enrich 10,000 contacts and stream 20,000 prospects against a sandbox on this machine: about a minute.

    It needs no key, costs nothing, and sends nothing to the network. The sandbox enforces the limits of the
    vendor's largest plan: 25 requests a second, 300 a minute.
    """
    from .run import run_demo  # here, so that help is quick

    raise typer.Exit(asyncio.run(run_demo(contacts, prospects, json=json)))
