"""import_films: what each format gives, what becomes of each row; bad rows stop nothing."""

import csv
import io
import json
import zipfile
from datetime import date

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from films.importing.cleaning import as_markdown, one_line
from films.importing.credits import People, add_credits, parse_credit_lines
from films.importing.report import safe_cell
from films.models import (
    Certificate,
    Collection,
    Credit,
    Film,
    FilmCertificate,
    FilmSlug,
    Genre,
    Person,
)

pytestmark = pytest.mark.django_db

FULL = {
    "title": "The Salt Path Home",
    "original_title": "Der Salzweg",
    "release_date": "1998-11-05",
    "certificate": "PG-13|BBFC:15",
    "runtime": "104",
    "genres": "Drama|Romance",
    "taglines": "Some roads remember.|Walk on.",
    "synopsis": "First.\n\nSecond, *with care*.",
    "essay": "Long.",
    "essay_headline": "On salt",
    "essay_byline": "Ada Reiss",
    "directors": "Ines Kolb",
    "writers": "Ines Kolb|Per Holm",
    "cast": "Ola Brandt as Mira|Robert Vale, Jr. as The Ferryman|Jun Seto",
    "countries": "DE|United Kingdom",
    "original_language": "de",
    "website": "https://salt.example/",
    "trailer_url": "https://video.example/1",
    "poster_alt": "A white road",
    "imdb_id": "tt7654321",
    "tmdb_id": "987654",
}


def table(path, *rows, delimiter=",", encoding="utf-8"):
    """A Filmsite CSV of these rows; its columns are those of all rows together."""
    columns = list(dict.fromkeys(column for row in rows for column in row))
    stream = io.StringIO()
    writer = csv.DictWriter(stream, columns, delimiter=delimiter, restval="")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(stream.getvalue().encode(encoding))
    return path


def run(capsys, path, *options):
    """The closing line and what was said of refused rows."""
    capsys.readouterr()
    try:
        call_command("import_films", str(path), *options)
    except CommandError as error:
        if "rows were refused" not in str(error):
            raise
    said = capsys.readouterr()
    return said.out.strip(), said.err.strip()


def figures(closing):
    """The outcomes that are not 0, by name."""
    counts = dict(part.split()[::-1] for part in closing.split(": ")[1].split(".")[0].split(", "))
    return {name: int(n) for name, n in counts.items() if n.isdigit() and n != "0"}


def test_a_full_row_becomes_a_film_with_all_its_parts(tmp_path, capsys):
    out, err = run(capsys, table(tmp_path / "films.csv", FULL))
    assert figures(out) == {"created": 1}
    assert err == ""
    film = Film.objects.get()
    assert (film.title, film.slug, film.year) == (
        "The Salt Path Home",
        "the-salt-path-home-1998",
        1998,
    )
    assert film.published_at is None
    assert film.synopsis == "First.\n\nSecond, *with care*."
    assert sorted(film.genres.values_list("name", flat=True)) == ["Drama", "Romance"]
    assert sorted(film.countries.values_list("pk", flat=True)) == ["DE", "GB"]
    assert [tagline.text for tagline in film.taglines.all()] == ["Some roads remember.", "Walk on."]
    assert {str(given) for given in film.certificates.all()} == {"MPA PG-13", "BBFC 15"}
    assert [
        (credit.department, credit.person.name, credit.job, credit.character)
        for credit in film.credits.order_by("department", "position")
    ] == [
        ("cast", "Ola Brandt", "", "Mira"),
        ("cast", "Robert Vale, Jr.", "", "The Ferryman"),
        ("cast", "Jun Seto", "", ""),
        ("directing", "Ines Kolb", "Director", ""),
        ("writing", "Ines Kolb", "Writer", ""),
        ("writing", "Per Holm", "Writer", ""),
    ]
    assert Person.objects.filter(name="Ines Kolb").count() == 1


def test_importing_twice_changes_nothing(tmp_path, capsys):
    path = table(tmp_path / "films.csv", FULL, {"title": "Other", "release_year": "1927"})
    run(capsys, path)
    before = list(Film.objects.values())
    out, _err = run(capsys, path)
    assert figures(out) == {"same": 2}
    assert list(Film.objects.values()) == before


