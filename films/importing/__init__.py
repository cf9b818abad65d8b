"""Films from files: one reader a format, one plan of what each row means, one writer.

`reading` recognises a file and opens its reader (`filmsite_csv`, `tmdb`); every reader yields
`FilmRow`s and `Refusal`s with their lines. `planning` compares the rows with the site,
`writing` carries the plan out in batches, `run` ties them together for the command and the admin.
`credits` reads cast and crew as people write them, and finds the people they name.
"""
