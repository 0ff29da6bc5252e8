"""${message}."""

${"import sqlalchemy as sa"}
from alembic import op
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    """Only add: the release before this one must go on to work with the result."""
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    """Take it back; what was stored in it is gone."""
    ${downgrades if downgrades else "pass"}
