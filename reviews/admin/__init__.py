"""The moderators' desk: votes, reviews and the log; members for superusers alone."""

from reviews.admin.log import LogAdmin
from reviews.admin.members import MemberAdmin
from reviews.admin.reviews import ReviewAdmin
from reviews.admin.votes import VoteAdmin

__all__ = ["LogAdmin", "MemberAdmin", "ReviewAdmin", "VoteAdmin"]
