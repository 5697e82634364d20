"""The way of requests from a name to a port of pods, as one line, with what terminates TLS and where it breaks."""

from __future__ import annotations

from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.inventory.network.hops import RequestPath
from tests.trees import collected_from

NLB = """\
apiVersion: v1
kind: Service
metadata:
  name: ingress-nginx
  namespace: ingress
  annotations:
    service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip
    service.beta.kubernetes.io/aws-load-balancer-ssl-cert: arn:aws:acm:eu-west-1:111122223333:certificate/0a1b2c3d-4e5f
    service.beta.kubernetes.io/aws-load-balancer-ssl-ports: https
spec:
  type: LoadBalancer
  loadBalancerClass: service.k8s.aws/nlb
  selector: {app: ingress-nginx}
  ports: [{name: https, port: 443, targetPort: http}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: ingress-nginx, namespace: ingress}
spec:
  selector: {matchLabels: {app: ingress-nginx}}
  template:
    metadata: {labels: {app: ingress-nginx}}
    spec:
      containers:
        - name: controller
          image: registry.k8s.io/ingress-nginx/controller:v1.15.1
          ports: [{name: http, containerPort: 80}]
"""
WEB = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: "shop/web:1", ports: [{name: http, containerPort: 8080}]}]}
"""
INGRESS = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {{name: web, namespace: shop}}
spec:
  ingressClassName: {class_name}
  {tls}
  rules:
    - host: "{host}"
      http: {{paths: [{{path: /, pathType: Prefix, backend: {{service: {{name: web, port: {port}}}}}}}]}}
"""


def ingress(
    host: str = "shop.example.com", port: str = "{name: http}", tls: str = "", class_name: str = "nginx"
) -> str:
    return INGRESS.format(host=host, port=port, tls=tls, class_name=class_name)


def paths(tmp_path: Path, *manifests: str, kind: str = "Ingress") -> list[RequestPath]:
    inventory = Inventory((collected_from(tmp_path, {"all.yaml": "---\n".join(manifests)}),))
    return [path for entry in inventory.of(kind) for path in inventory.paths_of(entry)]


def test_a_whole_path_from_a_name_to_a_port_of_pods(tmp_path: Path) -> None:
    (path,) = paths(tmp_path, NLB, WEB, ingress())
    assert path.line == "shop.example.com -> NLB (TLS, acm 0a1b2c3d) -> ingress-nginx -> web:80 -> Deployment web:http"
    assert path.broken is None
    assert [hop.certificate for hop in path.terminating] == ["acm 0a1b2c3d"]


def test_the_certificate_of_each_hop_that_terminates_tls_is_told(tmp_path: Path) -> None:
    (path,) = paths(tmp_path, NLB, WEB, ingress(tls="tls: [{hosts: [shop.example.com], secretName: shop-tls}]"))
    assert "NLB (TLS, acm 0a1b2c3d) -> ingress-nginx (TLS, Secret shop-tls) ->" in path.line


@pytest.mark.parametrize(
    ("tls", "certificates"),
    [
        ('tls: [{hosts: ["*.example.com"], secretName: wild}]', ["Secret wild"]),
        ('tls: [{hosts: ["*.com"], secretName: wild}]', []),
        ("tls: [{secretName: all}]", ["Secret all"]),
        ("tls: [{hosts: [other.example.com], secretName: other}]", []),
    ],
)
def test_a_wildcard_certificate_covers_one_label_and_tls_without_hosts_all(
    tmp_path: Path, tls: str, certificates: list[str]
) -> None:
    (path,) = paths(tmp_path, WEB, ingress(tls=tls))
    assert [hop.certificate for hop in path.terminating] == certificates


def test_pods_that_do_not_exist_break_the_path_at_its_end(tmp_path: Path) -> None:
    service, _, _ = WEB.partition("---")
    (path,) = paths(tmp_path, NLB, service, ingress())
    assert path.line == "shop.example.com -> NLB (TLS, acm 0a1b2c3d) -> ingress-nginx -> web:80 -> ?"
    assert path.broken is not None
    assert path.broken.broken == "Service web selects no pods"