def test_dry_run_writes_nothing_and_tells_the_same(tmp_path, capsys):
    path = table(tmp_path / "films.csv", FULL, {"title": "", "runtime": "5"})
    out, err = run(capsys, path, "--dry-run")
    assert figures(out) == {"created": 1, "refused": 1}
    assert "line" in err
    assert not Film.objects.exists()
    assert not Person.objects.exists()
    assert not Genre.objects.exists()


def test_publish_makes_new_films_live_and_leaves_drafts_that_were_there(tmp_path, capsys, draft):
    path = table(tmp_path / "f.csv", {"title": "Not Yet", "release_year": "2027"}, {"title": "New"})
    run(capsys, path, "--publish")
    assert Film.objects.get(title="New").is_published
    assert Film.objects.get(pk=draft.pk).published_at is None


def test_empty_fields_are_filled_and_the_others_kept(tmp_path, capsys):
    Film.objects.create(title="The Salt Path Home", release_year=1998, runtime=99, tmdb_id=987654)
    report = tmp_path / "report.csv"
    out, _err = run(capsys, table(tmp_path / "f.csv", FULL), "--report", str(report))
    assert figures(out) == {"differs": 1}
    film = Film.objects.get()
    assert (film.runtime, film.essay_headline) == (99, "On salt")
    assert (film.release_date, film.release_year) == (date(1998, 11, 5), None)
    assert film.credits.count() == 6
    rows = list(csv.DictReader(report.read_text().splitlines()))
    assert [(row["field"], row["site"], row["file"]) for row in rows[1:]] == [
        ("runtime", "99", "104")
    ]


def test_overwrite_replaces_what_differs(tmp_path, capsys):
    run(capsys, table(tmp_path / "f.csv", FULL))
    film = Film.objects.get()
    advice = FilmCertificate.objects.filter(film=film, board="MPA")
    advice.update(advice="some salt", certificate=Certificate.objects.get(label="NC-17"))
    changed = FULL | {"runtime": "120", "genres": "Comedy", "taglines": "New.", "cast": "Jun Seto"}
    path = table(tmp_path / "f.csv", changed)
    assert figures(run(capsys, path)[0]) == {"differs": 1}
    assert Film.objects.get().runtime == 104
    assert figures(run(capsys, path, "--overwrite")[0]) == {"replaced": 1}
    film = Film.objects.get()
    assert film.runtime == 120
    assert film.slug == "the-salt-path-home-1998"
    assert [str(genre) for genre in film.genres.all()] == ["Comedy"]
    assert [str(tagline) for tagline in film.taglines.all()] == ["New."]
    assert [credit.person.name for credit in film.credits.cast()] == ["Jun Seto"]
    assert (str(advice.get()), advice.get().advice) == ("MPA PG-13", "some salt")
    assert figures(run(capsys, path, "--overwrite")[0]) == {"same": 1}


def test_films_are_matched_by_number_before_title(tmp_path, capsys):
    by_tmdb = Film.objects.create(title="One", tmdb_id=5)
    by_imdb = Film.objects.create(title="Two", imdb_id="tt0000002")
    namesake = Film.objects.create(title="Batwoman", release_year=1966, tmdb_id=7)
    out, _err = run(
        capsys,
        table(
            tmp_path / "f.csv",
            {"title": "Uno", "tmdb_id": "5", "runtime": "90"},
            {"title": "Dos", "imdb_id": "tt0000002", "runtime": "91"},
            {"title": "Batwoman", "release_year": "1966", "tmdb_id": "8", "runtime": "92"},
            {"title": "BATWOMAN!", "release_year": "1966", "runtime": "93"},
        ),
    )
    assert figures(out) == {"differs": 2, "created": 1, "refused": 1}
    assert Film.objects.get(pk=by_tmdb.pk).runtime == 90
    assert Film.objects.get(pk=by_imdb.pk).runtime == 91
    assert Film.objects.get(pk=namesake.pk).runtime is None
    assert Film.objects.get(tmdb_id=8).slug == "batwoman-1966-2"


def test_same_film_twice_in_a_file_is_refused_the_second_time(tmp_path, capsys):
    path = table(tmp_path / "f.csv", FULL, FULL | {"title": "Again"}, {"title": "Alone"})
    out, err = run(capsys, path, "--dry-run")
    assert figures(out) == {"created": 2, "refused": 1}
    assert "film of line 2 again" in err


