"""The embedded servers: shared, durable, and gone with the last command that used them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
import redis

from keywork import local
from keywork.local import keeper, postgres, redis_server
from keywork.local.files import LONGEST_SOCKET_PATH, Lock, wait_until

from .conftest import environment, keeper_of, processes_in


def test_two_commands_share_one_server_and_the_last_one_stops_it(holder, installation):
    first, second = holder(), holder()
    assert (first.postmaster, first.redis) == (second.postmaster, second.redis)
    first.end()
    assert keeper.is_alive(installation)
    assert len(processes_in(installation)) >= 3  # keeper, postmaster, redis
    second.end()
    assert processes_in(installation) == []


def test_a_redis_that_is_not_well_is_not_taken_for_absent(holder, installation):
    """With its disk full it answered PING with an error, and a second one was started on the same file."""
    first = holder()
    store = redis.from_url(f"unix://{installation / 'redis' / 'redis.sock'}")
    store.config_set("requirepass", "secret")  # from now on it refuses PING
    with pytest.raises(redis.AuthenticationError):
        redis.from_url(f"unix://{installation / 'redis' / 'redis.sock'}").ping()
    redis_server.ensure(installation / "redis")
    running = [
        pid
        for pid in processes_in(installation)
        if "redis-server" in Path(f"/proc/{pid}/cmdline").read_text().split("\0")[0]
    ]
    assert running == [first.redis]


def test_a_redis_file_that_cannot_be_read_is_put_aside(holder, installation, capfd):
    first = holder()
    os.kill(first.redis, signal.SIGKILL)
    first.end()
    written = installation / "redis" / "appendonly.aof"
    written.write_bytes(b"*garbage\r\n" + written.read_bytes())
    second = holder()
    assert second.redis_visits == 1 and second.visits == first.visits + 1
    assert (installation / "redis" / "damaged-appendonly.aof").exists()
    assert "Nothing is lost by it" in capfd.readouterr().err
    second.end()
    assert holder().redis_visits == 2


def test_data_is_there_at_the_next_start(holder):
    first = holder()
    first.end()
    second = holder()
    assert second.postmaster != first.postmaster
    assert (second.visits, second.redis_visits) == (first.visits + 1, first.redis_visits + 1)


def test_a_killed_command_leaves_no_server_behind(holder, installation):
    holder().kill()
    assert keeper.wait_until_gone(installation, seconds=60)
    assert processes_in(installation) == []


def test_a_killed_database_is_recovered_by_the_next_command(holder):
    first = holder()
    os.kill(first.postmaster, signal.SIGKILL)
    second = holder()
    assert second.postmaster != first.postmaster
    assert second.visits == first.visits + 1


def test_the_last_command_stops_the_servers_also_when_the_keeper_was_killed(holder, installation):
    last = holder()
    os.kill(keeper_of(installation), signal.SIGKILL)
    last.end()
    assert processes_in(installation) == []


def test_a_keeper_that_is_just_dying_is_replaced(holder, installation):
    last = holder()
    os.kill(keeper_of(installation), signal.SIGKILL)
    assert keeper.wait_until_gone(installation, seconds=60)
    dying = Lock.acquire(installation / "keeper.lock")  # it is there still, and will stop nothing
    last.process.stdin.close()
    assert wait_until(lambda: nobody_holds(installation), seconds=60)
    dying.release()
    last.process.wait(timeout=120)
    assert processes_in(installation) == []


def nobody_holds(installation: Path) -> bool:
    lock = Lock.attempt(installation / "holders.lock")
    if lock:
        lock.release()
    return lock is not None


def test_servers_left_by_a_killed_keeper_are_taken_over(holder, installation):
    first = holder()
    os.kill(keeper_of(installation), signal.SIGKILL)
    first.kill()
    assert processes_in(installation) != []
    second = holder()
    assert (second.postmaster, second.redis) == (first.postmaster, first.redis)
    second.end()
    assert processes_in(installation) == []


def test_a_pid_file_whose_number_another_program_has_now_is_no_obstacle(holder, installation):
    holder().end()
    (installation / "postgres" / "postmaster.pid").write_text(
        f"{os.getpid()}\n{installation / 'postgres'}\n1700000000\n5432\n\n\n  1234567   0\nready\n"
    )
    assert holder().postmaster != os.getpid()


def test_a_path_too_long_for_a_socket_gets_a_private_directory_elsewhere(tmp_path):
    home = tmp_path / ("a-long-name-" * 9) / "postgres"
    home.mkdir(parents=True)
    directory = local.files.socket_directory(home, postgres.SOCKET)
    assert directory != home
    assert len(os.fsencode(directory / postgres.SOCKET)) <= LONGEST_SOCKET_PATH
    assert directory.stat().st_mode & 0o777 == 0o700
    assert local.files.socket_directory(home, postgres.SOCKET) == directory
    directory.rmdir()


def test_test_runs_have_a_data_directory_and_a_database_of_their_own(settings):
    assert local.data_dir().name == "test"
    if not os.environ.get("DATABASE_URL"):
        assert settings.DATABASES["default"]["OPTIONS"]["host"].startswith(str(local.data_dir()))


def test_the_database_is_what_the_rest_relies_on(holder, installation):
    holder()
    url = f"postgres://keywork@/keywork?host={installation / 'postgres'}"
    with psycopg.connect(url) as server:
        row = server.execute(
            "select current_setting('server_encoding'), current_setting('timezone'),"
            " current_setting('fsync'), current_setting('listen_addresses'), lower('É')"
        ).fetchone()
    assert row == ("UTF8", "UTC", "on", "", "é")


def test_no_log_holds_what_was_written_and_only_its_owner_reads_it(holder, installation):
    log = installation / "postgres.log"
    log.write_text("STATEMENT: insert into note values ('an older secret')")
    log.chmod(0o644)
    holder()
    url = f"postgres://keywork@/keywork?host={installation / 'postgres'}"
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(
            "create table if not exists note (words text unique check (words <> 'secret-checked'))"
        )
        server.execute("insert into note values ('secret-row') on conflict do nothing")
        for refused in (
            ("insert into note values (%s)", ["secret-row"]),
            ("insert into note values (%s)", ["secret-checked"]),
            ("select %s::text::int", ["secret-number"]),
            ("select 'secret-literal'::int", None),
        ):
            with pytest.raises(psycopg.Error):
                server.execute(*refused)
    assert log.stat().st_mode & 0o777 == 0o600
    assert (installation / "redis" / "redis.log").stat().st_mode & 0o777 == 0o600
    said = log.read_text()
    assert "secret" not in said and "ready to accept connections" in said


def test_given_servers_are_used_and_none_is_started(tmp_path):
    elsewhere = environment(
        tmp_path,
        DATABASE_URL="postgres://someone:secret@db.example:5433/school",
        REDIS_URL="redis://cache.example:6379/4",
        DJANGO_SETTINGS_MODULE="keywork.settings",
    )
    answer = subprocess.run(
        [
            sys.executable,
            "-c",
            "from django.conf import settings as s; d = s.DATABASES['default'];"
            "print(d['HOST'], d['PORT'], d['NAME'], s.CACHES['default']['LOCATION'], s.CELERY_BROKER_URL)",
        ],
        cwd=local.REPOSITORY,
        env=elsewhere,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    redis = "redis://cache.example:6379/4"
    assert answer == ["db.example", "5433", "school", redis, redis]
    assert not (tmp_path / "postgres").exists()
    assert not (tmp_path / "redis").exists()


def test_celery_gets_the_same_socket_in_its_own_spelling():
    assert local.broker_url("unix:///srv/redis.sock?db=2") == "redis+socket:///srv/redis.sock?virtual_host=2"


def test_the_secret_key_is_made_once_and_is_private(tmp_path):
    command = [sys.executable, "-c", "from keywork.local.secret import secret_key; print(secret_key())"]
    started = [
        subprocess.Popen(
            command, cwd=local.REPOSITORY, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    (key,) = {process.communicate()[0].strip() for process in started}
    assert len(key) > 50
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


def test_waiting_gives_up():
    assert not wait_until(lambda: False, seconds=0.05)


def test_an_older_cluster_is_handed_over_to_a_role_without_rights(tmp_path, monkeypatch):
    """Until November 2026 Keywork signed in as the superuser that had made the cluster."""
    home = tmp_path / "postgres"
    monkeypatch.setattr(postgres, "ADMINISTRATOR", "keywork")
    postgres._create_cluster(home, fast=True)
    directory = local.files.socket_directory(home, postgres.SOCKET)
    postgres._start(home, directory, fast=True)
    url = f"postgres://keywork@/{{}}?host={directory}"
    with psycopg.connect(url.format("postgres"), autocommit=True) as old:
        old.execute("create database keywork")
    with psycopg.connect(url.format("keywork"), autocommit=True) as old:
        old.execute("create table visit (id bigint generated always as identity, at text)")
        old.execute("create function seen() returns trigger language plpgsql as 'begin return new; end'")
        old.execute("create trigger seen before insert on visit for each row execute function seen()")
        old.execute("insert into visit (at) values ('before')")
    postgres.stop(home)
    monkeypatch.undo()
    try:
        directory = postgres.ensure(home, fast=True)
        with psycopg.connect(url.format("keywork"), autocommit=True) as now:
            assert now.execute("select rolsuper from pg_roles where rolname = current_user").fetchone() == (
                False,
            )
            now.execute("insert into visit (at) values ('after')")
            now.execute("alter table visit add column more text")
            now.execute("drop function seen() cascade")
            assert now.execute("select count(*) from visit").fetchone() == (2,)
        postgres.stop(home)
        postgres.ensure(home, fast=True)  # once more changes nothing
    finally:
        postgres.stop(home)
