"""The moderators' desk: alerts, votes, reviews, reports, members, holds, and the log of acts."""

from reviews.admin.alerts import AlertAdmin
from reviews.admin.holds import HoldAdmin
from reviews.admin.log import LogAdmin
from reviews.admin.members import MemberAdmin
from reviews.admin.reports import ReportAdmin
from reviews.admin.reviews import ReviewAdmin
from reviews.admin.second_steps import SecondStepAdmin
from reviews.admin.votes import VoteAdmin

__all__ = [
    "AlertAdmin",
    "HoldAdmin",
    "LogAdmin",
    "MemberAdmin",
    "ReportAdmin",
    "ReviewAdmin",
    "SecondStepAdmin",
    "VoteAdmin",
]
