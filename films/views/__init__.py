"""Pages of films, people, genres and the site itself, and the posters' files."""
