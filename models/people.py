"""The customer, its people, and the keys they use."""

from datetime import datetime
from uuid import UUID

from models.roles import Role
from models.table import Column, Derived, Stored, Tenant


class User(Stored, source="user_account"):
    """Somebody with an account; what he may do where is said by his role grants."""

    name = Column[str]()
    email = Column[str]()
    email_key = Column[str]()
    email_verified_at = Column[datetime | None]()
    password_digest = Column[str | None]()
    created_at = Column[datetime]()


class Organization(Stored, tenant="id"):
    """The customer."""

    slug = Column[str]()
    name = Column[str]()
    created_at = Column[datetime]()


class Member(Tenant):
    """One of the people: who holds a role other than billing manager, and so takes a seat."""

    user_id = Column[UUID]()
    joined_at = Column[datetime]()


class RoleGrant(Tenant):
    """A role that a user holds. `member_id` is null for a billing manager's, and only for that."""

    user_id = Column[UUID]()
    role = Column[Role]()
    member_id = Column[UUID | None]()
    since = Column[datetime]()
    granted_by_id = Column[UUID | None]()
    granted_as = Column[Role | None]()


class BillingManager(Derived, source="billing_manager"):
    """A grant of the role BILLING_MANAGER with the name of who holds it."""

    id = Column[UUID]()
    organization_id = Column[UUID]()
    user_id = Column[UUID]()
    name = Column[str]()
    email = Column[str]()
    since = Column[datetime]()
    granted_by_id = Column[UUID | None]()
    granted_as = Column[Role | None]()


class ApiKey(Stored):
    """A key that acts for its maker: in one organization, or in all of his if `organization_id` is null.

    `permissions` null means all of its maker's. Only the SHA-256 of the key is kept.
    """

    user_id = Column[UUID]()
    organization_id = Column[UUID | None]()
    name = Column[str]()
    prefix = Column[str]()
    digest = Column[bytes]()
    permissions = Column[list[str] | None]()
    made_as = Column[Role | None]()
    created_at = Column[datetime]()
    expires_at = Column[datetime | None]()
    last_used_at = Column[datetime | None]()
    revoked_at = Column[datetime | None]()
