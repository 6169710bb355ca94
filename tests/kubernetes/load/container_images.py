"""The images of the app under load: two releases of the code, and one of another image with the same code."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from tests.kubernetes.cluster import images
from tests.kubernetes.cluster.home import CHECKOUT, REGISTRY, Home

_PACKAGES = "httpx aiohttp uvicorn[standard] websockets pydantic starlette PyJWT cryptography limits"
_DOCKERFILE = f"""\
FROM {images.BASE_IMAGE}
RUN python3 -m venv /venv && /venv/bin/pip install -q --no-cache-dir {_PACKAGES}
ENV PATH=/venv/bin:/usr/bin:/bin PYTHONPATH=/app PYTHONDONTWRITEBYTECODE=1 VARIANT=%s
WORKDIR /app
ADD app.tar /app/
USER 65532
CMD ["python3", "-m", "flyte_runtime", "serve", "backend:app", "--port", "8080", "--log-level", "warning"]
"""
_RUNTIME = CHECKOUT / "runtime"


def reference(release: int, variant: int = 0) -> str:
    """Return the image's name."""
    return f"{REGISTRY}/load:{variant}-{release}"


def provide(home: Home) -> None:
    """Build and push them. A minute the first time."""
    for release, variant in ((0, 0), (1, 0), (0, 1)):
        archive = home.run / f"load-{release}.tar"
        archive.write_bytes(_archive(release))
        try:
            images.build(home, reference(release, variant), _DOCKERFILE % variant, {"app.tar": archive})
        finally:
            archive.unlink()


def _archive(release: int) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for path in sorted((_RUNTIME / "flyte_runtime").rglob("*.py")):
            _add(archive, str(path.relative_to(_RUNTIME)), path.read_bytes())
        code = (Path(__file__).parent / "application.py").read_text().replace('RELEASE = "0"', f'RELEASE = "{release}"')
        _add(archive, "backend.py", code.encode())
    return content.getvalue()


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))
