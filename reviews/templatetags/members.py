"""Members as pages show them."""

from django import template
from django.utils.safestring import SafeString

from reviews.drawn_avatar import draw
from reviews.models import Member

register = template.Library()


@register.simple_tag
def avatar(member: Member) -> SafeString:
    """`{% avatar member %}`: a small drawing that belongs to the member's username."""
    return draw(member.username)