@pytest.mark.parametrize(
    ("port", "broken"),
    [
        ("{number: 80}", None),
        ("{name: http}", None),
        ("{number: 8080}", "Service web has no port 8080"),
        ("{name: web}", "Service web has no port web"),
    ],
)
def test_a_port_is_found_by_its_number_or_name_in_the_service(tmp_path: Path, port: str, broken: str | None) -> None:
    (path,) = paths(tmp_path, WEB, ingress(port=port))
    assert (path.broken.broken if path.broken else None) == broken


def test_a_name_of_a_port_that_no_container_declares_breaks_the_path(tmp_path: Path) -> None:
    (path,) = paths(tmp_path, WEB.replace("targetPort: http", "targetPort: https"), ingress())
    assert path.broken is not None
    assert path.broken.broken == "no container declares the port https"


def test_what_is_before_an_unknown_class_is_unknown_and_breaks_nothing(tmp_path: Path) -> None:
    (path,) = paths(tmp_path, WEB, ingress(class_name="edge"))
    assert path.line == "shop.example.com -> ? -> edge -> web:80 -> Deployment web:http"
    assert path.broken is None


def test_an_application_load_balancer_is_entry_and_controller_in_one(tmp_path: Path) -> None:
    (path,) = paths(tmp_path, WEB, ingress(class_name="alb"))
    assert path.line == "shop.example.com -> ALB -> web:80 -> Deployment web:http"


def test_without_a_host_and_by_the_default_backend_any_name_is_led_on(tmp_path: Path) -> None:
    default = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  ingressClassName: nginx
  defaultBackend: {service: {name: web, port: {number: 80}}}
"""
    (path,) = paths(tmp_path, WEB, default)
    assert path.line == "* -> ? -> ingress-nginx -> web:80 -> Deployment web:http"


def test_of_two_controllers_the_load_balancer_of_the_one_that_serves_is_shown(tmp_path: Path) -> None:
    traefik = NLB.replace("ingress-nginx/controller:v1.15.1", "traefik:v3.6").replace("ingress-nginx", "traefik")
    traefik = traefik.replace("registry.k8s.io/", "").replace("0a1b2c3d", "ffffffff")
    (path,) = paths(tmp_path, traefik, NLB, WEB, ingress())
    assert path.line.startswith("shop.example.com -> NLB (TLS, acm 0a1b2c3d) -> ingress-nginx ->")
    (path,) = paths(tmp_path, traefik, NLB, WEB, ingress(class_name="traefik"))
    assert path.line.startswith("shop.example.com -> NLB (TLS, acm ffffffff) -> Traefik ->")


def test_a_route_comes_by_the_listener_of_its_gateway_that_takes_its_name(tmp_path: Path) -> None:
    gateway = """\
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: public, namespace: edge}
spec:
  gatewayClassName: cilium
  listeners:
    - {name: http, port: 80, protocol: HTTP}
    - name: https
      port: 443
      protocol: HTTPS
      hostname: "*.example.com"
      tls: {certificateRefs: [{name: wild-tls}]}
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: web, namespace: shop}
spec:
  hostnames: [shop.example.com, shop.example.org]
  parentRefs: [{name: public, namespace: edge}]
  rules: [{backendRefs: [{name: web, port: 80}]}]
"""
    by_host = {path.host: path.line for path in paths(tmp_path, gateway, WEB, kind="HTTPRoute")}
    assert by_host == {
        "shop.example.com": "shop.example.com -> ? -> Gateway public (TLS, Secret wild-tls) -> web:80"
        " -> Deployment web:http",
        "shop.example.org": "shop.example.org -> ? -> Gateway public -> web:80 -> Deployment web:http",
    }
