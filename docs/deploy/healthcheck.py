"""Whether the web process of this container serves, asked as the proxy would ask; with `beat`, whether beat is at work.

That work is late, or that something besides the database is down, is for people to see by watching /healthz; cutting off
the web process would not help.
"""

import json
import os
import sys
import urllib.error
import urllib.request

if sys.argv[1:] == ["beat"]:
    import psycopg

    with psycopg.connect(os.environ["DATABASE_URL"], connect_timeout=5) as server:
        row = server.execute(
            "SELECT now() - at < interval '5 minutes' FROM keywork_heartbeat WHERE name = 'beat'"
        ).fetchone()
    sys.exit(not (row and row[0]))

host = os.environ.get("KEYWORK_ALLOWED_HOSTS", "localhost").split(",")[0]
request = urllib.request.Request(
    "http://127.0.0.1:8000/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"}
)
try:
    with urllib.request.urlopen(request, timeout=4) as answer:
        sys.exit(answer.status != 200)
except urllib.error.HTTPError as problem:
    if problem.code != 503:
        raise
    sys.exit(json.load(problem).get("serves") is not True)
