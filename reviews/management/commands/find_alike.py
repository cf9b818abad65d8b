"""find_alike: work out which films are alike, and why, for the film pages."""

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from films.models import Film
from reviews.alike import store_all


class Command(BaseCommand):
    help = "Works out which films are alike by people, genres and voters. To be run once a night."

    def handle(self, *args: Any, **options: Any) -> None:
        films = pairs = 0
        with tqdm(total=Film.objects.published().count(), unit="film", disable=None) as bar:
            for done in store_all():
                films, pairs = done
                bar.update(films - bar.n)
        self.stdout.write(f"{films} films, {pairs} likenesses stored.")
