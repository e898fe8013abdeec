"""Find signatures by case and by signer, and conflicts of interest by person, without reading all of them."""

from collections.abc import Sequence

from alembic import op

revision: str = "20261129_signed_by"
down_revision: str | None = "20261129_invoices"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("signatures_application_id_idx", "signatures", ["application_id"])
    op.create_index("signatures_signer_id_application_id_idx", "signatures", ["signer_id", "application_id"])
    op.create_index("conflicts_person_id_application_id_idx", "conflicts", ["person_id", "application_id"])