def test_slugs_avoid_those_of_films_and_their_past(tmp_path, capsys):
    film = Film.objects.create(title="Nine", slug="nine-2009-x")
    FilmSlug.objects.create(film=film, slug="9-2009")
    Film.objects.create(title="Else", slug="9-2009-2")
    rows = [{"title": "9", "release_year": "2009", "tmdb_id": str(n)} for n in (1, 2)]
    run(capsys, table(tmp_path / "f.csv", *rows, {"title": "???"}))
    assert [Film.objects.get(tmdb_id=n).slug for n in (1, 2)] == ["9-2009-3", "9-2009-4"]
    assert Film.objects.get(title="???").slug == "film"


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"title": " \u200b "}, "title is empty"),
        ({"title": "x" * 201}, "title has 201 characters"),
        ({"release_date": "05.11.1998"}, "not a date"),
        ({"release_date": "1998-02-30"}, "not a date"),
        ({"release_date": "1066-10-14"}, "does not lie between"),
        ({"release_year": "98"}, "does not lie between"),
        ({"release_date": "1998-11-05", "release_year": "1999"}, "is not the year of"),
        ({"runtime": "1h44"}, "not a whole number"),
        ({"runtime": "-5"}, "not a whole number"),
        ({"runtime": "٩٠"}, "not a whole number"),
        ({"certificate": "PG-14"}, "MPA has: G, PG, PG-13"),
        ({"certificate": "BBFC:PG-13"}, "BBFC has: U, PG"),
        ({"countries": "Ruritania"}, "country “Ruritania”"),
        ({"original_language": "Klingon"}, "not a language's code"),
        ({"website": "javascript:alert(1)"}, "not an address"),
        ({"imdb_id": "1334260"}, "not a number such as tt1334260"),
        ({"tmdb_id": "99999999999"}, "not a whole number"),
        ({"poster": "https://pictures.example/a.jpg"}, "not the name of a file beside"),
        ({"poster": "../secret.jpg"}, "not the name of a file beside"),
        ({"poster": "missing.jpg"}, "is not beside the table"),
        ({"synopsis": "x" * 50_001}, "synopsis has 50001 characters"),
        ({"taglines": "x" * 501}, "tagline has 501 characters"),
        ({"cast": "Ola Brandt as " + "x" * 501}, "character"),
        ({"cast": "Ola Brandt as"}, "stands before a character"),
        ({"directors": "Nobody [no-such-person]"}, "Nobody has the address"),
    ],
)
def test_bad_value_is_refused_with_its_line_and_stops_nothing(tmp_path, capsys, cells, reason):
    path = table(tmp_path / "f.csv", {"title": "Bad"} | cells, {"title": "Good"})
    out, err = run(capsys, path)
    assert figures(out) == {"created": 1, "refused": 1}
    assert err.startswith("line 2")
    assert reason in err
    assert list(Film.objects.values_list("title", flat=True)) == ["Good"]


def test_command_fails_after_a_refused_row(tmp_path):
    with pytest.raises(CommandError, match="1 rows were refused"):
        call_command("import_films", str(table(tmp_path / "f.csv", {"title": "A", "runtime": "x"})))


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_any_delimiter_and_byte_order_mark_are_read(tmp_path, capsys, delimiter, encoding):
    row = {"title": 'Quoted; "odd", title', "synopsis": "a\r\n\r\nb;c,d", "runtime": "90"}
    path = table(tmp_path / "f.csv", row, delimiter=delimiter, encoding=encoding)
    run(capsys, path)
    film = Film.objects.get()
    assert (film.title, film.synopsis) == ('Quoted; "odd", title', "a\n\nb;c,d")


