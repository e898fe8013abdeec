"""Every table; a row class is imported from here, whatever its subject."""

from portal.store.tables.applications import (
    ApplicationRow,
    ApplicationVersionRow,
    ApprovalUseRow,
    ConflictRow,
    DocumentRow,
    DraftDocumentRow,
    DraftRow,
    NumberSeriesRow,
    QuestionRow,
    SignatureRow,
    VersionDocumentRow,
)
from portal.store.tables.grants import (
    BudgetEntryRow,
    BudgetPeriodRow,
    ClaimRow,
    DecisionRow,
    FollowUpRow,
    PaymentBatchRow,
    PaymentRow,
)
from portal.store.tables.log import EventRow, LetterRow, OutboxRow
from portal.store.tables.people import (
    BrowserRow,
    ImportRow,
    PersonRoleRow,
    PersonRow,
    SeatHoldingRow,
    SessionRow,
    SignInChangeRow,
    TryRow,
)
from portal.store.types import Base

__all__ = [
    "ApplicationRow",
    "ApplicationVersionRow",
    "ApprovalUseRow",
    "Base",
    "BrowserRow",
    "BudgetEntryRow",
    "BudgetPeriodRow",
    "ClaimRow",
    "ConflictRow",
    "DecisionRow",
    "DocumentRow",
    "DraftDocumentRow",
    "DraftRow",
    "EventRow",
    "FollowUpRow",
    "ImportRow",
    "LetterRow",
    "NumberSeriesRow",
    "OutboxRow",
    "PaymentBatchRow",
    "PaymentRow",
    "PersonRoleRow",
    "PersonRow",
    "QuestionRow",
    "SeatHoldingRow",
    "SessionRow",
    "SignInChangeRow",
    "SignatureRow",
    "TryRow",
    "VersionDocumentRow",
]
