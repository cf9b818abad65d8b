"""What members say, and what follows from it: members, votes, the score, reviews, moderation."""

from reviews.models.member import Member
from reviews.models.moderation import ModerationAct
from reviews.models.own_import import OwnImport, OwnImportEntry
from reviews.models.responses import Helpful, Report, WatchlistEntry
from reviews.models.review import Review, ReviewRevision, ReviewTally
from reviews.models.score import AudienceScore
from reviews.models.session import Session
from reviews.models.vote import Vote
from reviews.models.watch import Alert, NewcomerHold

__all__ = [
    "Alert",
    "AudienceScore",
    "Helpful",
    "Member",
    "ModerationAct",
    "NewcomerHold",
    "OwnImport",
    "OwnImportEntry",
    "Report",
    "Review",
    "ReviewRevision",
    "ReviewTally",
    "Session",
    "Vote",
    "WatchlistEntry",
]
