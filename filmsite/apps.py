"""The admin under its name in Filmsite: the desk of editors and moderators."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "filmsite.desk.Desk"
