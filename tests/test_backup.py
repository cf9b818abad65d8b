"""`backup` and `restore`: a copy made while votes come in is whole, and comes back as it was."""

import io
import json
import os
import subprocess
import sys
import tarfile
from itertools import islice

import pytest
from django.core import serializers
from django.core.management import call_command
from django.db import connection

from reviews.models import AudienceScore, Vote
from tests.site import ROOT, Site, scratch_site

FILL = """
from films.models import Film
from reviews.models import Member, Vote
film = Film.objects.create(title="Never Let Me Go", release_year=2010)
Member.objects.bulk_create([Member(username=f"voter{n}") for n in range(4000)])
for score, member in zip([10, 9, 1], Member.objects.order_by("pk")[:3]):
    Vote.objects.cast(film, member, score)
"""
VOTE = """
from films.models import Film
from reviews.models import Member, Vote
film = Film.objects.get()
for member in Member.objects.order_by("pk")[3:]:
    Vote.objects.cast(film, member, member.pk % 10 + 1)
    print(member.pk, flush=True)
"""
COUNTS = (
    "from reviews.models import *; print(Vote.objects.count(), AudienceScore.objects.get().points)"
)
VOTERS = "from reviews.models import *; print(*Vote.objects.values_list('member_id', flat=True))"


def picture_of(site: Site):
    return site.folder / "media" / "posters" / "1-0123456789abcdef-600.webp"


def fill(site: Site) -> Site:
    site.shell(FILL)
    picture_of(site).parent.mkdir(parents=True)
    picture_of(site).write_bytes(b"a picture" * 1000)
    return site


@pytest.fixture(scope="module")
def filled():
    with scratch_site() as site:
        yield fill(site)


@pytest.fixture(scope="module")
def copy(filled):
    path = filled.folder / "copy.tar"
    filled.manage("backup", str(path))
    return path


@pytest.fixture
def empty(tmp_path):
    return Site(tmp_path)


def refused(site: Site, *arguments: str) -> str:
    """The sentence with which a command fails."""
    with pytest.raises(SystemExit) as stopped:
        site.manage(*arguments)
    assert "CommandError" in str(stopped.value)
    return str(stopped.value)


def changed(copy, path, change):
    """The copy with its entries put through `change`: name and content, or None to leave out."""
    with tarfile.open(copy) as old, tarfile.open(path, "w") as new:
        for entry in old:
            file = old.extractfile(entry)
            assert file
            for name, content in change(entry.name, file.read()) or ():
                entry.name, entry.size = name, len(content)
                new.addfile(entry, io.BytesIO(content))
    return path


def test_copy_comes_back_in_an_empty_folder(copy, filled, empty):
    assert "1 films, 3 votes, 4000 members and 1 uploaded files" in empty.manage(
        "restore", str(copy)
    )
    assert empty.shell(COUNTS) == "3 20\n"
    assert picture_of(empty).read_bytes() == picture_of(filled).read_bytes()
    assert "0 differences" in empty.manage("recount_scores", "--check")
    assert [path.name for path in (empty.folder / "media").iterdir()] == ["posters"]


def test_copy_is_one_file_for_its_owner_alone(copy):
    assert copy.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in copy.parent.glob("*copy*")] == ["copy.tar"]
    with tarfile.open(copy) as tar:
        assert tar.getnames()[-1] == "manifest.json"
        assert len(tar.getnames()) == 3


def test_nothing_acknowledged_before_the_backup_is_missing(tmp_path):
    with scratch_site() as site:
        site.shell(FILL)
        voter = subprocess.Popen(
            [sys.executable, "manage.py", "shell", "--no-imports", "-c", VOTE],
            cwd=ROOT,
            env=site.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        with voter:
            assert voter.stdout
            acknowledged = {line.strip() for line in islice(voter.stdout, 100)}
            site.manage("backup", str(tmp_path / "copy.tar"))
            assert voter.poll() is None
            voter.kill()
        restored = Site(tmp_path / "restored")
        restored.folder.mkdir()
        restored.manage("restore", str(tmp_path / "copy.tar"))
        kept = set(restored.shell(VOTERS).split())
        assert acknowledged <= kept
        assert len(kept) >= 103
        assert "0 differences" in restored.manage("recount_scores", "--check")


def test_restore_leaves_a_site_that_holds_something(copy, tmp_path):
    with scratch_site() as site:
        site.shell("from reviews.models import *; Member.objects.create(username='someone')")
        assert "not empty" in refused(site, "restore", str(copy))
        other = site.folder / "media" / "posters" / "other.webp"
        other.parent.mkdir(parents=True)
        other.write_bytes(b"other")
        names = (
            "from reviews.models import *; print(Member.objects.filter(username='someone').count())"
        )
        assert site.shell(names) == "1\n"
        assert "1 other files removed" in site.manage("restore", str(copy), "--replace")
        assert site.shell(names) == "0\n"
        assert site.shell(COUNTS) == "3 20\n"
        assert not other.exists()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda name, content: None if name == "manifest.json" else [(name, content)], "its end"),
        (lambda name, content: [(name, content)] if name == "manifest.json" else None, "its files"),
        (
            lambda name, content: [(name, content[:-1] + b"?" if "posters" in name else content)],
            "its files",
        ),
        (lambda name, content: [(name.replace("media/posters", "media/../.."), content)], "holds"),
        (lambda name, content: [(name.replace("media/", "/media/"), content)], "holds"),
        (
            lambda name, content: [(name, content.replace(b'"format": 1', b'"format": 2'))],
            "its format",
        ),
    ],
    ids=["cut", "emptied", "changed", "climbing", "absolute", "newer format"],
)
def test_file_that_is_no_whole_copy_is_refused(copy, empty, change, why):
    bad = changed(copy, empty.folder / "bad.tar", change)
    message = refused(empty, "restore", str(bad))
    assert "not a whole copy" in message
    assert why in message
    assert not list((empty.folder / "media").iterdir())


