"""Programs with one mistake each, which type checkers and the components have to find.

Each is the prelude, which is right, and one wrong line. The subject of most lines is one argument (`App.port`), one key
of a mapping (`ScalingDict.replicas`), or an unknown key of a mapping (`ScalingDict`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PRELUDE = """\
import pulumi
from pulumi_flyte import App, AppEndpoint, Cluster, Environment, Image, Kubernetes, Link, Provider
from pulumi_flyte import Secret, StackLink, Task, TaskRef, discover

env = Environment("shop")
key = Secret("key", environment=env, value="a value")
web = App("web", environment=env, image="web:1")
job = Task("job", environment=env, image="job:1", command=["go"], interface={"inputs": {}})
"""
SHOP = """\
import flyte
from flyte.app import AppEnvironment

words = flyte.TaskEnvironment(name="words", image="words:1", secrets=[flyte.Secret(key="api-key", as_env_var="K")])
web = AppEnvironment(name="front", image="web:1", command=["go"])

@words.task
def count(text: str) -> int:
    return len(text)
"""

# A `@` is where the wrong part goes.
_APP = 'App("bad", environment=env, image="web:1", @)'
_TASK = 'Task("bad", environment=env, image="job:1", command=["go"], interface={"inputs": {}}, @)'
_EDGE = 'App("bad", environment=env, image="web:1", inputs={"a": @})'
_IMAGE = 'App("bad", environment=env, command=["go"], image=@)'
_DISCOVER = 'discover("shop.py", environment=env, @)'
_LATER = 'pulumi.Output.from_input("x")'
_NO_PLAIN_VALUE = "this is an Output, and a plain value is needed"


@dataclass(frozen=True)
class WrongProgram:
    """One mistake.

    subject: the argument, the key or the mapping that it is about, if it is about one.
    message: how a line of the component's error begins; None if no component sees the mistake.
    """

    line: str
    subject: str = ""
    message: str | None = None

    @property
    def source(self) -> str:
        """The whole program; the mistake is in its last line."""
        return f"{PRELUDE}{self.line}\n"


def _each(template: str, owner: str, mistakes: Mapping[str, tuple[str, str | None]]) -> tuple[WrongProgram, ...]:
    """Return a program for each mistake: the wrong text and the message by the name of the argument or key."""
    return tuple(
        WrongProgram(template.replace("@", text), f"{owner}.{name}", message)
        for name, (text, message) in mistakes.items()
    )


# No type checker found these before the arguments had types.
_EARLY = (
    WrongProgram('App("bad", environment=3, image="web:1")', "App.environment", "environment: required"),
    WrongProgram(_APP.replace("@", 'scaling={"replcas": 3}'), "ScalingDict", "scaling.replcas: unknown scaling"),
    WrongProgram(_APP.replace("@", 'resources={"gpus": object()}'), "ResourcesDict", "resources.gpus: unknown"),
    WrongProgram(_EDGE.replace("@", "object()"), "App.inputs", "inputs.a: expected an App, a Task"),
    WrongProgram(_APP.replace("@", 'secrets={"K": 5}'), "App.secrets", "secrets.K: expected a Secret or"),
    WrongProgram(_APP.replace("@", 'health={"pth": "/"}'), "HealthDict", "health"),
    WrongProgram(
        _TASK.replace("@", 'triggers={"n": 5}'), "Task.triggers", "triggers.n: expected a cron expression such as"
    ),
    WrongProgram(_EDGE.replace("@", 'Link("not an app")'), "Link.to", "inputs.a: a Link has options for an edge"),
)
# What a new user got wrong in a first hour.
_NEW_USER = (
    WrongProgram('Environment("bad", platfrom="local")', message="platfrom: unknown argument: did you mean 'platform'"),
    WrongProgram('Secret("bad", environment=env, value=12)', "Secret.value", "value: expected a string"),
    WrongProgram(_TASK.replace("@", 'trigger={"n": "0 2 * * *"}'), message="trigger: unknown argument: did you mean"),
    WrongProgram(
        _TASK.replace("@", 'triggers={"n": 5.5}'), "Task.triggers", "triggers.n: expected a cron expression such as"
    ),
    WrongProgram('App("bad", environment="shop", image="web:1")', "App.environment", "environment: required"),
    WrongProgram(_APP.replace("@", "inputs=[job]"), "App.inputs", "inputs: expected a mapping, such as"),
    WrongProgram(_EDGE.replace("@", "5"), "App.inputs", "inputs.a: expected an App, a Task"),
    WrongProgram(_APP.replace("@", 'secrets={"K": "literal"}'), "App.secrets", "secrets.K: expected a Secret or"),
    WrongProgram(_APP.replace("@", 'resources={"cpus": "1"}'), "ResourcesDict", "resources.cpus: unknown resource"),
    WrongProgram(_APP.replace("@", 'scaling={"replica": 3}'), "ScalingDict", "scaling.replica: unknown scaling"),
    WrongProgram(_APP.replace("@", 'scaling={"replicas": "3"}'), "ScalingDict.replicas", "scaling.replicas: replicas"),
    WrongProgram(_APP.replace("@", 'health={"path": "/x", "timeouts": 3}'), "HealthDict", "health"),
    WrongProgram('App("bad", env, image="web:1")', "App.environment", "arguments: all but the name are given by"),
    WrongProgram(
        _EDGE.replace("@", 'Link(web, timeout="5s")'), "Link.timeout", "inputs.a.timeout: expected a positive"
    ),
    WrongProgram(_APP.replace("@", 'port="8080"'), "App.port", "port: expected a number"),
    WrongProgram('pulumi.export("x", web.public_endpont)'),
    WrongProgram(_IMAGE.replace("@", '{"package": ["x"]}'), "ImageDict", "image.package: unknown setting"),
    WrongProgram(_APP.replace("@", 'env={"A": 80}'), "App.env", "env.A: a variable's value is a string"),
)
_OF_APP = (
    WrongProgram('App(3, environment=env, image="web:1")', "App.resource_name", "name: the first argument is the"),
    WrongProgram('App("bad", image="web:1")', "App.environment", "environment: required"),
    WrongProgram(_IMAGE.replace("@", "3"), "App.image", "image: expected the URI of an image"),
    *_each(
        _APP,
        "App",
        {
            "source": ("source=5", 'source: expected a string "file.py:attribute"'),
            "command": ("command=[1]", "command: expected a list of strings"),
            "args": ("args=[2]", "args: expected a list of strings"),
            "port": (f"port={_LATER}", f"port: {_NO_PLAIN_VALUE}"),
            "inputs": ('inputs={"key": key}', "inputs.key: a Secret goes into secrets="),
            "secrets": ('secrets={"K": web}', "secrets.K: expected a Secret or"),
            "env": ('env=["A=1"]', "env: expected a mapping"),
            "resources": ('resources="1"', "resources: expected a mapping"),
            "scaling": ("scaling=3", "scaling: expected a mapping"),
            "health": ("health=3", "health: expected a path such as"),
            "timeouts": ('timeouts="300"', "timeouts"),
            "requires_auth": ('requires_auth="yes"', "requires_auth: expected True or False"),
            "auth_rotation": ("requires_auth=True, auth_rotation=1", "auth_rotation: expected a plain string"),
            "domain": ('domain="shop"', "domain: expected a mapping with some of subdomain"),
            "public": ('public="yes"', "public: expected True or False"),
            "kubernetes": ('kubernetes="default"', "kubernetes: expected a mapping such as"),
            "console_links": ('console_links=["/docs"]', "console_links.0: expected a mapping with some of path"),
            "include": ("include=[1]", "include"),
            "service_account": ("service_account=3", "service_account: expected a plain string"),
            "description": (f"description={_LATER}", f"description: {_NO_PLAIN_VALUE}"),
            "active": ('active="no"', "active: expected True or False"),
            "adopt": ('adopt="yes"', "adopt: expected True or False"),
            "name": ("name=3", "name: expected a plain string"),
            "opts": ('opts={"parent": env}', "opts: expected a pulumi.ResourceOptions"),
        },
    ),
)
_OF_TASK = (
    WrongProgram('Task(["bad"], environment=env, source="jobs.py:go")', "Task.resource_name", "name: the first"),
    WrongProgram('Task("bad", environment=web, source="jobs.py:go")', "Task.environment", "environment: required"),
    WrongProgram(
        'Task("bad", environment=env, source=job)', "Task.source", 'source: expected a string "file.py:attribute"'
    ),
    *_each(
        'Task("bad", environment=env, @)',
        "Task",
        {
            "image": ('image=["x"], command=["go"], interface={"inputs": {}}', "image: expected the URI of an image"),
            "command": ('image="x:1", command=[1], interface={"inputs": {}}', "command: expected a list of strings"),
            "interface": ('image="x:1", command=["go"], interface="int"', "interface"),
        },
    ),
    *_each(
        _TASK,
        "Task",
        {
            "inputs": ('inputs={"it": env}', "inputs.it: expected an App, a Task"),
            "secrets": ('secrets={"K": job}', "secrets.K: expected a Secret or"),
            "env": ('env={"A": ["1"]}', "env.A: a variable's value is a string"),
            "resources": ("resources=[1]", "resources: expected a mapping"),
            "retries": ('retries="3"', "retries: expected a whole number between 0 and 100"),
            "timeout": ('timeout="5m"', "timeout: expected a positive number"),
            "cache": ('cache=["v1"]', "cache: expected True, False or a cache version"),
            "triggers": ('triggers="0 2 * * *"', "triggers: expected a mapping from name to cron expression"),
            "include": ("include=[3]", "include"),
            "description": ("description=3", "description: expected a plain string"),
            "adopt": ("adopt=1.5", "adopt: expected True or False"),
            "name": (f"name={_LATER}", f"name: {_NO_PLAIN_VALUE}"),
            "opts": ("opts=env", "opts: expected a pulumi.ResourceOptions"),
        },
    ),
)
_OF_SECRET = (
    WrongProgram('Secret(7, environment=env, value="v")', "Secret.resource_name", "name: the first argument is the"),
    WrongProgram('Secret("bad", environment="env", value="v")', "Secret.environment", "environment: required"),
    *_each(
        'Secret("bad", environment=env, @)',
        "Secret",
        {
            "value": ('value=["v"]', "value: expected a string"),
            "existing": ('existing="yes"', "existing: expected True or False"),
            "entry": ("existing=True, entry=3", "entry: expected a plain string"),
            "adopt": ('value="v", adopt="yes"', "adopt: expected True or False"),
            "name": ('value="v", name=3', "name: expected a plain string"),
            "opts": ('value="v", opts="parent"', "opts: expected a pulumi.ResourceOptions"),
        },
    ),
)
_OF_ENVIRONMENT = (
    WrongProgram("Environment(3)", "Environment.resource_name", "name: the first argument is the Pulumi name"),
    *_each(
        'Environment("bad", @)',
        "Environment",
        {
            "platform": ("platform=3", "platform: expected a plain string"),
            "project": (f"project={_LATER}", f"project: {_NO_PLAIN_VALUE}"),
            "domain": ('domain=["staging"]', "domain: expected a plain string"),
            "org": ("org=3", "org: expected a plain string"),
            "endpoint": ('platform="flyte", endpoint=3', "endpoint: expected a plain string"),
            "insecure": ('insecure="yes"', "insecure: expected True or False"),
            "local_port": ('local_port="8480"', "local_port: expected a port"),
            "in_cluster_endpoint": ("in_cluster_endpoint=3", "in_cluster_endpoint: expected a plain string"),
            "namespace": (f"namespace={_LATER}", f"namespace: {_NO_PLAIN_VALUE}"),
            "python": ("python=3.12", "python: expected a plain string"),
            "image": ('image=["web:1"]', "image: expected the URI of an image"),
            "registry": ('registry=["ghcr.io"]', "registry: expected a plain string"),
            "base_image": ("base_image=3", "base_image: expected a plain string"),
            "builder": ("builder=True", "builder: expected a plain string"),
            "env": ('env={"A": 1}', "env.A: a variable's value is a string"),
            "resources": ('resources="small"', "resources: expected a mapping"),
            "service_account": ('service_account=["a"]', "service_account: expected a plain string"),
            "cluster": ('cluster="mine"', "cluster: expected a mapping such as"),
            "kubernetes": ("kubernetes=[1]", "kubernetes: expected a mapping such as"),
            "opts": ('opts={"parent": env}', "opts: expected a pulumi.ResourceOptions"),
        },
    ),
)
_OF_PROVIDER = (
    WrongProgram("Provider(3)", "Provider.resource_name"),
    *_each(
        'Provider("bad", @)',
        "Provider",
        {
            "platform": ("platform=3", None),
            "endpoint": ('endpoint=["x"]', None),
            "insecure": ('insecure="yes"', None),
            "project": ("project=3", None),
            "domain": ("domain=3", None),
            "org": ("org=3", None),
            "api_key": ("api_key=3", None),
            "base_domain": ("base_domain=3", None),
            "console_url": ("console_url=3", None),
            "scheme": ("scheme=3", None),
            "namespace": ("namespace=3", None),
            "local_port": ('local_port="8480"', None),
            "local_home": ("local_home=3", None),
            "opts": ("opts=3", None),
        },
    ),
)
_OF_DISCOVER = (
    WrongProgram("discover(3, environment=env)", "discover.source", 'source: expected a string: "file.py"'),
    WrongProgram('discover("shop.py", environment="shop")', "discover.environment", "environment: required"),
    *_each(
        _DISCOVER,
        "discover",
        {
            "secrets": ('secrets={"api-key": 5}', "secrets.api-key"),
            "overrides": ('overrides={"front": {"scaling": {"replica": 1}}}', "front.scaling.replica: unknown scaling"),
            "prefix": ("prefix=3", "prefix: expected a string with which the Pulumi names begin"),
            "adopt": ('adopt="yes"', "adopt: expected True or False"),
        },
    ),
    WrongProgram(
        _DISCOVER.replace("@", 'overrides={"front": {"prot": 1}}'),
        "AppOverrides",
        "front.prot: unknown argument: did you mean",
    ),
    WrongProgram(
        _DISCOVER.replace("@", 'overrides={"words.count": {"retrys": 1}}'),
        "TaskOverrides",
        "words.count.retrys: unknown",
    ),
    WrongProgram('discover("shop.py", environment=env).apps.front'),
)
_OF_VALUES = (
    *_each(
        _IMAGE,
        "Image",
        {
            "python": ("Image(python=3.12)", "image.python: expected a version of Python"),
            "packages": ("Image(packages=[1])", "image.packages.0: expected the name of a package"),
            "requirements": ('Image(requirements=["a.txt"])', "image.requirements: expected the path of a file"),
            "apt": ("Image(apt=[1])", "image.apt.0: expected the name of a package"),
            "dockerfile": ("Image(dockerfile=3)", "image.dockerfile: expected the path of a file"),
            "base": ("Image(base=3)", "image.base: expected the URI of an image"),
            "platforms": (
                'Image(base="python:3", platforms="linux/arm64", apt=[3])',
                "image.platforms: expected a list such as",
            ),
        },
    ),
    WrongProgram('Image(package=["httpx"])'),
    WrongProgram("Link(web, timout=3)"),
    *_each(
        _EDGE,
        "Link",
        {
            "to": ("Link(key)", "inputs.a: a Secret goes into secrets="),
            "retries": ('Link(web, retries="2")', "inputs.a.retries: expected a whole number between 0 and 10"),
        },
    ),
    *_each(
        _EDGE,
        "AppEndpoint",
        {
            "name": ("AppEndpoint(3)", "inputs.a.name: expected a plain string"),
            "project": ('AppEndpoint("b", project=3)', "inputs.a.project: expected a plain string"),
            "domain": ('AppEndpoint("b", domain=3)', "inputs.a.domain: expected a plain string"),
        },
    ),
    *_each(
        _EDGE,
        "StackLink",
        {
            "stack": ('StackLink(3, "api")', "inputs.a.stack: expected a plain string"),
            "output": ('StackLink("acme/shop/dev", 3)', "inputs.a.output: expected a plain string"),
            "project": ('StackLink("acme/shop/dev", "api", project=3)', "inputs.a.project: expected a plain string"),
            "domain": ('StackLink("acme/shop/dev", "api", domain=3)', "inputs.a.domain: expected a plain string"),
        },
    ),
    *_each(
        _EDGE,
        "TaskRef",
        {
            "name": ("TaskRef(3)", "inputs.a.name: expected a plain string"),
            "version": ('TaskRef("b", version=["v1"])', "inputs.a.version: expected a string"),
            "project": ('TaskRef("b", project=3)', "inputs.a.project: expected a plain string"),
            "domain": ('TaskRef("b", domain=3)', "inputs.a.domain: expected a plain string"),
        },
    ),
)
_OF_MAPPINGS = (
    *_each(
        _IMAGE,
        "ImageDict",
        {
            "python": ('{"python": 3.12}', "image.python: expected a version of Python"),
            "packages": ('{"packages": [1]}', "image.packages.0: expected the name of a package"),
            "requirements": ('{"requirements": ["a.txt"]}', "image.requirements: expected the path of a file"),
            "apt": ('{"apt": [1]}', "image.apt.0: expected the name of a package"),
            "dockerfile": ('{"dockerfile": 3}', "image.dockerfile: expected the path of a file"),
            "base": ('{"base": 3}', "image.base: expected the URI of an image"),
            "platforms": ('{"apt": ["a"], "platforms": [3]}', "image.platforms.0: expected an operating system"),
        },
    ),
    *_each(
        _APP,
        "ResourcesDict",
        {
            "cpu": ('resources={"cpu": ["1", "2", None]}', "resources.cpu"),
            "memory": ('resources={"memory": {"limit": "1Gi"}}', "resources.memory: not a quantity"),
            "disk": ('resources={"disk": ("1Gi", "2Gi", "3Gi")}', "resources.disk: give one quantity, or a pair"),
            "gpu": ('resources={"gpu": 1.5}', "resources.gpu: not a GPU"),
            "shm": ('resources={"shm": ("1Gi", "2Gi")}', "resources.shm: not a quantity"),
        },
    ),
    *_each(
        _APP,
        "ScalingDict",
        {
            "replicas": ('scaling={"replicas": (0, 1, 2)}', "scaling.replicas: replicas are a number, or a pair"),
            "concurrency": ('scaling={"concurrency": "10"}', "scaling.concurrency: expected a whole number"),
            "request_rate": ('scaling={"request_rate": 1.5}', "scaling.request_rate: expected a whole number"),
            "scaledown_after": (
                'scaling={"scaledown_after": "5m"}',
                "scaling.scaledown_after: expected a positive number",
            ),
        },
    ),
    *_each(
        _APP,
        "HealthDict",
        {
            "path": ('health={"path": 3}', "health.path: a path starts with '/'"),
            "timeout": ('health={"path": "/up", "timeout": "1m"}', "health.timeout: expected a positive"),
        },
    ),
    *_each(
        _APP,
        "TimeoutsDict",
        {"request": ('timeouts={"request": "300"}', "timeouts.request: expected a positive number")},
    ),
    WrongProgram(_APP.replace("@", 'timeouts={"requests": 3}'), "TimeoutsDict", "timeouts.requests: unknown timeout"),
    WrongProgram(_APP.replace("@", 'domain={"sub": "shop"}'), "AppDomainDict", "domain.sub: unknown setting"),
    *_each(
        _APP,
        "AppDomainDict",
        {
            "subdomain": ('domain={"subdomain": 3}', "domain.subdomain: expected a plain string"),
            "custom_domain": (
                'domain={"custom_domain": ["a.example.com"]}',
                "domain.custom_domain: expected a plain string",
            ),
        },
    ),
    WrongProgram(
        _APP.replace("@", 'console_links=[{"path": "/", "titel": "API"}]'), "ConsoleLinkDict", "console_links.0.titel"
    ),
    *_each(
        _APP,
        "ConsoleLinkDict",
        {
            "path": ('console_links=[{"path": 3}]', "console_links.0.path: expected a plain string"),
            "title": ('console_links=[{"path": "/docs", "title": 3}]', "console_links.0.title: expected a plain"),
            "is_relative": ('console_links=[{"path": "/docs", "is_relative": "no"}]', "console_links.0.is_relative: "),
        },
    ),
    *_each(
        'Task("bad", environment=env, image="x:1", command=["go"], interface=@)',
        "TaskInterfaceDict",
        {
            "inputs": ('{"inputs": ["text"]}', "interface.inputs"),
            "outputs": ('{"inputs": {}, "outputs": {"n": 5}}', "interface.outputs.n"),
        },
    ),
    WrongProgram(
        'Task("bad", environment=env, image="x:1", command=["go"], interface={"input": {}})',
        "TaskInterfaceDict",
        "interface.input",
    ),
    WrongProgram(
        _TASK.replace("@", 'triggers={"n": {"crno": "0 2 * * *", "interval_minutes": 5}}'),
        "TriggerDict",
        "triggers.n.crno: unknown setting",
    ),
    *_each(
        _TASK,
        "TriggerDict",
        {
            "cron": ('triggers={"n": {"cron": 5}}', "triggers.n.cron: expected a cron expression as text"),
            "timezone": (
                'triggers={"n": {"cron": "0 2 * * *", "timezone": 2}}',
                "triggers.n.timezone: not a time zone",
            ),
            "interval_minutes": (
                'triggers={"n": {"interval_minutes": "5"}}',
                "triggers.n.interval_minutes: expected a whole",
            ),
            "inputs": (
                'triggers={"n": {"cron": "0 2 * * *", "inputs": ["a"]}}',
                "triggers.n.inputs: expected a mapping from",
            ),
            "active": (
                'triggers={"n": {"cron": "0 2 * * *", "active": "no"}}',
                "triggers.n.active: expected True or False",
            ),
            "description": ('triggers={"n": {"cron": "0 2 * * *", "description": 3}}', "triggers.n.description: "),
        },
    ),
    WrongProgram(_EDGE.replace("@", '{"to": web, "timout": 3}'), "LinkDict", "inputs.a"),
    *_each(
        _EDGE,
        "LinkDict",
        {
            "to": ('{"to": 3}', "inputs.a"),
            "timeout": ('{"to": web, "timeout": "3s"}', "inputs.a.timeout: expected a positive number"),
            "retries": ('{"to": web, "retries": "3"}', "inputs.a.retries: expected a whole number between 0 and 10"),
        },
    ),
    WrongProgram(_EDGE.replace("@", '{"app": "b", "projct": "p"}'), "AppEndpointDict", "inputs.a"),
    *_each(
        _EDGE,
        "AppEndpointDict",
        {
            "app": ('{"app": 3}', "inputs.a.name: expected a plain string"),
            "project": ('{"app": "b", "project": 3}', "inputs.a.project: expected a plain string"),
            "domain": ('{"app": "b", "domain": 3}', "inputs.a.domain: expected a plain string"),
        },
    ),
    WrongProgram(_EDGE.replace("@", '{"stack": "acme/shop/dev", "outptu": "api"}'), "StackLinkDict", "inputs.a"),
    *_each(
        _EDGE,
        "StackLinkDict",
        {
            "stack": ('{"stack": 3, "output": "api"}', "inputs.a.stack: expected a plain string"),
            "output": ('{"stack": "acme/shop/dev", "output": 3}', "inputs.a.output: expected a plain string"),
            "project": (
                '{"stack": "acme/shop/dev", "output": "api", "project": 3}',
                "inputs.a.project: expected a plain",
            ),
            "domain": (
                '{"stack": "acme/shop/dev", "output": "api", "domain": 3}',
                "inputs.a.domain: expected a plain string",
            ),
        },
    ),
    WrongProgram(_EDGE.replace("@", '{"task": "b", "vesion": "v"}'), "TaskRefDict", "inputs.a"),
    *_each(
        _EDGE,
        "TaskRefDict",
        {
            "task": ('{"task": 3}', "inputs.a.name: expected a plain string"),
            "version": ('{"task": "b", "version": ["v1"]}', "inputs.a.version: expected a string"),
            "project": ('{"task": "b", "project": 3}', "inputs.a.project: expected a plain string"),
            "domain": ('{"task": "b", "domain": 3}', "inputs.a.domain: expected a plain string"),
        },
    ),
)
_CLUSTER = 'Environment("bad", cluster={@})'
_KUBERNETES = 'App("bad", environment=env, image="web:1", kubernetes={@})'
_TOLERATION = 'App("bad", environment=env, image="web:1", kubernetes={"tolerations": [{@}]})'
_OF_A_CLUSTER = (
    WrongProgram(
        _CLUSTER.replace("@", '"ingres_host": "{app}.example.com"'), "ClusterDict", "cluster.ingres_host: unk"
    ),
    WrongProgram('Environment("bad", cluster=Cluster(egres="open"))'),
    *_each(
        _CLUSTER,
        "ClusterDict",
        {
            "create_namespace": ('"create_namespace": "no"', "cluster.create_namespace: expected True or False"),
            "pod_security": ('"pod_security": "strict"', "cluster.pod_security: expected one of restricted, baseline"),
            "ingress_host": ('"ingress_host": 3', "cluster.ingress_host: expected a plain string"),
            "ingress_class": ('"ingress_class": ["nginx"]', "cluster.ingress_class: expected a plain string"),
            "gateway": ('"gateway": ("gateways", "public")', "cluster.gateway: expected a plain string"),
            "ingress_namespaces": (
                '"ingress_namespaces": [3]',
                "cluster.ingress_namespaces.0: expected a plain string",
            ),
            "ingress_cidrs": ('"ingress_cidrs": [10]', "cluster.ingress_cidrs.0: expected a plain string"),
            "tls_secret": ('"tls_secret": 3', "cluster.tls_secret: expected a plain string"),
            "route_annotations": ('"route_annotations": {"a": 3}', "cluster.route_annotations.a: expected a string"),
            "egress": ('"egress": "closed"', "cluster.egress: expected open (public addresses"),
            "egress_cidrs": ('"egress_cidrs": [10]', "cluster.egress_cidrs.0: expected a plain string"),
            "task_namespace": ('"task_namespace": 3', "cluster.task_namespace: expected a plain string"),
        },
    ),
    WrongProgram(_KUBERNETES.replace("@", '"replicas": 3'), "KubernetesDict", "kubernetes.replicas: unknown setting"),
    WrongProgram('Environment("bad", kubernetes=Kubernetes(user=3))'),
    *_each(
        _KUBERNETES,
        "KubernetesDict",
        {
            "run_as_user": (
                '"run_as_user": "root"',
                "kubernetes.run_as_user: expected the id of a user, a whole number",
            ),
            "user_from_cluster": ('"user_from_cluster": "no"', "kubernetes.user_from_cluster: expected True or False"),
            "read_only_root": ('"read_only_root": "no"', "kubernetes.read_only_root: expected True or False"),
            "writable": ('"writable": {"/tmp": 1}', "kubernetes.writable: expected a list of folders"),
            "privilege_escalation": (
                '"privilege_escalation": "no"',
                "kubernetes.privilege_escalation: expected True or False",
            ),
            "capabilities": ('"capabilities": [3]', "kubernetes.capabilities.0: expected a plain string"),
            "seccomp": ('"seccomp": "none"', "kubernetes.seccomp: expected RuntimeDefault or Unconfined"),
            "liveness": ('"liveness": "/live"', "kubernetes.liveness: expected True or False"),
            "pre_stop_delay": (
                '"pre_stop_delay": "5s"',
                "kubernetes.pre_stop_delay: expected a whole number of seconds between 0",
            ),
            "grace_period": (
                '"grace_period": "60s"',
                "kubernetes.grace_period: expected a whole number of seconds between 1",
            ),
            "max_surge": ('"max_surge": 0.25', "kubernetes.max_surge: expected a number of pods, or a share"),
            "max_unavailable": ('"max_unavailable": [1]', "kubernetes.max_unavailable: expected a number of pods"),
            "disruption_budget": ('"disruption_budget": "no"', "kubernetes.disruption_budget: expected True or False"),
            "min_available": ('"min_available": 0.5', "kubernetes.min_available: expected a number of pods"),
            "spread": ('"spread": "zone"', "kubernetes.spread: expected True or False"),
            "service_account_token": (
                '"service_account_token": "x"',
                "kubernetes.service_account_token: expected True or",
            ),
            "service_links": ('"service_links": "no"', "kubernetes.service_links: expected True or False"),
            "revision_history": (
                '"revision_history": "3"',
                "kubernetes.revision_history: expected a whole number between 0",
            ),
            "cpu_target": ('"cpu_target": "70%"', "kubernetes.cpu_target: expected a whole number of percent"),
            "labels": (
                '"labels": {"team": 3}',
                "kubernetes.labels.team: expected a plain string as the value of a label",
            ),
            "annotations": ('"annotations": ["a"]', "kubernetes.annotations: expected a mapping such as"),
            "node_selector": (
                '"node_selector": {"gpu": True}',
                "kubernetes.node_selector.gpu: expected a plain string",
            ),
            "tolerations": ('"tolerations": ["gpu"]', "kubernetes.tolerations.0: expected a mapping such as"),
            "image_pull_secrets": (
                '"image_pull_secrets": [key]',
                "kubernetes.image_pull_secrets.0: expected a plain string",
            ),
            "priority_class": ('"priority_class": 3', "kubernetes.priority_class: expected a plain string"),
        },
    ),
    WrongProgram(_TOLERATION.replace("@", '"keys": "gpu"'), "TolerationDict", "kubernetes.tolerations.0.keys: unknown"),
    *_each(
        _TOLERATION,
        "TolerationDict",
        {
            "key": ('"key": 3', "kubernetes.tolerations.0.key: expected a plain string"),
            "operator": ('"operator": "In"', "kubernetes.tolerations.0.operator: expected Equal"),
            "value": ('"key": "gpu", "value": True', "kubernetes.tolerations.0.value: expected a plain string"),
            "effect": ('"key": "gpu", "effect": "Evict"', "kubernetes.tolerations.0.effect: expected NoSchedule"),
            "seconds": ('"key": "gpu", "seconds": "9"', "kubernetes.tolerations.0.seconds: expected a whole number"),
        },
    ),
)
WRONG_PROGRAMS = (
    *_EARLY,
    *_NEW_USER,
    *_OF_APP,
    *_OF_TASK,
    *_OF_SECRET,
    *_OF_ENVIRONMENT,
    *_OF_PROVIDER,
    *_OF_DISCOVER,
    *_OF_VALUES,
    *_OF_MAPPINGS,
    *_OF_A_CLUSTER,
)
