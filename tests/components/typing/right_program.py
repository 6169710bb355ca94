"""A program that gives every argument in every form that it may have: mapping, frozen value, Output and plain value.

Type checkers read it, and a test runs it on Pulumi's mock monitor.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pulumi
from pulumi_flyte import (
    App,
    AppDomain,
    AppEndpoint,
    Cluster,
    ConsoleLink,
    Discovered,
    Environment,
    Health,
    Image,
    Kubernetes,
    Link,
    Provider,
    Resources,
    Scaling,
    Secret,
    Task,
    TaskInterface,
    TaskRef,
    Timeouts,
    Toleration,
    Trigger,
    discover,
)
from pulumi_flyte import local as local_platform


def environments() -> list[Environment]:
    """Declare one in every form."""
    text = pulumi.Output.from_input("text")
    return [
        Environment("shop", platform="local", project="p", domain="staging", org="acme"),
        Environment("other", insecure=True, local_port=9000, python="python3", image="web:1", service_account="a"),
        Environment("flyte", platform="flyte", endpoint="dns:///flyte.example.com", image=text, env={"A": text}),
        Environment("described", image=Image(packages=["httpx"]), resources=Resources(cpu="500m"), env={"A": "1"}),
        Environment("cluster", cluster=Cluster(ingress_host="{app}.example.com"), kubernetes=Kubernetes(spread=False)),
        Environment(
            "clusters",
            in_cluster_endpoint="http://flyte.flyte.svc:8089",
            namespace="shop",
            registry="ghcr.io/acme",
            base_image="python:3.13-slim",
            builder="remote",
            cluster={
                "create_namespace": False,
                "pod_security": "baseline",
                "gateway": "gateways/public",
                "route_annotations": {"example.com/owner": text},
                "egress": "declared",
                "egress_cidrs": ["10.20.0.0/16"],
                "task_namespace": "flyte",
            },
            kubernetes={"max_surge": "25%", "min_available": 1, "labels": {"team": "search"}},
        ),
        Environment("mapped", image={"packages": ["httpx"]}, resources={"cpu": 1}, opts=pulumi.ResourceOptions()),
    ]


def secrets(environment: Environment) -> Mapping[str, Secret]:
    """Declare secrets whose value is plain, an Output, and kept by somebody else."""
    return {
        "PLAIN": Secret("plain", environment=environment, value="v", name="stored", adopt=True),
        "LATER": Secret("later", environment=environment, value=pulumi.Output.secret("v")),
        "CONFIGURED": Secret("configured", environment=environment, value=pulumi.Config("shop").require_secret("key")),
        "EXISTING": Secret("existing", environment=environment, existing=True, opts=pulumi.ResourceOptions()),
        "ENTRY": Secret("database", environment=environment, existing=True, entry="password"),
    }


def images(environment: Environment) -> None:
    """Declare an app with each form of an image."""
    App("uri", environment=environment, image="web:1")
    App("later", environment=environment, image=pulumi.Output.concat("web:", "1"))
    App("packages", environment=environment, command=["go"], image=Image(python="3.12", packages=("a", "b>=1")))
    App("files", environment=environment, command=["go"], image=Image(apt=["ffmpeg"], python="3.12"))
    App("dockerfile", environment=environment, command=["go"], image=Image(dockerfile="Dockerfile"))
    App("mapping", environment=environment, command=["go"], image={"python": "3.12", "packages": ["a"], "apt": ["b"]})
    App(
        "based",
        environment=environment,
        command=["go"],
        image=Image(base="python:3.13-slim", platforms=["linux/arm64"]),
    )


def resources(environment: Environment) -> None:
    """Declare an app with each form of `resources`."""
    App("words", environment=environment, image="i:1", resources={"cpu": "500m", "memory": "1Gi", "disk": "1Gi"})
    App("numbers", environment=environment, image="i:1", resources={"cpu": 1.5, "memory": 1073741824, "gpu": 1})
    App("pairs", environment=environment, image="i:1", resources={"cpu": ("500m", 2), "memory": ("1Gi", "2Gi")})
    App("devices", environment=environment, image="i:1", resources={"gpu": "T4:1", "shm": "64Mi"})
    App("frozen", environment=environment, image="i:1", resources=Resources(cpu=("500m", 2), gpu="A100 80G:2"))


def scaling(environment: Environment) -> None:
    """Declare an app with each form of `scaling`."""
    App("fixed", environment=environment, image="i:1", scaling={"replicas": 2})
    App("range", environment=environment, image="i:1", scaling={"replicas": (0, 3), "concurrency": 10})
    App("rate", environment=environment, image="i:1", scaling={"request_rate": 5, "scaledown_after": 60.5})
    App("idle", environment=environment, image="i:1", scaling={"scaledown_after": timedelta(minutes=5)})
    App("scaled", environment=environment, image="i:1", scaling=Scaling(replicas=(1, 3), request_rate=5))


def serving(environment: Environment) -> None:
    """Declare an app with each form of what is about its requests."""
    App("path", environment=environment, image="i:1", health="/up", timeouts={"request": 300})
    App("slow", environment=environment, image="i:1", health={"path": "/up", "timeout": 120}, timeouts=300)
    App("span", environment=environment, image="i:1", health={"path": "/up", "timeout": timedelta(minutes=2)})
    App("minutes", environment=environment, image="i:1", timeouts={"request": timedelta(minutes=2)})
    App("limit", environment=environment, image="i:1", timeouts=timedelta(minutes=2))
    App("values", environment=environment, image="i:1", health=Health(path="/up"), timeouts=Timeouts(request=300))
    App("subdomain", environment=environment, image="i:1", domain={"subdomain": "shop"}, requires_auth=False)
    App("custom", environment=environment, image="i:1", domain={"custom_domain": "shop.example.com"})
    App("domains", environment=environment, image="i:1", domain=AppDomain(subdomain="shop"))
    App(
        "linked",
        environment=environment,
        image="i:1",
        console_links=[{"path": "/docs", "title": "API", "is_relative": True}, ConsoleLink(path="/metrics")],
    )


def edges(environment: Environment, keys: Mapping[str, Secret]) -> App:
    """Declare an app and a task with each form of `inputs` and `secrets`."""
    back = App("back", environment=environment, image="i:1", requires_auth=True, auth_rotation="2026-01")
    job = Task("callee", environment=environment, image="i:1", command=["go"], interface={"inputs": {}})
    web = App(
        "web",
        environment=environment,
        image="i:1",
        inputs={
            "app": back,
            "task": job,
            "text": "https://example.com",
            "text_later": pulumi.Output.from_input("https://example.com"),
            "app_link": Link(back, timeout=2.5, retries=3),
            "task_link": Link(job, timeout=60),
            "by_name": AppEndpoint("other"),
            "elsewhere": AppEndpoint("other", project="q", domain="staging"),
            "task_by_name": TaskRef("other", version="v1", project="q", domain="staging"),
            "link_by_name": Link(AppEndpoint("other"), retries=1),
            "app_mapping": {"app": "other", "project": "q", "domain": "staging"},
            "task_mapping": {"task": "other", "version": "v1"},
            "link_mapping": {"to": {"app": "other"}, "timeout": 3, "retries": 1},
            "link_output": job.link,
            "link_of_output": Link(job.link, timeout=3),
        },
        secrets={**keys, "OUTPUT": keys["PLAIN"].link},
    )
    workloads = {"web": web, "job": job}
    Task(
        "caller",
        environment=environment,
        image="i:1",
        command=["go"],
        interface={"inputs": {}},
        inputs={"web": web, "job": job, "name": AppEndpoint("other")},
        secrets=keys,
    )
    App("mixed", environment=environment, image="i:1", inputs=workloads)
    return web


def the_rest_of_an_app(environment: Environment) -> None:
    """Declare an app with everything else."""
    App(
        "rest",
        environment=environment,
        image="i:1",
        command=["nginx", pulumi.Output.from_input("-g")],
        args=("daemon off;", pulumi.Output.from_input("x")),
        port=9000,
        env={"A": "1", "B": pulumi.Output.from_input("2")},
        service_account="runner",
        public=True,
        kubernetes={
            "run_as_user": 1000,
            "writable": ["/tmp", "/var/cache"],
            "annotations": {"example.com/owner": pulumi.Output.from_input("search")},
            "tolerations": [{"key": "gpu", "operator": "Exists"}, Toleration(key="spot", value="yes", seconds=60)],
            "image_pull_secrets": ["registry"],
        },
        description="The rest.",
        active=True,
        adopt=False,
        name="rest-of-it",
        opts=pulumi.ResourceOptions(depends_on=[environment]),
    )


def tasks(environment: Environment) -> None:
    """Declare a task with everything, and with each form of what has several."""
    Task(
        "full",
        environment=environment,
        image=Image(packages=["httpx"]),
        command=["go", pulumi.Output.from_input("--fast")],
        interface={"inputs": {"text": "str", "times": "int"}, "outputs": {"count": "int"}},
        env={"A": "1"},
        resources={"cpu": 1},
        retries=3,
        timeout=90,
        cache=True,
        triggers={
            "cron": {"cron": "0 2 * * *", "timezone": "Europe/Zurich", "inputs": {"text": "cat", "times": 2}},
            "interval": {"interval_minutes": 30, "inputs": {"text": "cat", "times": 2}, "active": False},
            "frozen": Trigger(cron="0 2 * * *", inputs={"text": "cat", "times": 2}, description="At night."),
        },
        description="Everything.",
        adopt=False,
        name="tasks.full",
        opts=pulumi.ResourceOptions(),
    )
    Task(
        "forms",
        environment=environment,
        image="i:1",
        command=["go"],
        interface=TaskInterface(outputs={"count": "int"}),
        resources=Resources(memory="1Gi"),
        timeout=timedelta(minutes=2),
        cache="v2",
        triggers={"text": "0 2 * * *", "span": timedelta(minutes=30)},
    )


def sources(environment: Environment) -> Discovered:
    """Declare what is in files, and existing Flyte code."""
    App("asgi", environment=environment, source="pages.py:app", include=["shop.py"])
    Task("count-again", environment=Environment("again", project="again"), source="shop.py:count", include=("*.py",))
    return discover(
        "shop.py",
        environment=environment,
        secrets={"api-key": pulumi.Output.secret("v")},
        overrides={
            "front": {"scaling": {"replicas": (1, 3)}, "env": {"A": "1"}, "opts": pulumi.ResourceOptions()},
            "words.count": {"retries": 3, "timeout": 60},
        },
        prefix="found-",
        adopt=True,
    )


def outputs(web: App, found: Discovered) -> dict[str, pulumi.Output[str]]:
    """Return outputs with the types that a program relies on."""
    job, key = found.tasks["words.count"], found.secrets["api-key"]
    return {
        "endpoint": web.endpoint,
        "public": web.public_endpoint,
        "console": web.console_url,
        "version": web.version,
        "task": pulumi.Output.concat(job.name, "@", job.version, " ", job.console_url),
        "key": key.version.apply(lambda version: str(version)),
    }


def declare() -> dict[str, pulumi.Output[str]]:
    """Declare all of it."""
    environment = environments()[0]
    Provider(
        "mine",
        platform="flyte",
        endpoint=pulumi.Output.from_input("dns:///flyte.example.com"),
        insecure=True,
        project="p",
        domain="staging",
        org="acme",
        api_key=pulumi.Output.secret("v"),
        base_domain="example.com",
        scheme="https",
        namespace="apps",
        local_port=9000,
        local_home="/srv/flyte",
        opts=pulumi.ResourceOptions(),
    )
    local_platform.Server("server", port=9001)
    keys = secrets(environment)
    images(environment)
    resources(environment)
    scaling(environment)
    serving(environment)
    the_rest_of_an_app(environment)
    tasks(environment)
    return outputs(edges(environment, keys), sources(environment))
