"""What the installation itself remembers; one row."""

from models.table import Column, Stored


class Installation(Stored):
    """`clock_ahead` is by how many microseconds the sandbox's clock was moved forward."""

    clock_ahead = Column[int]("bigint")
