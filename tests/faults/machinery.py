"""What an installation stands on is killed and damaged: `python -m tests.faults.machinery [backup] [servers] …`.

Each of these modules has `faults(directory)`, which yields what was done and what came of it, and raises AssertionError
when that is not what Keywork promises. `directory` is empty and its own. It takes minutes.
"""

from __future__ import annotations

import sys
import tempfile
import time
import traceback
from importlib import import_module
from pathlib import Path

NAMES = ("backup", "servers", "queue", "disk", "saves", "time_jump")


def main() -> int:
    """The exit code: 1 when something did not hold."""
    failed = False
    for name in sys.argv[1:] or NAMES:
        with tempfile.TemporaryDirectory(prefix=f"keywork-{name}-", ignore_cleanup_errors=True) as directory:
            began = time.monotonic()
            try:
                for what, outcome in import_module(f"tests.faults.{name}").faults(Path(directory)):
                    print(f"{name:<10} {what:<70} {outcome}  ({time.monotonic() - began:.0f} s)", flush=True)
                    began = time.monotonic()
            except Exception:
                failed = True
                print(f"{name:<10} DOES NOT HOLD\n{traceback.format_exc()}", flush=True)
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
