"""The site's addresses."""

from django.contrib import admin
from django.urls import include, path

from films.views.pages import page
from filmsite import views

urlpatterns = [
    path("", views.home, name="home"),
    path("", include("films.urls")),
    path("", include("reviews.urls")),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("<slug:slug>/", page, name="page"),
]