def test_lines_of_the_file_are_named_and_a_broken_one_costs_only_itself(tmp_path, capsys):
    path = tmp_path / "f.csv"
    path.write_bytes(
        b'title,synopsis\r\nA,"two\r\nlines"\r\nB,"never closed\r\nC,fine\r\nD\r\n'
        b"E,caf\xe9\r\n\r\n,,,\r\nF,good\r\n"
    )
    out, err = run(capsys, path)
    assert figures(out) == {"created": 3, "refused": 3}
    assert [line.split(":")[0] for line in err.splitlines()] == ["line 4", "line 6", "line 7"]
    assert sorted(Film.objects.values_list("title", flat=True)) == ["A", "C", "F"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"title,titel\nA,B\n", "unknown columns: titel"),
        (b"title,title\nA,B\n", "twice"),
        (b"name,year\nA,1999\n", "none that can be read"),
        ("title\nÄ\n".encode("utf-16"), "UTF-16"),
        (b"movie_id,title,cast,crew\n", "These are TMDB's credits"),
        (b"PK\x03\x04nonsense", "zip cannot be read"),
        (b"\x1f\x8b\x08", "gunzip"),
    ],
)
def test_a_file_that_is_none_of_ours_is_refused_as_a_whole(tmp_path, content, reason):
    path = tmp_path / "f.csv"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_films", str(path))
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_films", str(tmp_path / "nowhere.csv"))


def test_name_of_several_people_is_refused_until_it_says_which(tmp_path, capsys):
    first, second = (Person.objects.create(name="Chris Bell") for _ in range(2))
    path = tmp_path / "f.csv"
    out, err = run(capsys, table(path, {"title": "A", "cast": "Chris Bell as X"}))
    assert figures(out) == {"refused": 1}
    assert "Chris Bell [chris-bell], Chris Bell [chris-bell-2]" in err
    cast = "Chris Bell [chris-bell-2] as X|Chris Bell [new] as Y"
    assert figures(run(capsys, table(path, {"title": "A", "cast": cast}))[0]) == {"created": 1}
    people = [credit.person for credit in Credit.objects.order_by("position")]
    assert people[0] == second
    assert people[1] not in (first, second)
    assert people[1].name == "Chris Bell"


# --- Pictures -----------------------------------------------------------------------------------


def picture(colour):
    stream = io.BytesIO()
    Image.new("RGB", (400, 600), colour).save(stream, "PNG")
    return stream.getvalue()


def test_posters_come_from_the_zip_or_from_beside_the_table(tmp_path, capsys, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    rows = [{"title": "Red", "poster": "red.png"}, {"title": "Bad", "poster": "bad.png"}]
    path = tmp_path / "films.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(table(tmp_path / "films.csv", *rows), "set/films.csv")
        packed.writestr("set/red.png", picture("red"))
        packed.writestr("set/bad.png", picture("red")[:300])
    out, err = run(capsys, path)
    assert figures(out) == {"created": 1, "refused": 1}
    assert "bad.png" in err
    red = Film.objects.get(title="Red")
    assert red.poster_width == 400
    assert red.poster.storage.exists(str(red.poster.name))
    assert figures(run(capsys, path)[0]) == {"same": 1, "refused": 1}

    (tmp_path / "red.png").write_bytes(picture("blue"))
    beside = table(tmp_path / "films.csv", rows[0])
    assert figures(run(capsys, beside)[0]) == {"differs": 1}
    assert figures(run(capsys, beside, "--overwrite")[0]) == {"replaced": 1}
    assert Film.objects.get(title="Red").poster.name != red.poster.name


# --- TMDB ---------------------------------------------------------------------------------------

MOVIE = {
    "id": 11,
    "title": "Salt &amp; Sea",
    "original_title": "Salz",
    "overview": "Mum &amp;amp; dad.\rThey *sail*.",
    "release_date": "1999-05-06",
    "runtime": 0,
    "tagline": "Go\u200b  on.",
    "status": "Released",
    "original_language": "de",
    "homepage": "http://a.example http://b.example",
    "genres": [{"id": 1, "name": "Drama"}],
    "production_countries": [{"iso_3166_1": "DE", "name": "Germany"}],
    "vote_average": 9.9,
    "vote_count": 1000,
}
CREDITS = {
    "cast": [
        {"id": 2, "name": "Two", "character": "B", "order": 1},
        {"id": 1, "name": "Same Name", "character": "A", "order": 0},
        {"id": 1, "name": "Same Name", "character": "A", "order": 2},
    ],
    "crew": [
        {"id": 3, "name": "Same Name", "department": "Directing", "job": "Director"},
        {"id": 3, "name": "Same Name", "department": "Lighting", "job": "Gaffer"},
    ],
}


def tmdb_tables(tmp_path, *movies, credits_of=CREDITS):
    movies_path, credits_path = tmp_path / "movies.csv", tmp_path / "credits.csv"
    with movies_path.open("w", newline="") as stream:
        writer = csv.DictWriter(stream, MOVIE)
        writer.writeheader()
        for movie in movies:
            packed = {k: json.dumps(v) if isinstance(v, list) else v for k, v in movie.items()}
            writer.writerow(packed)
    with credits_path.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["movie_id", "title", "cast", "crew"])
        for movie in reversed(movies):
            rows.writerow(
                [movie["id"], "", json.dumps(credits_of["cast"]), json.dumps(credits_of["crew"])]
            )
    return movies_path, "--credits", str(credits_path)


