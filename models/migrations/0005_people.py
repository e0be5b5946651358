"""How people come in and go: passwords, sessions, mailed links, invitations of members; jobs and stored answers."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from tortoise import fields, migrations
from tortoise.migrations import operations as ops

ROLES = "'OWNER', 'ADMIN', 'MEMBER'"
ACTING = "'OWNER', 'ADMIN', 'MEMBER', 'BILLING_MANAGER'"
STATUSES = "'PENDING', 'ACCEPTED', 'DECLINED', 'REVOKED', 'SUPERSEDED'"

BYTES = {
    "mailed_link": ("email_key", "kind"),
    "member_invitation": ("email_key", "status"),
    "stored_answer": ("key",),
}

ACTIVITIES = (
    "'MEMBER_JOINED', 'MEMBER_REMOVED', 'MEMBER_ROLE_CHANGED', 'TEAM_CREATED', 'TEAM_RENAMED', 'TEAM_DELETED', "
    "'PROJECT_CREATED', 'PROJECT_RENAMED', 'PROJECT_DELETED', 'RESOURCE_CREATED', 'RESOURCE_DELETED', "
    "'SETTINGS_CHANGED'"
)
FURTHER_ACTIVITIES = "'MEMBER_INVITED', 'INVITATION_REVOKED', 'TEAM_MEMBER_ADDED', 'TEAM_MEMBER_REMOVED'"

CONSTRAINTS = {
    "session_digest_key": ("session", "unique (digest)"),
    "session_digest_check": ("session", "check (octet_length(digest) = 32)"),
    "session_expiry_check": ("session", "check (created_at < expires_at)"),
    "session_user_fkey": ("session", "foreign key (user_id) references user_account (id)"),
    "mailed_link_digest_key": ("mailed_link", "unique (digest)"),
    "mailed_link_digest_check": ("mailed_link", "check (octet_length(digest) = 32)"),
    "mailed_link_kind_check": ("mailed_link", "check (kind in ('VERIFY_EMAIL', 'RESET_PASSWORD'))"),
    "mailed_link_expiry_check": ("mailed_link", "check (created_at < expires_at)"),
    "mailed_link_user_fkey": ("mailed_link", "foreign key (user_id) references user_account (id)"),
    "member_invitation_tenant_key": ("member_invitation", "unique (organization_id, id)"),
    "member_invitation_organization_fkey": (
        "member_invitation",
        "foreign key (organization_id) references organization (id)",
    ),
    "member_invitation_token_key": ("member_invitation", "unique (token_digest)"),
    "member_invitation_token_check": ("member_invitation", "check (octet_length(token_digest) = 32)"),
    "member_invitation_expiry_check": ("member_invitation", "check (created_at < expires_at)"),
    "member_invitation_role_check": ("member_invitation", f"check (role in ({ROLES}))"),
    "member_invitation_status_check": ("member_invitation", f"check (status in ({STATUSES}))"),
    "member_invitation_invited_as_check": ("member_invitation", f"check (invited_as in ({ACTING}))"),
    "member_invitation_invited_as_of_check": (
        "member_invitation",
        "check (invited_by_id is not null or invited_as is null)",
    ),
    "member_invitation_invited_by_fkey": (
        "member_invitation",
        "foreign key (invited_by_id) references user_account (id)",
    ),
    "member_invitation_accepted_by_fkey": (
        "member_invitation",
        "foreign key (accepted_by_id) references user_account (id)",
    ),
    "billing_invitation_accepted_by_fkey": (
        "billing_invitation",
        "foreign key (accepted_by_id) references user_account (id)",
    ),
    "stored_answer_key_key": ("stored_answer", "unique nulls not distinct (user_id, organization_id, key)"),
    "stored_answer_fingerprint_check": ("stored_answer", "check (octet_length(fingerprint) = 32)"),
    "stored_answer_end_check": ("stored_answer", "check (created_at < kept_until)"),
    "stored_answer_user_fkey": ("stored_answer", "foreign key (user_id) references user_account (id)"),
    "stored_answer_organization_fkey": (
        "stored_answer",
        "foreign key (organization_id) references organization (id)",
    ),
    "job_attempts_check": ("job", "check (attempts >= 0)"),
    "job_organization_fkey": ("job", "foreign key (organization_id) references organization (id)"),
}

INDEXES = {
    "session_user_order": "session (user_id, created_at, id)",
    "mailed_link_user": "mailed_link (user_id, kind)",
    "stored_answer_end": "stored_answer (kept_until)",
    "job_due": "job (run_at, id) where done_at is null and failed_at is null",
    "job_done": "job (done_at) where done_at is not null",
    "job_failed": "job (failed_at, id) where failed_at is not null",
    "member_invitation_order": "member_invitation (organization_id, created_at, id)",
    "member_invitation_status_order": "member_invitation (organization_id, status, created_at, id)",
}

PENDING = "member_invitation (organization_id, email_key) where status = 'PENDING'"

# Whoever takes somebody's role, key or session away: his open streams hear of it, and are looked at again.
NOTICE = """
create function rights_noticed() returns trigger language plpgsql as $$
begin
  perform pg_notify('purser_changes', json_build_object('user', old.user_id)::text);
  return null;
