"""`python -m lusha_async` and the console script `lusha-async`.

Kept free of other packages, so that a missing extra is told in one line.
"""

import sys
from typing import NoReturn

__all__ = ["main"]

_EXTRAS = {"typer": "cli", "rich": "cli", "uvicorn": "sandbox"}


def main() -> NoReturn:
    """Run the command with the process's arguments and end the process with its exit status."""
    try:
        from .cli.app import run  # noqa: PLC0415

        status = run(sys.argv[1:])
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = _EXTRAS.get(package)
        if extra is None:
            raise
        needs = f"this command needs the package {package}: pip install 'lusha-async[{extra}]'"
        sys.stderr.write(f"lusha-async: {needs}\n")
        status = 2
    raise SystemExit(status)


if __name__ == "__main__":
    main()
