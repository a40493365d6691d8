"""Backups of a whole installation: database, media, secrets and what they were made with, in one encrypted file.

The file is an age file (https://age-encryption.org): a tar stream of

    about.json      what made it: version, migrations, Postgres (read first, so that a newer one is refused at once)
    secrets.json    the secret key
    database/000001 ... the parts of one dump by pg_dump (custom format); joined in order they are the dump
    media/...       the uploads and reports
    manifest.json   rows of each table, size and SHA-256 of the dump and of each file

With a passphrase it is a zip of two age files, because age encrypts only what fits in memory by a passphrase:
`key.age` holds a key that was made for this file, locked by the passphrase, and `keywork.tar.age` the archive, locked
by that key. So both kinds can be opened without Keywork, with the program `age` (docs/operations.md).
"""
