"""How far a claim has come, in words: the tag's kind and its text."""

from datetime import date

from portal.domain.claim import Claim
from portal.language.vocabularies import LATE, STAGES
from portal.web.language import word


def tag(claim: Claim, today: date, *, cancelled: bool) -> tuple[str, str]:
    """The kind of tag and its text; late is said instead of the stage."""
    if cancelled:
        return tag_of("cancelled")
    if claim.is_late(today):
        return "late", word(LATE, "late")
    return tag_of(claim.stage.value)


def tag_of(stage: str) -> tuple[str, str]:
    """The same for a stage by its key."""
    return stage, word(STAGES, stage)
