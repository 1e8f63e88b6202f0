"""`python -m lusha_async` and the console script `lusha-async`.

Kept free of other packages, so that a missing extra is told in one line.
"""

import sys
from typing import NoReturn

__all__ = ["main"]

_EXTRAS = {"typer": "cli", "rich": "cli", "starlette": "sandbox", "uvicorn": "sandbox"}


def main() -> NoReturn:
    """Run the command with the process's arguments and end the process with its exit status."""
    try:
        from .cli.app import run  # noqa: PLC0415

        status = run(sys.argv[1:])
    except ModuleNotFoundError as error:
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        if extra is None:
            raise
        sys.stderr.write(
            f"lusha-async: this command needs the package {error.name}: pip install 'lusha-async[{extra}]'\n"
        )
        status = 2
    raise SystemExit(status)


if __name__ == "__main__":
    main()
