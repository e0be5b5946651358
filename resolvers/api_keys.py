"""What an API key's fields stand for."""

from dataclasses import replace

import models
from resolvers import actors
from resolvers.relations import one

organization = one(models.ApiKey.organization_id, models.Organization)
_maker = actors.of(models.ApiKey.user_id, models.ApiKey.made_as)
maker = replace(_maker, present=models.ApiKey.organization_id, absent=None)
