"""The pages of the documentation: their links lead somewhere."""

import re
from pathlib import Path

import pytest

from tests.examples import ROOT

PAGES = [ROOT / "README.md", *sorted(ROOT.glob("docs/*.md"))]


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_inside_the_documentation_works(page: Path) -> None:
    """Each relative link of a page names a file of the project, and an anchor one of its headings."""
    for link in re.findall(r"\]\((?!https?:)([^)]+)\)", page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        if target.parts[-2:] == ("benchmarks", "README.md"):
            continue  # not part of what the wheel's tests see
        assert target.exists(), link
        assert not anchor or anchor in _anchors(target), link
