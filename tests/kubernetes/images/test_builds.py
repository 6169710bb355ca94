"""Builds by the real BuildKit: what is built, when, and what of it every machine has in common."""

from __future__ import annotations

import os

from tests.kubernetes.cluster import images
from tests.kubernetes.cluster.cluster import Cluster
from tests.kubernetes.cluster.images import BASE_IMAGE
from tests.kubernetes.images.conftest import MakeTask, built_reference, staged_contexts, use_image
from tests.kubernetes.images.registry import pushed

IMAGE = 'Image(packages=["cowsay==6.1"])'
BUILT = "docker-build:index:Image::double-image"


def test_an_image_is_built_as_the_preview_says_and_not_built_again(make_task: MakeTask) -> None:
    stack = make_task(IMAGE)
    before = stack.blind_preview()
    assert before.code == 0, before.text
    assert before.changed == stack.deployed().changed
    reference = built_reference(stack)
    assert before.metadata("flyte:api:Task::double")["new"]["inputs"]["image"] == reference
    image = pushed(reference)
    assert image is not None
    assert image.config["config"]["User"] == "65532:65532"
    assert "PATH=/opt/venv/bin:" in "\n".join(image.config["config"]["Env"])
    for again in (stack.blind_preview(), stack.up()):
        assert again.code == 0, again.text
        assert again.steps == {}


def test_only_what_is_in_the_image_builds_another(make_task: MakeTask) -> None:
    stack = make_task(IMAGE)
    stack.deployed()
    first = built_reference(stack)
    stack.write({"tasks.py": (stack.folder / "tasks.py").read_text().replace("2 * n", "3 * n")})
    assert BUILT not in stack.deployed().changed
    use_image(stack, 'Image(packages=["cowsay==6.1", "iniconfig"])')
    assert BUILT in stack.deployed().changed
    assert built_reference(stack) != first
    assert pushed(first) is not None, "the image of the version before is still there"
    use_image(stack, 'Image(packages=["iniconfig", "cowsay==6.1"])')
    assert not stack.preview().changed


def test_another_checkout_time_and_umask_change_nothing(make_task: MakeTask) -> None:
    stack = make_task(IMAGE)
    stack.write({"requirements.txt": "cowsay==6.1\n"})
    use_image(stack, 'Image(requirements="requirements.txt")')
    stack.deployed()
    stack.move_to("elsewhere")
    for path in stack.folder.glob("*.py"):
        path.chmod(0o600)
        os.utime(path, (1, 1))
    mask = os.umask(0o077)
    try:
        for staged in staged_contexts(stack):
            staged.rename(stack.base / staged.name)  # so that it is staged anew
        assert stack.preview().steps == {}
    finally:
        os.umask(mask)
    (context,) = staged_contexts(stack)
    assert {path.stat().st_mode & 0o777 for path in context.rglob("*") if path.is_file()} == {0o644}


def test_another_registry_gets_the_image_and_the_first_one_keeps_it(make_task: MakeTask) -> None:
    stack = make_task(IMAGE)
    stack.deployed()
    first = built_reference(stack)
    stack.configure({"flyte:registry": "localhost:5000/elsewhere"})
    assert BUILT in stack.deployed().changed
    second = built_reference(stack)
    assert second.startswith("localhost:5000/elsewhere/")
    destroyed = stack.destroy()
    assert destroyed.code == 0, destroyed.text
    assert pushed(first) is not None
    assert pushed(second) is not None


# As Flyte's own base images are: an environment at /opt/venv, to which uv is led by a variable. Its Python is another
# one than the base has besides.
FLYTES_BASE = f"""\
FROM {BASE_IMAGE}
RUN python3 -m venv /opt/venv && rm /opt/venv/bin/python && printf '#!/bin/sh\\nexit 1\\n' > /opt/venv/bin/python \\
    && chmod +x /opt/venv/bin/python && touch /opt/venv/of-the-base
ENV VIRTUALENV=/opt/venv UV_PYTHON=/opt/venv/bin/python PATH=/opt/venv/bin:$PATH
"""


def test_the_python_of_an_image_takes_the_place_of_the_bases_environment(make_task: MakeTask, cluster: Cluster) -> None:
    base = "localhost:5000/like-flytes:1"
    images.build(cluster.home, base, FLYTES_BASE, {})
    stack = make_task(f'Image(python="3.11", base="{base}", packages=["cowsay==6.1"])')
    stack.deployed()
    reference = built_reference(stack)
    check = "import cowsay, flyte, sys; assert sys.prefix == '/opt/venv' and sys.version_info[1] == 11"
    checks = f'FROM {reference}\nRUN ["python", "-c", "{check}"]\nRUN ["test", "!", "-e", "/opt/venv/of-the-base"]\n'
    images.build(cluster.home, "localhost:5000/like-flytes:checked", checks, {})
