"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from films.views.pages import page
from filmsite import health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("films.urls")),
    path("", include("reviews.urls")),
    path("robots.txt", views.robots, name="robots"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("<slug:slug>/", page, name="page"),
]

handler400 = "filmsite.errors.bad_request"
handler403 = "filmsite.errors.forbidden"
handler404 = "filmsite.errors.not_found"
handler429 = "reviews.limits.refuse"  # what django-allauth answers
handler500 = "filmsite.errors.server_error"
