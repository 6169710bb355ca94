"""Data that the code names, on import or later, is in the bundle, or a warning gives the `include` that adds it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from pulumi_flyte.discovery import codebase
from pulumi_flyte.source import loading
from pulumi_flyte.workload import code

from tests.components.source.loaded import load

ASGI = "async def app(scope, receive, send): ...\n"
Write = Callable[[Mapping[str, str]], Path]


DATA = {"static/page.html": "", "templates/i.html": "", "data/x.csv": "", "conf.json": "{}", "VERSION": "1", ".env": ""}
HERE = "from pathlib import Path\nimport os\nHERE = Path(__file__).resolve().parent\n"
NAMES = {
    "static files of FastAPI's guide": (
        "from fastapi.staticfiles import StaticFiles\nfiles = StaticFiles(directory='static')\n", ["static"]),
    "static files that are not checked": (
        "from fastapi.staticfiles import StaticFiles\nfiles = StaticFiles(directory='static', check_dir=False)\n",
        ["static"]),
    "static files by a computed name": (
        "from fastapi.staticfiles import StaticFiles\nfiles = StaticFiles(directory=''.join(['sta', 'tic']))\n",
        ["static"]),
    "templates": (
        HERE + "from fastapi.templating import Jinja2Templates\nt = Jinja2Templates(directory=HERE / 'templates')\n",
        ["templates"]),
    "templates in a list": (
        "from fastapi.templating import Jinja2Templates\nt = Jinja2Templates(directory=['templates', 'nowhere'])\n",
        ["templates"]),
    "jinja's own loader": (
        "import jinja2\nTEMPLATES = 'templates'\ne = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES))\n",
        ["templates"]),
    "a file that is read on import": ("CONF = open('conf.json').read()\n", ["conf.json"]),
    "a list that is named path": ("path = []\ndef late():\n    path.append('conf.json')\n", ["conf.json"]),
    "an attribute that is named path": ("def late(node):\n    node.path.append('conf.json')\n", ["conf.json"]),
    "a file that a function reads": ("def late():\n    return open('conf.json').read()\n", ["conf.json"]),
    "a file beside the code": (HERE + "def late():\n    return (HERE / 'conf.json').read_text()\n", ["conf.json"]),
    "a file by os.path": (
        HERE + "def late():\n    return open(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'conf.json'))\n",
        ["conf.json"]),
    "any file of a folder": (HERE + "def late(name):\n    return (HERE / 'data' / name).read_text()\n", ["data"]),
    "a formatted name": ("def late(name):\n    return open(f'data/{name}.csv')\n", ["data"]),
    "a glob": ("def late():\n    from glob import glob\n    return glob('data/*.csv')\n", ["data"]),
    "a folder that is listed": (HERE + "def late():\n    return list((HERE / 'data').iterdir())\n", ["data"]),
    "a constant that is used later": (
        HERE + "DATA = HERE / 'data'\ndef late():\n    return (DATA / 'x.csv').read_text()\n", ["data/x.csv"]),
    "a path of another library": ("def late():\n    import csv_reader as pd\n    return pd.read_csv('data/x.csv')\n",
                                  ["data/x.csv"]),
    "a file without a suffix": ("def late():\n    return open('VERSION').read()\n", ["VERSION"]),
    "a file that only exists": (HERE + "found = (HERE / 'conf.json').exists()\n", ["conf.json"]),
    "a plugin that is loaded later": (
        "from importlib.util import spec_from_file_location\ndef late():\n"
        "    return spec_from_file_location('p', 'jobs/one.py')\n",
        ["jobs/one.py"]),
    "a default": ("import os\ndef late():\n    return open(os.environ.get('CONF', 'conf.json'))\n", ["conf.json"]),
    "a name that grows": (
        HERE + "def late(name):\n    path = HERE\n    path = path / 'data'\n    return path / f'{name}.csv'\n",
        ["data"]),
    "a sibling's name": (
        "from pathlib import Path\ndef late():\n    return Path(__file__).with_name('conf.json')\n", ["conf.json"]),
    "a script that is started": (
        "import subprocess, sys\ndef late():\n    subprocess.run([sys.executable, 'jobs/one.py'])\n", ["jobs/one.py"]),
    "several": ("def late():\n    return open('conf.json'), open('data/x.csv')\n", ["conf.json", "data/x.csv"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), NAMES.values(), ids=NAMES)
def test_the_preview_gives_the_include_that_is_missing(write: Write, text: str, expected: list[str]) -> None:
    program = write({"app.py": text + ASGI, "jobs/one.py": "", **DATA})
    [warning] = load(program).missing.warnings([])
    entries = ", ".join(f'"{path}"' for path in expected)
    assert warning.endswith(f"Add include=[{entries}]"), warning
    source = load(program, include=expected)
    assert not source.missing.warnings(expected)
    assert set(expected) <= {*source.bundle.files, *(path.split("/")[0] for path in source.bundle.files)}


def test_the_line_keeps_what_is_included_already_and_names_the_code(write: Write) -> None:
    program = write({"app.py": "def late():\n    return open('conf.json')\n" + ASGI, **DATA})
    assert load(program, include=["data"]).missing.warnings(["data"]) == [
        "the code names data that the bundle does not contain: 'conf.json' (app.py:2)."
        ' Add include=["data", "conf.json"]'
    ]


QUIET = {
    "routes": "ROUTES = {'/static': 1, 'data': 2}\n",
    "words": "def late():\n    '''Reads conf.json.'''\n    return 'static'\n",
    "what is written": "def late():\n    open('conf.json', 'w').write('')\n    open('VERSION', mode='a')\n",
    "what pathlib writes": HERE + "def late():\n    (HERE / 'conf.json').write_text('')\n    (HERE / 'data').mkdir()\n",
    "a log file": "import logging\ndef late():\n    logging.FileHandler('conf.json')\n",
    "the folder of the code": HERE + "print(HERE, os.listdir(HERE))\n",
    "what is not there": "def late():\n    return open('nowhere.json')\n",
    "folders of packages": "def late():\n    from deep.inner import helper\n    return helper\n",
    "files of the machine": "def late():\n    return open('/etc/hostname'), open('/etc/hosts').read()\n",
    "settings of the machine": "def late():\n    return open('.env').read()\n",
    "a script's own part": "if __name__ == '__main__':\n    print(open('conf.json').read())\n",
    "a long text": f"PROMPT = 'Be kind. {'word ' * 80}'\nOTHER = '../{'word ' * 80}'\n",
    "an optional file": "try:\n    open('nowhere.json')\nexcept OSError:\n    pass\n",
    "a file that is removed": "import os\nopen('x.tmp', 'w').close()\nopen('x.tmp').close()\nos.remove('x.tmp')\n",
    "a folder that is opened": "import os\nos.close(os.open(''.join(['jo', 'bs']), os.O_RDONLY))\n",
    "a folder for other modules, by an alias": "import sys as s, os\ns.path.append(os.path.abspath('jobs'))\n",
    "a folder for other modules, by name": "import os\nfrom sys import path\npath.insert(0, os.path.abspath('jobs'))\n",
    "a folder for other modules": "import sys, os\nsys.path.insert(0, os.path.abspath('jobs'))\n",
}


@pytest.mark.parametrize("text", QUIET.values(), ids=QUIET)
def test_what_is_no_data_of_the_program_is_no_warning(write: Write, text: str) -> None:
    program = write({"app.py": text + ASGI, "jobs/one.py": "", "deep/inner/helper.py": "", **DATA})
    assert not load(program).missing.warnings([])


def test_data_of_a_package_is_named_from_above_it(write: Write) -> None:
    text = "import importlib.resources\ndef late():\n    return importlib.resources.files('shop') / 'rates.json'\n"
    program = write({"shop/__init__.py": "", "shop/web.py": text + ASGI, "shop/rates.json": ""})
    [warning] = load(program, "shop/web.py:app").missing.warnings([])
    assert warning.endswith('Add include=["shop/rates.json"]')


def test_a_constant_of_another_module_is_followed(write: Write) -> None:
    program = write(
        {
            "settings.py": HERE + "class Settings:\n    def __init__(self):\n        self.data = HERE / 'data'\n"
            "TEMPLATES = HERE / 'templates'\nsettings = Settings()\n",
            "app.py": "import settings as s\nfrom settings import settings\n"
            "def late(name):\n    return s.TEMPLATES / name, settings.data / name\n" + ASGI,
            **DATA,
        }
    )
    [warning] = load(program).missing.warnings([])
    assert warning.endswith('Add include=["data", "templates"]')


def test_what_no_include_reaches_is_said(write: Write) -> None:
    program = write({"app.py": HERE + "def late():\n    return open(HERE.parent / 'rates.json')\n" + ASGI})
    (program.parent / "rates.json").write_text("")
    [warning] = load(program).missing.warnings([])
    assert "outside of the source's folder, which a bundle cannot contain: '../rates.json' (app.py:5)" in warning


def test_a_file_that_appears_later_is_seen(write: Write) -> None:
    program = write({"app.py": "def late():\n    return open('later.json')\n" + ASGI})
    assert not load(program).missing.warnings([])
    write({"later.json": ""})
    assert load(program).missing.warnings([])


OPTIONAL = "try:\n    VALUE = open('conf.json').read()\nexcept OSError:\n    VALUE = ''\n"


def test_a_file_that_was_missing_on_import_is_read_when_it_appears(write: Write) -> None:
    program = write({"app.py": OPTIONAL + ASGI})
    assert load(program).description.footprint.read == ()
    write({"conf.json": "1"})
    assert load(program).description.footprint.read == ("conf.json",)


def test_discovered_code_reads_a_file_that_was_missing(write: Write) -> None:
    text = f"import flyte.app\n{OPTIONAL}web = flyte.app.AppEnvironment('web', image='x:1', args=['s'])\n"
    program = write({"app.py": text})
    where = codebase.locate("app.py", program)
    [before] = codebase.read(where, python=None, env={}).workloads
    write({"conf.json": "1"})
    [after] = codebase.read(where, python=None, env={}).workloads
    assert (before.source.description.footprint.read, after.source.description.footprint.read) == ((), ("conf.json",))


def test_discovered_code_is_told_which_override_adds_it(write: Write) -> None:
    text = (
        "import flyte.app\nweb = flyte.app.AppEnvironment('web', image='x:1', args=['s'])\nCONF = open('conf.json')\n"
    )
    program = write({"web.py": text, "other.py": text.replace("web", "other").replace("conf.json", "VERSION"), **DATA})
    contents = codebase.read(codebase.locate(".", program), python=None, env={})
    workloads = {each.name: each for each in contents.workloads}
    assert code.lacking_data(loading.bundle(workloads["web"].source, ()), []) == [
        "the code names data that the bundle does not contain: 'conf.json' (web.py:3)."
        ' Add overrides={"web": {"include": ["conf.json"]}}'
    ]
