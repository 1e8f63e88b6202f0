"""What the user asked `enrich` for, checked as far as it can be without the network."""

from pathlib import Path

from attrs import frozen

from .plan import EnrichPlan

__all__ = ["EnrichJobOptions"]


@frozen(kw_only=True)
class EnrichJobOptions:
    """One run: what to ask and where to write it.

    `reveal` are premium fields, `budget` is credits (None: no bound), and `base_url` None means the
    environment's or the vendor's. The others are the options of the same name.
    """

    source: Path
    output: Path
    plan: EnrichPlan
    reveal: tuple[str, ...]
    budget: int | None
    base_url: str | None
    force: bool
    resume: bool
    dry_run: bool
    json: bool
