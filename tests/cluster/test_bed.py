"""The cluster that the other tests stand on behaves as a cluster, and its proxy fails as it is told to."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import urllib3
import yaml

from tests.cluster import faults
from tests.cluster.client import Client, Refused
from tests.cluster.definitions import define
from tests.cluster.faults import Fault, FaultyProxy
from tests.cluster.nodes import ZONES, make_namespace, set_ready, settle
from tests.cluster.servers import ApiServer

pytestmark = [pytest.mark.cluster, pytest.mark.slow]

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: NAMESPACE}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: web, image: "registry.example.com/web:1", resources: {requests: {cpu: 100m}}}]
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: topology.kubernetes.io/zone
          whenUnsatisfiable: DoNotSchedule
          labelSelector: {matchLabels: {app: web}}
---
apiVersion: v1
kind: Service
metadata: {name: web, namespace: NAMESPACE}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {name: web, namespace: NAMESPACE}
spec: {maxUnavailable: 1, selector: {matchLabels: {app: web}}}
---
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: store, namespace: NAMESPACE}
spec:
  serviceName: store
  selector: {matchLabels: {app: store}}
  template:
    metadata: {labels: {app: store}}
    spec:
      nodeSelector: {topology.kubernetes.io/zone: eu-west-1b}
      containers: [{name: store, image: "registry.example.com/store:1"}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""


@pytest.fixture(scope="module")
def namespace(cluster: ApiServer) -> Iterator[str]:
    make_namespace(cluster.client, "bed")
    cluster.client.apply(*yaml.safe_load_all(WEB.replace("NAMESPACE", "bed")))
    settle(cluster.client, "bed")
    yield "bed"
    cluster.client.ask("DELETE", cluster.client.path("v1", "Namespace", name="bed"))


def test_a_deployment_becomes_ready_pods_in_three_zones(cluster: ApiServer, namespace: str) -> None:
    pods = [pod for pod in cluster.client.items("v1", "Pod", namespace) if pod["metadata"]["labels"]["app"] == "web"]
    assert sorted(pod["spec"]["nodeName"][0] for pod in pods) == ["a", "b", "c"]
    (endpoints,) = cluster.client.items("discovery.k8s.io/v1", "EndpointSlice", namespace)
    assert sorted(endpoint["zone"] for endpoint in endpoints["endpoints"]) == list(ZONES)
    (budget,) = cluster.client.items("policy/v1", "PodDisruptionBudget", namespace)
    assert budget["status"]["disruptionsAllowed"] == 1
    set_ready(cluster.client, namespace, pods[0]["metadata"]["name"], ready=False)
    cluster.client.merge(cluster.client.path("apps/v1", "Deployment", namespace, "web"), {"spec": {"paused": True}})
    with pytest.raises(TimeoutError, match="still waiting: Deployment/web"):
        settle(cluster.client, namespace, most=1)
    (budget,) = cluster.client.items("policy/v1", "PodDisruptionBudget", namespace)
    assert budget["status"]["disruptionsAllowed"] == 0


def test_a_claim_gets_a_volume_in_the_zone_of_its_pod(cluster: ApiServer, namespace: str) -> None:
    (claim,) = cluster.client.items("v1", "PersistentVolumeClaim", namespace)
    assert claim["status"]["phase"] == "Bound"
    volume = cluster.client.get(cluster.client.path("v1", "PersistentVolume", name=claim["spec"]["volumeName"]))
    (term,) = volume["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    assert term["matchExpressions"][0]["values"] == ["eu-west-1b"]


def test_custom_kinds_are_served_and_keep_what_they_are_given(bare: ApiServer) -> None:
    define(bare.client, ["keda.sh/v1alpha1", "cert-manager.io/v1"])
    scaled = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "web"}}
    bare.client.apply({**scaled, "spec": {"minReplicaCount": 2}, "status": {"hpaName": "keda-hpa-web"}})
    (seen,) = bare.client.items("keda.sh/v1alpha1", "ScaledObject")
    assert (seen["spec"], seen["status"]) == ({"minReplicaCount": 2}, {"hpaName": "keda-hpa-web"})


def holder(server: ApiServer, kubeconfig: Path) -> Client:
    user = yaml.safe_load(kubeconfig.read_text("utf-8"))["users"][0]["user"]
    return Client(server.url, server.authority.pem, user["token"])


def test_an_account_may_do_what_it_was_given_and_no_more(bare: ApiServer) -> None:
    rules = [{"apiGroups": ["apps"], "resources": ["deployments"], "verbs": ["list"]}]
    reader = holder(bare, bare.service_account("reader", rules))
    nobody = holder(bare, bare.service_account("nobody"))
    assert reader.items("apps/v1", "Deployment") == []
    for client, version, kind in ((reader, "v1", "Pod"), (nobody, "apps/v1", "Deployment")):
        with pytest.raises(Refused, match="is forbidden") as refused:
            client.items(version, kind)
        assert refused.value.status == 403


@pytest.fixture
def through(proxy: FaultyProxy, bare: ApiServer) -> Client:
    bare.client.apply(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": f"n{n}"}} for n in range(3)))
    user = yaml.safe_load(bare.admin(url=proxy.url).read_text("utf-8"))["users"][0]["user"]
    return Client(proxy.url, bare.authority.pem, user["token"])


def test_the_proxy_passes_on_what_is_not_to_fail_and_counts_it(through: Client, proxy: FaultyProxy) -> None:
    assert through.get("/api/v1/namespaces?limit=1")["metadata"]["remainingItemCount"] > 2
    assert len(through.get("/api/v1/namespaces")["items"]) > 3
    assert proxy.lists == {"/api/v1/namespaces": 2}


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (faults.THROTTLED, 429),
        (faults.EXPIRED_CONTINUE, 410),
        (faults.EXPIRED_TOKEN, 401),
        (faults.BROKEN, 500),
        (faults.forbidden("namespaces"), 403),
    ],
)
def test_the_proxy_refuses_as_often_as_it_is_told(
    through: Client, proxy: FaultyProxy, fault: Fault, status: int
) -> None:
    proxy.fail("^/api/v1/namespaces", fault, times=1)
    with pytest.raises(Refused) as refused:
        through.get("/api/v1/namespaces")
    assert refused.value.status == status
    assert through.get("/api/v1/namespaces")["kind"] == "NamespaceList"


def test_the_proxy_breaks_answers_off_and_hangs(proxy: FaultyProxy, bare: ApiServer) -> None:
    trust = ssl.create_default_context(cadata=bare.authority.pem.decode())
    with urllib3.PoolManager(ssl_context=trust, retries=False, timeout=1) as pool:

        def get(fault: Fault) -> bytes:
            proxy.fail("^/api/v1/namespaces", fault, times=1)
            return pool.request("GET", f"{proxy.url}/api/v1/namespaces").data

        assert len(get(faults.TRUNCATED)) == 200
        assert get(Fault(padding=1_000_000)).startswith(b" " * 1_000_000)
        with pytest.raises(urllib3.exceptions.ProtocolError, match="IncompleteRead"):
            get(faults.DROPPED_MIDWAY)
        with pytest.raises(urllib3.exceptions.ProtocolError):
            get(faults.DROPPED)
        with pytest.raises(urllib3.exceptions.ReadTimeoutError):
            get(faults.HANGING)
