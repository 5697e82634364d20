"""What Terraform makes in a cluster is judged as the objects of Kubernetes that it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from readycheck.model import Collected, Resource
from tests.sources.terraform.written import change, plan, read, resource, state


def objects(collected: Collected) -> list[Resource]:
    return [each for each in collected.resources if each.api_version]


def deployment(**container: Any) -> dict[str, Any]:
    """The values of a kubernetes_deployment, with what the provider records for what is not set."""
    return {
        "id": "shop/web",
        "wait_for_rollout": True,
        "timeouts": None,
        "metadata": [
            {
                "name": "web",
                "namespace": "shop",
                "labels": {"app": "web"},
                "annotations": {},
                "generate_name": "",
                "uid": "1",
            }
        ],
        "spec": [
            {
                "replicas": "3",
                "min_ready_seconds": 0,
                "selector": [{"match_expressions": [], "match_labels": {"app_name": "web"}}],
                "strategy": [
                    {"type": "RollingUpdate", "rolling_update": [{"max_surge": "25%", "max_unavailable": "1"}]}
                ],
                "template": [
                    {
                        "metadata": [{"labels": {"app_name": "web"}, "name": "", "namespace": ""}],
                        "spec": [
                            {
                                "container": [{"name": "web", "image": "registry.example.com/web:1.4", **container}],
                                "init_container": [],
                                "service_account_name": "",
                                "termination_grace_period_seconds": 30,
                                "node_selector": {},
                            }
                        ],
                    }
                ],
            }
        ],
    }


def test_a_deployment_is_one_of_kubernetes(tmp_path: Path) -> None:
    probe = {"http_get": [{"path": "/", "port": "8080", "http_header": []}], "tcp_socket": [], "period_seconds": 10}
    values = deployment(
        port=[{"container_port": 8080, "name": "", "protocol": "TCP"}],
        resources=[{"limits": {"memory": "64Mi"}, "requests": {}}],
        readiness_probe=[probe],
        env=[{"name": "A", "value": "1", "value_from": []}],
    )
    (web,) = objects(read(tmp_path, state=state(resource("kubernetes_deployment_v1", "web", values))))
    assert (web.kind, web.api_version, web.scope, web.name) == ("Deployment", "apps/v1", "shop", "web")
    assert web.body["spec"] == {
        "replicas": 3,
        "minReadySeconds": 0,
        "selector": {"matchLabels": {"app_name": "web"}},
        "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 1}},
        "template": {
            "metadata": {"labels": {"app_name": "web"}},
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "registry.example.com/web:1.4",
                        "ports": [{"containerPort": 8080, "protocol": "TCP"}],
                        "resources": {"limits": {"memory": "64Mi"}, "requests": {}},
                        "readinessProbe": {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 10},
                        "env": [{"name": "A", "value": "1"}],
                    }
                ],
                "terminationGracePeriodSeconds": 30,
                "nodeSelector": {},
            },
        },
    }


def test_its_location_is_the_line_of_the_resource(tmp_path: Path) -> None:
    collected = read(tmp_path, state=state(resource("kubernetes_deployment", "web", deployment())))
    (web,) = objects(collected)
    location = web.locate(("spec", "replicas"))
    assert (location.uri, location.path) == ("state.json", "spec.replicas")
    assert location.line is not None


def test_lists_are_told_from_objects_by_where_they_stand(tmp_path: Path) -> None:
    service = {
        "metadata": [{"name": "web", "namespace": "shop"}],
        "spec": [
            {
                "selector": {"app": "web"},
                "type": "LoadBalancer",
                "cluster_ip": "10.0.0.1",
                "port": [{"name": "", "port": 80, "target_port": "8080"}],
            }
        ],
    }
    backend = {"name": "web", "port": [{"number": 80, "name": ""}]}
    ingress = {
        "metadata": [{"name": "web", "namespace": "shop"}],
        "spec": [
            {
                "ingress_class_name": "nginx",
                "rule": [
                    {
                        "host": "shop.example.com",
                        "http": [{"path": [{"path": "/", "backend": [{"service": [backend]}]}]}],
                    }
                ],
                "tls": [{"hosts": ["shop.example.com"], "secret_name": "web-tls"}],
            }
        ],
    }
    made = objects(
        read(
            tmp_path,
            state=state(resource("kubernetes_service", "s", service), resource("kubernetes_ingress_v1", "i", ingress)),
        )
    )
    assert {each.kind: each.body["spec"] for each in made} == {
        "Service": {
            "selector": {"app": "web"},
            "type": "LoadBalancer",
            "clusterIP": "10.0.0.1",
            "ports": [{"port": 80, "targetPort": 8080}],
        },
        "Ingress": {
            "ingressClassName": "nginx",
            "rules": [
                {
                    "host": "shop.example.com",
                    "http": {"paths": [{"path": "/", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]},
                }
            ],
            "tls": [{"hosts": ["shop.example.com"], "secretName": "web-tls"}],
        },
    }


def test_affinity_of_pods_is_a_list_and_that_of_nodes_is_not(tmp_path: Path) -> None:
    required = "required_during_scheduling_ignored_during_execution"
    values = {
        "metadata": [{"name": "p"}],
        "spec": [
            {
                "affinity": [
                    {
                        "pod_anti_affinity": [{required: [{"topology_key": "zone", "label_selector": []}]}],
                        "node_affinity": [{required: [{"node_selector_term": [{"match_expressions": []}]}]}],
                    }
                ]
            }
        ],
    }
    (pod,) = objects(read(tmp_path, state=state(resource("kubernetes_pod", "p", values))))
    wanted = "requiredDuringSchedulingIgnoredDuringExecution"
    assert pod.body["spec"]["affinity"] == {
        "podAntiAffinity": {wanted: [{"topologyKey": "zone"}]},
        "nodeAffinity": {wanted: {"nodeSelectorTerms": [{}]}},
    }


def test_what_only_the_provider_decides_is_not_set_and_the_rest_stays_open(tmp_path: Path) -> None:
    values = deployment()
    spec = values["spec"][0]
    del spec["replicas"]
    unknown = {"spec": [{"replicas": True, "template": [{"spec": [{"container": [{"image": True}]}]}]}]}
    container = [{"image": {"references": ["var.tag"]}}]
    configured = {
        "address": "kubernetes_deployment.web",
        "expressions": {"spec": [{"template": [{"spec": [{"container": container}]}]}]},
    }
    (web,) = objects(
        read(
            tmp_path,
            plan=plan(
                change("kubernetes_deployment.web", "create", after=values, after_unknown=unknown),
                root_module={"resources": [configured]},
            ),
        )
    )
    assert web.integer("spec.replicas", 1) == 1
    assert web.glimpse("spec.template.spec.containers[0].image").reason == "is known after apply"


def test_manifests_are_taken_as_they_are(tmp_path: Path) -> None:
    manifest = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "web", "namespace": "shop"},
    }
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c, namespace: shop}\ndata: {a: b}\n"
    marks = [[{"type": "get_attr", "value": "yaml_body"}]]
    collected = read(
        tmp_path,
        state=state(
            resource(
                "kubernetes_manifest",
                "budget",
                {"manifest": {"value": manifest, "type": ["object", {"kind": "string"}]}, "object": None},
            ),
            resource("kubectl_manifest", "c", {"attributes": {"yaml_body": text}, "sensitive_attributes": marks}),
        ),
    )
    assert {each.kind: each.body for each in objects(collected)} == {
        "PodDisruptionBudget": manifest,
        "ConfigMap": {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": "c", "namespace": "shop"},
            "data": {"a": "b"},
        },
    }
    assert [each.body["secrets"] for each in collected.resources if each.kind == "TerraformState"] == [{}]


def test_a_secret_keeps_its_keys_alone(tmp_path: Path) -> None:
    values = {
        "metadata": [{"name": "db", "namespace": "shop"}],
        "data": {"password": "hunter2-hunter2"},
        "type": "Opaque",
    }
    collected = read(tmp_path, state=state(resource("kubernetes_secret", "db", values)))
    (secret,) = objects(collected)
    assert secret.body["data"] == {"password": ""}
    found = next(each for each in collected.resources if each.kind == "TerraformState").body["secrets"]
    assert list(found["kubernetes_secret.db"]) == ["data.password"]


def test_data_that_was_only_looked_up_is_no_object(tmp_path: Path) -> None:
    looked_up = resource("kubernetes_service", "s", {"metadata": [{"name": "kubernetes"}]}, mode="data")
    assert objects(read(tmp_path, state=state(looked_up))) == []
