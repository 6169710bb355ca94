"""Data: `flyteidl2.dataproxy.DataProxyService`: uploads, inputs, outputs, downloads and the logs of actions."""

from __future__ import annotations

import secrets
import time
from collections.abc import AsyncIterator

from flyteidl2.common.run_pb2 import OffloadedInputData
from flyteidl2.dataproxy import dataproxy_service_connect
from flyteidl2.dataproxy import dataproxy_service_pb2 as pb

from flyte_local.api.call import Call
from flyte_local.home import Home
from flyte_local.runs.logs import ActionLogs
from flyte_local.runs.records import Records, outputs_uri
from flyte_local.state.data_files import REPORT, path_of, read_inputs, read_outputs, uri, write_inputs
from flyte_local.state.projects import Projects
from flyte_local.tasks.containers import bundle_argument
from flyte_local.web.store_files import Signer, relative_path
from flyte_local.wire.identifiers import action_key, invalid, not_found
from flyte_local.wire.times import stamp

_DEFAULT_EXPIRY = 3600.0
_MAX_EXPIRY = 24 * 3600.0
# File systems take 255 bytes a part and 4,096 a path. The home's own path is part of the latter.
_MAX_PART = 200
_MAX_NAME = 2000


class DataProxyService(dataproxy_service_connect.DataProxyService):  # type: ignore[misc]  # generated, untyped
    """Everything is a file of this machine: native URLs are plain paths, signed ones this server's `/store/`.

    They are paths and not `file://` URIs, because Flyte's SDK passes local files to `open` as they are.
    """

    def __init__(self, home: Home, records: Records, logs: ActionLogs, projects: Projects, signer: Signer) -> None:
        self._home = home
        self._records = records
        self._logs = logs
        self._projects = projects
        self._signer = signer

    async def create_upload_location(
        self, request: pb.CreateUploadLocationRequest, ctx: Call
    ) -> pb.CreateUploadLocationResponse:
        """Announce an upload to `uploads/project/domain/<filename_root, else MD5, else random>/<filename>`."""
        self._projects.ensure(request.project, request.domain)
        root = request.filename_root or request.content_md5.hex() or secrets.token_hex(16)
        filename = request.filename or secrets.token_hex(8)
        parts = [*root.strip("/").split("/"), *filename.split("/")]
        for part in parts:
            if part in {"", ".", ".."} or part.startswith(".upload-") or "\\" in part or not part.isprintable():
                raise invalid(
                    f"filename or filename_root has the part {part!r}: use printable text without backslashes that is "
                    "neither empty, '.' nor '..', and does not begin with '.upload-'"
                )
            if len(part.encode()) > _MAX_PART:
                raise invalid(
                    f"filename or filename_root has the part {part[:32] + '…'!r} of {len(part.encode())} bytes: "
                    f"shorten it to at most {_MAX_PART}"
                )
        size = sum(len(part.encode()) + 1 for part in parts)
        if size > _MAX_NAME:
            raise invalid(
                f"filename_root and filename have {size} bytes together: shorten filename, they may have {_MAX_NAME}"
            )
        if request.content_md5 and len(request.content_md5) != 16:
            raise invalid(f"content_md5 has {len(request.content_md5)} bytes: send an MD5, which has 16")
        relative = "/".join(["store", "uploads", request.project, request.domain, *parts])
        expires = time.time() + _expiry(request.expires_in.ToNanoseconds() / 1e9)
        return pb.CreateUploadLocationResponse(
            signed_url=self._signer.upload(relative, expires, request.content_md5, max(0, request.content_length)),
            native_url=str(self._home.path / relative),
            expires_at=stamp(expires),
        )

    async def upload_inputs(self, request: pb.UploadInputsRequest, ctx: Call) -> pb.UploadInputsResponse:
        """Store inputs by content."""
        if request.WhichOneof("id") == "run_id":
            project, domain = request.run_id.project, request.run_id.domain
        else:
            project, domain = request.project_id.name, request.project_id.domain
        self._projects.ensure(project, domain)
        location, digest = write_inputs(self._home, f"{project}/{domain}", request.inputs)
        return pb.UploadInputsResponse(offloaded_input_data=OffloadedInputData(uri=location, inputs_hash=digest))

    async def create_download_link(
        self, request: pb.CreateDownloadLinkRequest, ctx: Call
    ) -> pb.CreateDownloadLinkResponse:
        """Return a link to an action's report, or to its code bundle."""
        source = request.WhichOneof("source")
        if request.artifact_type == pb.ARTIFACT_TYPE_REPORT and source == "action_attempt_id":
            key = action_key(request.action_attempt_id.action_id)
            attempt = self._records.attempt_folder(key, max(1, request.action_attempt_id.attempt))
            location = uri(attempt / REPORT)
        elif request.artifact_type == pb.ARTIFACT_TYPE_CODE_BUNDLE and source == "action_attempt_id":
            spec = self._records.spec(action_key(request.action_attempt_id.action_id))
            location = bundle_argument(spec.task_template) if spec else ""
        else:
            raise invalid(
                f"source is {source or 'not set'} and artifact_type is {request.artifact_type}: set action_attempt_id, "
                "and ARTIFACT_TYPE_REPORT or ARTIFACT_TYPE_CODE_BUNDLE"
            )
        relative = relative_path(self._home, location)
        if relative is None or not path_of(location).is_file():
            raise not_found(f"there is no such file to download: {location or 'the action has no code bundle'}")
        expires = time.time() + _expiry(request.expires_in.ToNanoseconds() / 1e9)
        urls = pb.PreSignedURLs(signed_url=[self._signer.download(relative, expires)], expires_at=stamp(expires))
        return pb.CreateDownloadLinkResponse(pre_signed_urls=urls)

    async def get_action_data(self, request: pb.GetActionDataRequest, ctx: Call) -> pb.GetActionDataResponse:
        """Return an action's inputs and, once it has succeeded, outputs."""
        details, key = self._records.existing(request.action_id), action_key(request.action_id)
        plan = self._records.plan(key)
        response = pb.GetActionDataResponse()
        if plan is not None and plan.inputs:
            response.inputs_uri = plan.inputs
            if not path_of(plan.inputs).is_file():
                raise not_found(f"the inputs of action {details.id.name!r} are no longer in this server's store")
            response.inputs.CopyFrom(read_inputs(plan.inputs))
        location = outputs_uri(details, plan.outputs if plan else "")
        if location:
            response.outputs_uri = location
            outputs = read_outputs(path_of(location))
            if outputs is not None:
                response.outputs.CopyFrom(outputs)
        return response

    async def tail_logs(self, request: pb.TailLogsRequest, ctx: Call) -> AsyncIterator[pb.TailLogsResponse]:
        """Yield the log lines of an attempt until it has ended. Raises NOT_FOUND before it has begun."""
        details, key = self._records.existing(request.action_id), action_key(request.action_id)
        attempt = request.attempt or max(1, details.status.attempts)
        if attempt > len(details.attempts):
            raise not_found(f"attempt {attempt} of action {details.id.name!r} has no logs yet")
        async for lines in self._logs.tail(key, attempt):
            yield pb.TailLogsResponse(logs=[pb.TailLogsResponse.Logs(lines=lines)])


def _expiry(requested: float) -> float:
    return min(requested, _MAX_EXPIRY) if requested > 0 else _DEFAULT_EXPIRY
