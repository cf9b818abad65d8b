"""Votes, reviews and films to see that members bring from elsewhere.

`reading` recognises a file and hands it to its reader (`letterboxd`, `imdb`); what either finds is
a `brought.Brought`, texts made fit by `texts`. `matching` finds the films that are meant,
`planning` what would become of each row, `storing` does it. `upload` keeps the rows between the
look (`preview`) and the confirmation. Taking an import back is `OwnImport.take_back`.
"""
