"""flyte-local: the command line of the local control plane."""

from __future__ import annotations

import argparse
import contextlib
import logging
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import quote

from flyte_local import daemon
from flyte_local.apps.logs import AppLogs
from flyte_local.errors import HomeError, LocalServerError, NotFoundError
from flyte_local.home import HOME_VARIABLE, Home
from flyte_local.runs.logs import LOG
from flyte_local.runs.records import ROOT
from flyte_local.secrets.redaction import Mask, app_workload, mask_of, run_workload
from flyte_local.secrets.vault import Vault
from flyte_local.server.peers import SHARED_VARIABLE
from flyte_local.state.store import Store
from flyte_local.version import VERSION
from flyte_local.web.paths import Scope
from flyte_local.wire.app_key import AppKey

# The exit code of a program that a closed pipe ended, as shells have it: 128 and SIGPIPE.
_BROKEN_PIPE = 141
_CONFIG = """\
admin:
  endpoint: dns:///127.0.0.1:{port}
  insecure: true
image:
  builder: remote
task:
  org: local
  project: {project}
  domain: {domain}
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code. An error is one sentence on stderr."""
    parser = _parser()
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error(f"unknown arguments: {' '.join(unknown)}")
    if "run" not in options:
        parser.error("say a command, such as status")
    try:
        code = int(options.run(options) or 0)
        sys.stdout.flush()
        return code
    except LocalServerError as error:
        print(f"flyte-local: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Whoever read the output has read enough (`flyte-local status | head`). The interpreter flushes once more.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _BROKEN_PIPE
    except KeyboardInterrupt:
        return 130


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        """Print the problem and exit with 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="flyte-local", description="A single-machine Flyte 2 control plane.", allow_abbrev=False)
    parser.add_argument("--version", action="version", version=f"flyte-local {VERSION}")
    commands = parser.add_subparsers(metavar="command")
    start = _command(commands, "start", _start, "start the server, in the background unless --foreground")
    start.add_argument("--foreground", action="store_true", help="stay, and log to the terminal")
    start.add_argument(
        "--allow-other-users",
        action="store_true",
        help=f"serve every user of this machine ({SHARED_VARIABLE}=1)",
    )
    _command(commands, "stop", _stop, "stop the server and all it runs; the state stays")
    _command(commands, "status", _status, "show the server, its apps, and triggers that failed")
    logs = _command(commands, "logs", _logs, "show what an app or a run wrote")
    logs.add_argument("name", help="the app or the run: name, or project/domain/name")
    logs.add_argument("-n", "--lines", type=int, default=100, help="how many lines (100)")
    logs.add_argument("-f", "--follow", action="store_true", help="wait for more")
    opened = _command(commands, "open", _open, "print an address that lets one browser into an app")
    opened.add_argument("name", help="the app: name, or project/domain/name")
    config = _command(commands, "config", _config, "print a Flyte configuration file that points at the server")
    config.add_argument("--project", default="demo")
    config.add_argument("--domain", default="development")
    return parser


def _command(
    commands: argparse._SubParsersAction[_Parser], name: str, run: object, help: str
) -> argparse.ArgumentParser:
    command = commands.add_parser(name, help=help, description=help, allow_abbrev=False)
    command.add_argument("--port", type=_port, default=daemon.DEFAULT_PORT, help="the server's port (8480)")
    command.add_argument("--home", help=f"the server's folder (${HOME_VARIABLE}, or the user's data folder)")
    command.set_defaults(run=run)
    return command


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port")
    return int(text)


def _start(options: argparse.Namespace) -> None:
    home = Home(options.home)
    if options.allow_other_users:
        os.environ[SHARED_VARIABLE] = "1"
    if options.foreground:
        from flyte_local.server.process import serve

        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("uvicorn.error").setLevel(logging.WARNING)
        serve(home, options.port)
        return
    info = daemon.start(home, options.port)
    if options.allow_other_users and not info.shared:
        raise HomeError(
            f"the server on port {info.port} already runs, for one user: `flyte-local stop --port {info.port}` first, "
            "and then start it for all"
        )
    print(f"flyte-local {info.version} on {info.url} (pid {info.pid}, home {info.home})")


def _stop(options: argparse.Namespace) -> None:
    print("stopped" if daemon.stop(Home(options.home), options.port) else "not running")


def _status(options: argparse.Namespace) -> int:
    info = _running(options)
    if info is None:
        print(f"not running (home {Home(options.home).path})")
        return 3
    print(f"flyte-local {info.version} on {info.url} (pid {info.pid}, home {info.home})")
    for entry in daemon.request(info.port, "GET", "/local/v1/apps"):
        print(f"  {entry['phase']:<8} {entry['app']}  {entry['endpoint']}  {entry['message']}")
    for entry in daemon.request(info.port, "GET", "/local/v1/triggers"):
        at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(entry["at"]))
        message = " ".join(entry["message"].split())
        print(f"  failed   trigger {entry['trigger']}  could not start its run of {at}: {message}")
    return 0


def _open(options: argparse.Namespace) -> None:
    info = _running(options)
    if info is None:
        raise NotFoundError("the server is not running: start it with `flyte-local start`")
    apps = [entry["app"] for entry in daemon.request(info.port, "GET", "/local/v1/apps")]
    matches = [app for app in apps if options.name in (app, app.rpartition("/")[2])]
    if len(matches) != 1:
        which = f"say {' or '.join(matches)}" if matches else f"there are {', '.join(apps) or 'none'}"
        raise NotFoundError(f"{'several apps are' if matches else 'no app is'} called {options.name!r}: {which}")
    print(daemon.request(info.port, "POST", f"/local/v1/open?app={quote(matches[0])}")["url"])


def _running(options: argparse.Namespace) -> daemon.Info | None:
    """Return the server of the home. If no home is named, a server of another home on the port counts too."""
    server = daemon.find(Home(options.home), options.port)
    if server is None and not options.home and not os.environ.get(HOME_VARIABLE):
        return daemon.probe(options.port)
    return server


def _logs(options: argparse.Namespace) -> None:
    home = Home(options.home)
    apps = _apps_with_logs(home)
    key = _one_of([app for app in apps if options.name in (str(app), app.name)], options.name)
    if key is None:
        run = _one_of(_runs(home, options.name), options.name)
        if run is None:
            raise NotFoundError(_nothing_called(options.name, apps, home, options.port))
        _run_logs(options, home, run)
        return
    logs = AppLogs.of(home, key)
    with contextlib.closing(Store(home.database)) as store:
        vault = Vault(home, store)
        _print_logs(options, logs, lambda: mask_of(vault, app_workload(key)))


def _print_logs(options: argparse.Namespace, logs: AppLogs, mask: Callable[[], Mask]) -> None:
    revision = logs.revisions()[-1]
    lines, position = logs.read(revision, 0, partial=not options.follow)
    hide = mask()
    for line in lines[-options.lines :] if options.lines > 0 else []:
        print(hide(line.text))
    while options.follow:
        time.sleep(0.3)
        latest = logs.revisions()[-1:] or [revision]
        if latest[0] != revision:
            revision, position = latest[0], 0
        lines, position = logs.read(revision, position, partial=False)
        hide = mask() if lines else hide
        for line in lines:
            print(hide(line.text), flush=True)


def _apps_with_logs(home: Home) -> list[AppKey]:
    """Return the apps that have log files."""
    folders = sorted((home.path / "apps").glob("*/*/*/logs"))
    return [AppKey(*folder.parts[-4:-1]) for folder in folders if AppLogs(folder).revisions()]


def _runs(home: Home, name: str) -> list[AppKey]:
    """Return the runs with that name, or with that project, domain and name. Their keys read like keys of apps."""
    folders = sorted(home.runs.glob(f"*/*/*/{ROOT}"))
    keys = [AppKey(*folder.parts[-4:-1]) for folder in folders]
    return [key for key in keys if name in (str(key), key.name)]


def _one_of(keys: list[AppKey], name: str) -> AppKey | None:
    """Return the only key, or None if there is no key. Raises NotFoundError if there are several."""
    if len(keys) > 1:
        raise NotFoundError(f"several are called {name!r}: say {' or '.join(map(str, keys))}")
    return keys[0] if keys else None


def _nothing_called(name: str, apps: list[AppKey], home: Home, port: int) -> str:
    running = daemon.find(home, port) is not None
    which = f"the apps are {', '.join(map(str, apps))}" if apps else "no app has written anything yet"
    state = "" if running else f"; flyte-local is not running (home {home.path})"
    return f"no app and no run is called {name!r}: {which}{state}"


def _run_logs(options: argparse.Namespace, home: Home, run: AppKey) -> None:
    """Print the output of the last attempt of a run's first action."""
    port = (home.server() or {}).get("port", options.port)
    page = f"http://127.0.0.1:{port}{Scope(run.project, run.domain).resource('runs', run.name)}"
    if options.follow:
        raise NotFoundError(f"{run} is a run, and -f follows apps only: see {page}")
    log = _last_attempt(home.runs / run.project / run.domain / run.name / ROOT) / LOG
    lines = log.read_text(errors="replace").splitlines() if log.is_file() else []
    with contextlib.closing(Store(home.database)) as store:
        hide = mask_of(Vault(home, store), run_workload(str(run)))
        for line in lines[-options.lines :] if options.lines > 0 else []:
            print(hide(line))
    print(f"{run} is a run: its page, with its other actions, is {page}", file=sys.stderr)


def _last_attempt(action: Path) -> Path:
    attempts = [folder for folder in action.iterdir() if folder.name.isdigit()]
    return max(attempts, key=lambda folder: int(folder.name), default=action)


def _config(options: argparse.Namespace) -> None:
    facts = Home(options.home).server() or {}
    port = int(facts.get("port", options.port))
    print(_CONFIG.format(port=port, project=options.project, domain=options.domain), end="")


if __name__ == "__main__":
    sys.exit(main())