def test_tmdb_tables_become_films_without_their_dirt(tmp_path, capsys):
    other = MOVIE | {"id": 12, "title": "Two", "release_date": "", "runtime": "90.0"}
    out, err = run(capsys, *tmdb_tables(tmp_path, MOVIE, other))
    assert (figures(out), err) == ({"created": 2}, "")
    film = Film.objects.get(tmdb_id=11)
    assert (film.title, film.original_title, film.runtime) == ("Salt & Sea", "Salz", None)
    assert film.synopsis == "Mum & dad.\n\nThey \\*sail\\*."
    assert (film.website, film.taglines.get().text) == ("", "Go on.")
    assert [(c.person.name, c.character) for c in film.credits.cast()] == [
        ("Same Name", "A"),
        ("Two", "B"),
    ]
    assert Person.objects.filter(name="Same Name").count() == 2
    assert Film.objects.get(tmdb_id=12).runtime == 90
    assert figures(run(capsys, *tmdb_tables(tmp_path, MOVIE, other))[0]) == {"same": 2}


def test_tmdb_votes_are_never_mixed_into_the_score(tmp_path, capsys):
    run(capsys, *tmdb_tables(tmp_path, MOVIE))
    film = Film.objects.get()
    assert not film.votes.exists()
    assert not hasattr(film, "audience_score")


def test_unreleased_films_stay_drafts(tmp_path, capsys):
    rumoured = MOVIE | {"id": 12, "status": "Rumored"}
    out, _err = run(capsys, *tmdb_tables(tmp_path, MOVIE, rumoured), "--publish")
    assert "1 unreleased left as drafts" in out
    assert Film.objects.published().get().tmdb_id == 11


def test_broken_json_in_a_table_is_refused_with_its_line(tmp_path, capsys):
    broken = MOVIE | {"id": 12, "genres": '[{"name": '}
    out, err = run(capsys, *tmdb_tables(tmp_path, broken, MOVIE))
    assert figures(out) == {"created": 1, "refused": 1}
    assert err.startswith("line 2")
    assert "genres is not a list in JSON" in err


def test_tmdb_json_gives_imdb_number_credits_and_certificates(tmp_path, capsys):
    releases = [
        {"iso_3166_1": "US", "release_dates": [
            {"certification": "", "type": 1},
            {"certification": "NC-17", "type": 4},
            {"certification": "R", "type": 3},
        ]},
        {"iso_3166_1": "DE", "release_dates": [{"certification": "16", "type": 3}]},
        {"iso_3166_1": "GB", "release_dates": [{"certification": "unheard of", "type": 3}]},
        {"iso_3166_1": "XX", "release_dates": [{"certification": "Z", "type": 3}]},
    ]  # fmt: skip
    given = MOVIE | {"credits": CREDITS, "release_dates": {"results": releases}}
    given |= {"external_ids": {"imdb_id": "tt0000011"}, "runtime": None}
    for content in (json.dumps(given, indent=1), json.dumps([given]), f"{json.dumps(given)}\n"):
        path = tmp_path / "film.json"
        path.write_text(content)
        run(capsys, path)
    film = Film.objects.get()
    assert film.imdb_id == "tt0000011"
    assert {str(one) for one in film.certificates.all()} == {"MPA R", "FSK 16"}
    assert film.credits.count() == 4


@pytest.mark.parametrize(
    "content", ['{"success": false}', "{", "[1, 2]", '{"id": 1}', '{"title": 5}']
)
def test_json_that_is_no_film_is_refused(tmp_path, capsys, content):
    path = tmp_path / "film.json"
    path.write_text(content)
    out, _err = run(capsys, path)
    assert set(figures(out)) == {"refused"}
    assert not Film.objects.exists()


