"""Charts: films in the orders that follow from their votes, of a genre or a decade where asked."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from films import structured
from films.filters import Narrowing, narrowing
from films.listing import BY_RANK, BY_SPREAD, BY_VOTES, Run, best
from films.models import FilmQuerySet
from films.views.browse import chosen_filters, list_address
from reviews.models.score import RANK_PERCENT, RANK_VOTES
from reviews.models.vote import SCORES

FIRST, ALL = 10, 100  # films of a chart among the others, and on a page of its own
FILTERS = ("genre", "decade")


@dataclass(frozen=True)
class Chart:
    """One order of the films that have an audience score: its address, its name, how it is made."""

    name: str
    title: Any
    explanation: Any
    run: Run

    @property
    def how(self) -> str:
        """How it is worked out, in a line."""
        return str(self.explanation) % {"votes": RANK_VOTES, "percent": RANK_PERCENT // 100}

    @property
    def is_by_spread(self) -> bool:
        return self.run is BY_SPREAD

    def get_absolute_url(self) -> str:
        return reverse("reviews:chart", args=[self.name])

    def films(self, choice: Narrowing, most: int) -> FilmQuerySet:
        """The first films, with what the chart shows of their scores; one query."""
        spread = ["points", *(f"n{score}" for score in SCORES)] if self.is_by_spread else []
        return best(choice, self.run, most).for_cards(*spread)


CHARTS = {
    chart.name: chart
    for chart in (
        Chart(
            "favourites",
            _("Audience favourites"),
            _(
                "By audience score, drawn towards %(percent)d%% by %(votes)d votes: a handful of"
                " votes does not make a favourite."
            ),
            BY_RANK,
        ),
        Chart("most-voted", _("Most voted"), _("By the number of votes."), BY_VOTES),
        Chart(
            "most-divisive",
            _("Most divisive"),
            _(
                "By how far the votes lie from their mean. The figure is their standard deviation"
                " in stars: 0 where all agree, 2.25 where half say ½ and half say 5. The order"
                " is that with %(votes)d more votes at the mean: a handful of votes does not lead."
            ),
            BY_SPREAD,
        ),
    )
}


@require_safe
def charts(request: HttpRequest) -> HttpResponse:
    """The beginning of each chart. `?genre=` and `?decade=` narrow them all."""
    context = _narrowed(request)
    tops = [(chart, list(chart.films(context["choice"], FIRST))) for chart in CHARTS.values()]
    context |= {"tops": [(chart, films) for chart, films in tops if films], "first": FIRST}
    return render(request, "reviews/charts.html", context)


@require_safe
def chart(request: HttpRequest, name: str) -> HttpResponse:
    """One chart, a hundred films long. 404 for a name that no chart has."""
    if name not in CHARTS:
        raise Http404
    shown = CHARTS[name]
    context = _narrowed(request)
    films = list(shown.films(context["choice"], ALL))
    address, title = context["canonical"], str(shown.title)
    context |= {
        "chart": shown,
        "films": films,
        "others": [other for other in CHARTS.values() if other is not shown],
        "json_ld": structured.film_list(title, address, films),
        "breadcrumbs": structured.breadcrumbs(
            (gettext("Charts"), reverse("reviews:charts")), (title, shown.get_absolute_url())
        ),
    }
    return render(request, "reviews/chart.html", context)


def _narrowed(request: HttpRequest) -> dict[str, Any]:
    """The filters, as both pages show them; what is not on offer is ignored. One query."""
    choice = narrowing({name: request.GET.get(name, "") for name in FILTERS})
    known = {each.name: each.chosen for each in choice.chosen}
    query = list_address("", known)
    return {
        "choice": choice,
        "filters": [each for each in choice.filters if each.name in FILTERS],
        "chosen": chosen_filters(request.path, choice, known, {}),
        "words": ", ".join(each.choices[each.chosen] for each in choice.chosen),
        "query": query,
        "all": request.path,
        "canonical": f"{request.path}{query}",
        "minimum": settings.AUDIENCE_SCORE_MIN_VOTES,
    }
