"""The whole system on one machine, with a private PostgreSQL and Valkey from PyPI wheels.

Both servers listen on Unix sockets only, keep their files under one data directory, and end with
the process that started them. PostgreSQL is durable; Valkey stores nothing on disk, because nothing
depends on it.
"""