# --- Texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\u200b  b\u00a0c\td", "a b c d"),
        ("Tom &amp;amp; Jerry &#39;n&#x27; &lt;i&gt;", "Tom & Jerry 'n' <i>"),
        ("R&notit AT&T", "R&notit AT&T"),
        ("a\rb\x00c", "a bc"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301", "é"),
    ],
)
def test_names_lose_what_nobody_sees(text, clean):
    assert one_line(text) == clean


def test_plain_text_shows_as_it_is_in_markdown():
    from films.text import render_markdown

    for text in ("M*A*S*H and _this_", "# 1", "1. one", "> x", "<b>&amp;lt;", "[a](b)", ">!no!<"):
        html = render_markdown(as_markdown(text))
        assert html.startswith("<p>")
        assert not any(tag in html for tag in ("<em", "<h", "<ol", "<a ", "<b>", "<input", "<det"))


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1"])
def test_report_holds_no_formula(cell):
    assert safe_cell(cell).startswith("'")
    assert safe_cell("Plain - text") == "Plain - text"


def test_who_only_helped_the_director_or_writer_is_crew(tmp_path, capsys):
    jobs = [
        ("Directing", "Director", "directing"),
        ("Directing", "Script Supervisor", "crew"),
        ("Directing", "Layout", "crew"),
        ("Writing", "Screenplay", "writing"),
        ("Writing", "Storyboard", "crew"),
    ]
    crew = [
        {"id": number, "name": f"Person {number}", "department": department, "job": job}
        for number, (department, job, _ours) in enumerate(jobs, 1)
    ]
    run(capsys, *tmdb_tables(tmp_path, MOVIE, credits_of={"cast": [], "crew": crew}))
    found = dict(Credit.objects.values_list("job", "department"))
    assert found == {job: ours for _theirs, job, ours in jobs}


def test_credit_lines_are_read_as_people_write_them(film):
    lines = parse_credit_lines(
        "Ola Brandt as Mira\n\nInes Kolb, director, gaffer\nRobert Vale, Jr.\n"
        "Robert Vale, Jr., producer\nJun Seto"
    )
    assert [(line.name, line.department, line.job, line.character) for line in lines] == [
        ("Ola Brandt", "cast", "", "Mira"),
        ("Ines Kolb", "directing", "Director", ""),
        ("Ines Kolb", "crew", "Gaffer", ""),
        ("Robert Vale, Jr.", "cast", "", ""),
        ("Robert Vale, Jr.", "production", "Producer", ""),
        ("Jun Seto", "cast", "", ""),
    ]
    assert add_credits(film, lines, People(lines)) == 6
    assert add_credits(film, lines, People(lines)) == 0


def test_each_credit_line_that_cannot_be_read_is_named():
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError) as refused:
        parse_credit_lines("Ola Brandt as\nFine\nInes Kolb,\n, director")
    assert [message[:7] for message in refused.value.messages] == ["Line 1:", "Line 3:", "Line 4:"]


def test_queries_do_not_grow_with_the_rows(tmp_path, django_assert_max_num_queries):
    rows = [
        {"title": f"Film {n}", "cast": f"Person {n} as X|Other {n}", "genres": f"G{n % 3}"}
        for n in range(90)
    ]
    path = table(tmp_path / "f.csv", *rows)
    with django_assert_max_num_queries(45):
        call_command("import_films", str(path))
    with django_assert_max_num_queries(25):
        call_command("import_films", str(path))


def test_films_join_their_collections_and_leave_none(tmp_path, capsys):
    file = table(
        tmp_path / "films.csv",
        {"title": "Ikiru", "collection": "Quiet | Old Tokyo"},
        {"title": "Stalker", "collection": "quiet"},
    )
    run(capsys, file)
    quiet = Collection.objects.get(title="Quiet")
    assert [entry.film.title for entry in quiet.entries.all()] == ["Ikiru", "Stalker"]
    assert not quiet.is_published
    again = table(tmp_path / "again.csv", {"title": "Ikiru", "collection": "Old Tokyo|New"})
    run(capsys, again, "--overwrite")
    ikiru = Film.objects.get(title="Ikiru")
    titles = {entry.collection.title for entry in ikiru.collection_entries.all()}
    assert titles == {"Quiet", "Old Tokyo", "New"}
    assert figures(run(capsys, again)[0]) == {"same": 1}
