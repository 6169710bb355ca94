"""The upload of a code bundle. Its name is a hash of its content, so the same code has one name on all machines."""

from __future__ import annotations

import hashlib
import threading
import time

from flyteidl2.dataproxy.dataproxy_service_pb2 import CreateUploadLocationRequest, CreateUploadLocationResponse
from pulumi_flyte.errors import reason_of
from pulumi_flyte.source import staging

from pulumi_flyte_provider.errors import AlreadyExistsError, BundleError
from pulumi_flyte_provider.flyte_api.connection import ATTEMPTS, Connection
from pulumi_flyte_provider.flyte_api.identifiers import Scoped

UPLOAD_TIMEOUT = 300.0
# The answers of a busy object store, after which the upload is tried again.
_TEMPORARY = frozenset({429, 500, 502, 503, 504})
_uploaded: dict[tuple[str, str, str, str], str] = {}
_lock = threading.Lock()


def upload(connection: Connection, scope: Scoped, digest: str) -> str:
    """Upload a staged bundle, once per process, and return its native URL, the value of `{{bundle}}`.

    Raise BundleError if the bundle is not staged on this machine, or if its upload fails.
    """
    key = (connection.config.endpoint, scope.project, scope.domain, digest)
    with _lock:
        uploaded = _uploaded.get(key)
    if uploaded is not None:
        return uploaded
    path = staging.bundle_path(digest)
    if path is None:
        raise BundleError(
            f"the code bundle {digest[:12]} is not staged on this machine (looked in {staging.cache() / 'bundles'}):"
            " run the program that declares it here; components stage it"
        )
    content = path.read_bytes()
    checksum = hashlib.md5(content, usedforsecurity=False)
    request = CreateUploadLocationRequest(
        project=scope.project,
        domain=scope.domain,
        org=scope.org,
        filename=f"{digest}.tgz",
        filename_root=digest,
        content_md5=checksum.digest(),
        content_length=len(content),
        add_content_md5_metadata=True,
    )
    location = _location(connection, request, checksum.hexdigest())
    _put(location.signed_url, content, dict(location.headers), digest)
    with _lock:
        _uploaded[key] = str(location.native_url)
        return _uploaded[key]


def _location(
    connection: Connection, request: CreateUploadLocationRequest, checksum: str
) -> CreateUploadLocationResponse:
    create, what = connection.data.create_upload_location, f"uploading the code bundle {request.filename_root[:12]}"
    try:
        return connection.call(create, request, what=what)
    except AlreadyExistsError:
        # The digest is that of the files. On another machine they may be compressed to other bytes, and Flyte OSS does
        # not allow to overwrite a file with other bytes (flyteorg/flyte `dataproxy_service.go`).
        request.filename_root = f"{request.filename_root}-{checksum}"
        return connection.call(create, request, what=what)


def _put(url: str, content: bytes, headers: dict[str, str], digest: str) -> None:
    import httpx

    # Flyte OSS returns the length of the checksum as Content-Length (flyteorg/stow `s3/container.go`). It is not
    # signed.
    signed = {name: value for name, value in headers.items() if name.lower() != "content-length"}
    for attempt in range(1, ATTEMPTS + 1):
        try:
            answer = httpx.put(url, content=content, headers=signed, timeout=UPLOAD_TIMEOUT)
        except httpx.HTTPError as error:
            reason = f"{httpx.URL(url).host} cannot be reached: {reason_of(error)}"
        else:
            if answer.is_success:
                return
            reason = f"the store answered HTTP {answer.status_code}"
            if answer.status_code not in _TEMPORARY:
                break
        if attempt < ATTEMPTS:
            time.sleep(0.2 * attempt)
    raise BundleError(f"uploading the code bundle {digest[:12]} failed: {reason}")
