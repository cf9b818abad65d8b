"""What members say, and what follows from it: members, votes, the score, reviews, moderation."""

from reviews.models.member import Member
from reviews.models.moderation import ModerationAct
from reviews.models.review import Review
from reviews.models.score import AudienceScore
from reviews.models.vote import Vote

__all__ = ["AudienceScore", "Member", "ModerationAct", "Review", "Vote"]
