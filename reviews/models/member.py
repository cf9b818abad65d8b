"""The member: whoever has an account, editors and moderators included."""

from typing import Any, ClassVar, Self

from django.contrib.auth.models import AbstractUser, UserManager
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from films.slugs import address
from reviews.models.moderation import Moderated

username_validators = [
    RegexValidator(
        r"^[A-Za-z0-9_.-]{3,30}\Z",
        _("A username has 3 to 30 letters of a to z, digits, dots, hyphens and underscores."),
    )
]


class MemberQuerySet(Moderated["Member"]):
    """Members; their state is `active` or `suspended`."""

    OWNER, FILM = "pk", None
    STATE = Case(When(is_active=True, then=Value("active")), default=Value("suspended"))

    def put(self, after: str, reason: str) -> None:
        """Suspend these members with a reason, and end their sessions, or let them in again."""
        from reviews.sessions import end_sessions

        suspended = after == Member.SUSPENDED
        self.update(is_active=not suspended, suspended_because=reason if suspended else "")
        end_sessions(self.values("pk"))

    def visible_to(self, reader: Any) -> Self:
        """Members whose page this reader may see: one's own, those who are not suspended, and for
        moderators these too. Who was imported and never wrote anything here has none.
        """
        reviews: Any = self.model._meta.get_field("reviews").related_model
        wrote = Exists(reviews.objects.filter(author=OuterRef("pk")))
        members = self.filter(Q(imported_as="") | Q(pk=reader.pk) | wrote)
        if reader.is_staff and reader.has_perm("reviews.suspend_member"):
            return members
        return members.filter(is_active=True)

    def named(self, username: str) -> Self:
        """The one who has this username, whatever its case."""
        return self.alias(lower=Lower("username")).filter(lower=username.lower())


class MemberManager(UserManager["Member"]):
    def get_queryset(self) -> MemberQuerySet:
        return MemberQuerySet(self.model, using=self._db)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **fields: Any
    ) -> "Member":
        """A superuser whose e-mail address counts as verified, so that they can sign in at once."""
        from allauth.account.models import EmailAddress

        member = super().create_superuser(username, email, password, **fields)
        if email:
            EmailAddress.objects.create(user=member, email=email, verified=True, primary=True)
        return member

    def get_by_natural_key(self, username: str | None) -> "Member":
        return self.get(username__iexact=username)


class Member(AbstractUser):
    """Somebody with an account. Imported voters are members too, but cannot sign in.

    Who is suspended has `is_active` False and cannot sign in; their votes and reviews stay.
    """

    ACTIVE, SUSPENDED = "active", "suspended"

    username = models.CharField(
        _("username"),
        max_length=30,
        unique=True,
        validators=username_validators,
        error_messages={"unique": _("This username is taken.")},
    )
    display_name = models.CharField(
        _("display name"), max_length=60, blank=True, help_text=_("Empty: the username is shown.")
    )
    about = models.TextField(_("about"), max_length=2_000, blank=True)
    imported_as = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text=_("Source and number of a voter from another community: movielens-1."),
    )
    shows_votes = models.BooleanField(
        _("show my votes"), default=False, help_text=_("The list of them, on your page.")
    )
    shows_reviews = models.BooleanField(
        _("show my reviews"),
        default=True,
        help_text=_("The list of them, on your page. Under its film each review stays public."),
    )
    shows_watchlist = models.BooleanField(
        _("show my watchlist"), default=False, help_text=_("On your page.")
    )
    suspended_because = models.CharField(
        _("suspended because"),
        max_length=300,
        blank=True,
        db_default="",
        help_text=_("A moderator's reason; empty for who may sign in."),
    )
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]

    objects: ClassVar[MemberManager] = MemberManager()

    class Meta:
        ordering = ["username"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        permissions = [("suspend_member", "Can suspend members and let them in again")]
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="username_is_unique_in_any_case",
                violation_error_message=_("This username is taken."),
            ),
            models.UniqueConstraint(
                fields=["imported_as"],
                condition=~models.Q(imported_as=""),
                name="one_member_an_imported_voter",
            ),
            models.CheckConstraint(
                condition=models.Q(suspended_because="") | models.Q(is_active=False),
                name="suspended_member_is_not_active",
            ),
        ]
        indexes = [models.Index(fields=["date_joined"], name="member_joined")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("reviews:member", self.username)

    @property
    def has_page(self) -> bool:
        """Whether the name over a review may lead to its author's page."""
        return self.is_active

    @property
    def name(self) -> str:
        """What pages call this member: the display name, else the username."""
        return self.display_name or self.username

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name
