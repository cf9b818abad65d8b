"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from films.views.pages import page
from filmsite import health, search, sitemap, views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("films.urls")),
    path("", include("reviews.urls")),
    path("search/", search.search, name="search"),
    path("search/suggest/", search.suggest, name="suggest"),
    path("robots.txt", views.robots, name="robots"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap-lists.xml", sitemap.lists, name="sitemap_lists"),
    path("sitemap-<slug:section>-<int:number>.xml", sitemap.file, name="sitemap_file"),
    path(".well-known/change-password", views.change_password, name="change_password"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("account/", include("allauth.account.urls")),
    path("account/second-step/", include("allauth.mfa.urls")),
    path("admin/", admin.site.urls),
    path("<slug:slug>/", page, name="page"),
]

handler400 = "filmsite.errors.bad_request"
handler403 = "filmsite.errors.forbidden"
handler404 = "filmsite.errors.not_found"
handler429 = "reviews.limits.refuse"  # what django-allauth answers
handler500 = "filmsite.errors.server_error"
