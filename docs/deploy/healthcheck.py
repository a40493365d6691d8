"""Whether the web process of this container serves, asked as the proxy would ask.

That nightly work is late is for people to see, on the pages and by watching /healthz; cutting off the web
process would not help.
"""

import json
import os
import sys
import urllib.error
import urllib.request

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
    sys.exit(set(json.load(problem)["wrong"]) != {"nightly"})