end
$$
"""
NOTICED = {
    "role_grant": "delete or update",
    "api_key": "delete or update of revoked_at, expires_at, permissions",
    "session": "delete or update of revoked_at",
}


def key() -> "fields.UUIDField[UUID]":
    """Ids come from the application, in the order of time."""
    return fields.UUIDField(primary_key=True, default=None)


def table(model: str, name: str, /, **columns: "fields.Field[Any]") -> ops.CreateModel:
    """A table of columns alone; what refuses wrong rows follows."""
    return ops.CreateModel(model, [("id", key()), *columns.items()], {"table": name, "app": "models", "pk_attr": "id"})


def pairs() -> Iterator[tuple[str, str]]:
    """What Tortoise has no words for, each with its way back."""
    for name, columns in BYTES.items():
        for column in columns:
            alter = f"alter table {name} alter column {column} type text"
            yield f'{alter} collate "C"', f'{alter} collate "default"'
    for constraint, (name, definition) in CONSTRAINTS.items():
        alter = f"alter table {name}"
        yield f"{alter} add constraint {constraint} {definition}", f"{alter} drop constraint {constraint}"
    kinds = (
        "alter table activity drop constraint activity_kind_check, add constraint activity_kind_check check (kind in"
    )
    yield f"{kinds} ({ACTIVITIES}, {FURTHER_ACTIVITIES}))", f"{kinds} ({ACTIVITIES}))"
    for index, definition in INDEXES.items():
        yield f"create index {index} on {definition}", f"drop index {index}"
    yield (
        f"create unique index member_invitation_pending_key on {PENDING}",
        "drop index member_invitation_pending_key",
    )
    yield NOTICE, "drop function rights_noticed()"
    for name, events in NOTICED.items():
        trigger = f"trigger {name}_noticed"
        yield (
            f"create {trigger} after {events} on {name} for each row execute function rights_noticed()",
            f"drop {trigger} on {name}",
        )


def run() -> ops.RunSQL:
    """All of them in one: Tortoise rebuilds its models for each operation."""
    forward, backward = zip(*pairs(), strict=True)
    return ops.RunSQL(forward, tuple(reversed(backward)))


class Migration(migrations.Migration):
    dependencies = [("models", "0004_views")]  # noqa: RUF012  # the base class says how
    operations = [  # noqa: RUF012  # as above
        ops.AddField("User", "password_digest", fields.TextField(null=True)),
        ops.AddField("BillingInvitation", "accepted_by_id", fields.UUIDField(null=True)),
        ops.AddField("BillingInvitation", "refused_attempts", fields.IntField(db_default=0)),
        table(
            "Session",
            "session",
            user_id=fields.UUIDField(),
            digest=fields.BinaryField(),
            client=fields.TextField(),
            created_at=fields.DatetimeField(),
            seen_at=fields.DatetimeField(),
            expires_at=fields.DatetimeField(),
            revoked_at=fields.DatetimeField(null=True),
        ),
        table(
            "MailedLink",
            "mailed_link",
            user_id=fields.UUIDField(),
            kind=fields.TextField(),
            digest=fields.BinaryField(),
            email_key=fields.TextField(),
            created_at=fields.DatetimeField(),
            expires_at=fields.DatetimeField(),
            used_at=fields.DatetimeField(null=True),
        ),
        table(
            "MemberInvitation",
            "member_invitation",
            organization_id=fields.UUIDField(),
            email=fields.TextField(),
            email_key=fields.TextField(),
            role=fields.TextField(),
            status=fields.TextField(),
            token_digest=fields.BinaryField(),
            created_at=fields.DatetimeField(),
            expires_at=fields.DatetimeField(),
            invited_by_id=fields.UUIDField(null=True),
            invited_as=fields.TextField(null=True),
            accepted_by_id=fields.UUIDField(null=True),
            refused_attempts=fields.IntField(db_default=0),
        ),
        table(
            "Job",
            "job",
            kind=fields.TextField(),
            organization_id=fields.UUIDField(null=True),
            payload=fields.JSONField(),
            run_at=fields.DatetimeField(),
            attempts=fields.IntField(),
            leased_until=fields.DatetimeField(null=True),
            created_at=fields.DatetimeField(),
            done_at=fields.DatetimeField(null=True),
            failed_at=fields.DatetimeField(null=True),
            last_error=fields.TextField(null=True),
        ),
        table(
            "StoredAnswer",
            "stored_answer",
            user_id=fields.UUIDField(),
            organization_id=fields.UUIDField(null=True),
            key=fields.TextField(),
            fingerprint=fields.BinaryField(),
            answer=fields.JSONField(),
            created_at=fields.DatetimeField(),
            kept_until=fields.DatetimeField(),
        ),
        run(),
    ]
