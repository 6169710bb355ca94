"""Sends a delivery as GitHub does: `pulumi config get githubSecret | python deliver.py URL EVENT [DELIVERY]`."""

import hmac
import json
import sys
from uuid import uuid4

import httpx

COMMIT = uuid4().hex + "0" * 8


def main(url: str, event: str, delivery: str = "") -> None:
    secret = sys.stdin.read().strip()
    body = json.dumps({"after": delivery or COMMIT, "repository": {"full_name": "octo/hello"}}).encode()
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Delivery": delivery or str(uuid4()),
        "X-GitHub-Event": event,
        "X-Hub-Signature-256": f"sha256={hmac.digest(secret.encode(), body, 'sha256').hex()}",
    }
    reply = httpx.post(url, content=body, headers=headers, timeout=60, trust_env=False)
    print(reply.status_code, reply.text)


if __name__ == "__main__":
    main(*sys.argv[1:])
