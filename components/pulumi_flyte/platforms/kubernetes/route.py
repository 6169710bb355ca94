"""The way from outside to a public app: an HTTPRoute if a Gateway is named, otherwise an Ingress. Pure."""

from __future__ import annotations

from pulumi_flyte.platforms.kubernetes.cluster_rules import ClusterRules, GatewayName
from pulumi_flyte.platforms.kubernetes.objects import HTTP_ROUTE, INGRESS, Body, Kind
from pulumi_flyte.platforms.kubernetes.service import PORT


def route_kind(rules: ClusterRules) -> Kind:
    """Return the kind of object that brings requests from outside."""
    return INGRESS if rules.gateway is None else HTTP_ROUTE


def route_spec(app: str, host: str, rules: ClusterRules) -> Body:
    """Return the property `spec` of that object."""
    return _ingress(app, host, rules) if rules.gateway is None else _http_route(app, host, rules.gateway)


def _ingress(app: str, host: str, rules: ClusterRules) -> Body:
    backend = {"service": {"name": app, "port": {"number": PORT}}}
    return {
        **({} if rules.ingress_class is None else {"ingressClassName": rules.ingress_class}),
        "rules": [{"host": host, "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}],
        **({} if rules.tls_secret is None else {"tls": [{"hosts": [host], "secretName": rules.tls_secret}]}),
    }


def _http_route(app: str, host: str, gateway: GatewayName) -> Body:
    return {
        "parentRefs": [{"name": gateway.name, "namespace": gateway.namespace}],
        "hostnames": [host],
        "rules": [
            {
                "matches": [{"path": {"type": "PathPrefix", "value": "/"}}],
                "backendRefs": [{"name": app, "port": PORT}],
            }
        ],
    }
