"""Where an invitation stands: by its row and the time, never by a job."""

from datetime import datetime

from models import BillingInvitation, InvitationStatus
from resolvers.relations import Bind, Filter


def status(stored: InvitationStatus, expires_at: datetime, now: datetime) -> InvitationStatus:
    """PENDING until the very instant of its expiry, EXPIRED from then on."""
    stored = InvitationStatus(stored)
    expired = stored is InvitationStatus.PENDING and now >= expires_at
    return InvitationStatus.EXPIRED if expired else stored


def condition(t: str, wanted: InvitationStatus, now: datetime, bind: Bind) -> str:
    """`status`, asked in SQL."""
    match wanted:
        case InvitationStatus.PENDING:
            return f"{t}.status = 'PENDING' and {t}.expires_at > {bind(now)}::timestamptz"
        case InvitationStatus.EXPIRED:
            return f"{t}.status = 'PENDING' and {t}.expires_at <= {bind(now)}::timestamptz"
        case _:
            return f"{t}.status = {bind(wanted)}::{BillingInvitation.status.sql}"


standing = Filter("status", InvitationStatus, "Only invitations that stand so now.", condition)