@pytest.mark.parametrize("content", [b"", b"nonsense" * 1000])
def test_file_that_is_no_tar_is_refused(empty, content):
    (empty.folder / "bad.tar").write_bytes(content)
    assert "not a whole copy" in refused(empty, "restore", str(empty.folder / "bad.tar"))


def test_copy_of_a_newer_site_is_refused(copy, empty):
    def newer(name, content):
        if name == "manifest.json":
            manifest = json.loads(content)
            manifest["migrations"].append("reviews.9999_later")
            content = json.dumps(manifest).encode()
        return [(name, content)]

    bad = changed(copy, empty.folder / "newer.tar", newer)
    assert "newer Filmsite (it has reviews.9999_later)" in refused(empty, "restore", str(bad))


def test_backup_of_wrong_scores_is_refused_and_the_old_copy_stays(tmp_path):
    with scratch_site() as site:
        fill(site)
        target = tmp_path / "copy.tar"
        target.write_bytes(b"the old copy")
        site.shell(
            "from django.db import connection\n"
            "connection.cursor().execute('UPDATE reviews_audiencescore SET n7 = 7')"
        )
        assert "1 audience scores differ" in refused(site, "backup", str(target))
        assert target.read_bytes() == b"the old copy"
        assert [path.name for path in tmp_path.iterdir()] == ["copy.tar"]


def test_backup_into_a_folder_that_is_not_there_says_so(filled, tmp_path):
    message = refused(filled, "backup", str(tmp_path / "nowhere" / "copy.tar"))
    assert "There is no folder" in message


@pytest.mark.postgresql
def test_postgresql_comes_back_in_an_empty_database(tmp_path):
    import psycopg

    database = connection.settings_dict
    where = {"host": database["HOST"], "port": database["PORT"] or 5432, "user": database["USER"]}
    names = [f"filmsite_copy_{os.getpid()}_{which}" for which in ("from", "to")]
    sites = []
    with psycopg.connect(
        **where, password=database["PASSWORD"], dbname="postgres", autocommit=True
    ) as server:
        try:
            for name in names:
                server.execute(f"CREATE DATABASE {name}")
                (tmp_path / name).mkdir()
                address = "postgres://{user}:{}@{host}:{port}/{}".format(
                    database["PASSWORD"], name, **where
                )
                sites.append(Site(tmp_path / name, DATABASE_URL=address))
            sites[0].manage("migrate", "--verbosity=0")
            fill(sites[0]).manage("backup", str(tmp_path / "copy.tar"))
            sites[1].manage("restore", str(tmp_path / "copy.tar"))
            assert sites[1].shell(COUNTS) == "3 20\n"
            assert "0 differences" in sites[1].manage("recount_scores", "--check")
            assert "not empty" in refused(sites[1], "restore", str(tmp_path / "copy.tar"))
            sites[1].manage("restore", "--replace", str(tmp_path / "copy.tar"))
            assert sites[1].shell(COUNTS) == "3 20\n"
        finally:
            for name in names:
                server.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def test_fixtures_leave_the_tally_out_and_loading_votes_makes_it_anew(film, member, tmp_path):
    Vote.objects.cast(film, member, 8)
    path = tmp_path / "site.json"
    call_command("dumpdata", "films", "reviews", output=str(path), verbosity=0)
    kinds = {row["model"] for row in json.loads(path.read_text())}
    assert "reviews.vote" in kinds
    assert "reviews.audiencescore" not in kinds
    Vote.objects.all().delete()
    for row in serializers.deserialize("json", path.read_text()):
        if isinstance(row.object, Vote):
            row.save()
    assert AudienceScore.objects.get().histogram == [0, 0, 0, 0, 0, 0, 0, 1, 0, 0]
