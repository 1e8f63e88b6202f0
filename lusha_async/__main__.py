"""`python -m lusha_async` and the console script `lusha-async`.

It imports no third-party package, so that a missing extra is reported in one line.
"""

import sys
from typing import NoReturn

__all__ = ["main"]

_EXTRAS = {"typer": "cli", "rich": "cli", "idna": "cli", "uvicorn": "sandbox"}


def main() -> NoReturn:
    """Run the command with the arguments of the process and exit with its status."""
    try:
        from .cli.app import run  # noqa: PLC0415

        status = run(sys.argv[1:])
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        extra = _EXTRAS.get(package)
        if extra is None:
            raise
        sys.stderr.write(
            f"lusha-async: this command needs the package {package}: pip install 'lusha-async[{extra}]'\n"
        )
        status = 2
    raise SystemExit(status)


if __name__ == "__main__":
    main()
