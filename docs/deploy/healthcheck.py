"""Whether the web process of this container answers, asked as the proxy would ask."""

import os
import sys
import urllib.request

host = os.environ.get("KEYWORK_ALLOWED_HOSTS", "localhost").split(",")[0]
request = urllib.request.Request(
    "http://127.0.0.1:8000/healthz", headers={"Host": host, "X-Forwarded-Proto": "https"}
)
with urllib.request.urlopen(request, timeout=4) as answer:
    sys.exit(answer.status != 200)
