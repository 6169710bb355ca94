"""The components of the team Acme."""

from acme_flyte.scored_service import ScoredService, ScoredServiceArgs

__all__ = ["ScoredService", "ScoredServiceArgs"]
