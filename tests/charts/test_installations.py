"""Which well-known charts a tree installs, and what their values come to."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

import pytest

from readycheck.charts.release import ChartRelease
from readycheck.inventory import Inventory
from readycheck.model import Unjudged
from tests.trees import collected_from

INGRESS_NGINX = """
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: HelmRepository
    metadata: {name: ingress-nginx, namespace: flux-system}
    spec: {interval: 12h, url: https://kubernetes.github.io/ingress-nginx}
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: nginx, namespace: ingress}
    spec:
      interval: 1h
      chart:
        spec:
          chart: ingress-nginx
          version: "VERSION"
          sourceRef: {kind: HelmRepository, name: ingress-nginx, namespace: flux-system}
"""


def inventory_of(folder: Path, **files: str) -> Inventory:
    return Inventory([collected_from(folder, {f"{name}.yaml": dedent(text) for name, text in files.items()})])


def the_release(folder: Path, text: str, **files: str) -> ChartRelease:
    (release,) = inventory_of(folder, release=text, **files).installations()
    return release


def with_values(version: str, values: str) -> str:
    """The HelmRelease of ingress-nginx with more in its specification."""
    return f"{dedent(INGRESS_NGINX.replace('VERSION', version)).strip()}\n{indent(dedent(values).strip(), '  ')}\n"


def test_a_helm_release_is_told_by_its_chart_and_the_url_of_its_repository(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", "4.11.3"))
    assert (release.chart, release.name, release.namespace) == ("ingress-nginx", "nginx", "ingress")
    assert (release.version, release.doubt, release.app_version) == ("4.11.3", "", "1.11.3")


def test_what_a_release_leaves_out_is_the_default_of_its_version(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", "4.11.3"))
    value = release.value("controller.replicaCount")
    assert (value.seen, value.default, value.place.field) == (1, True, "spec.chart.spec.version")
    assert release.string("controller.ingressClassResource.controllerValue") == "k8s.io/ingress-nginx"


def test_what_a_release_gives_wins_and_points_at_its_line(tmp_path: Path) -> None:
    values = """
        values:
          controller:
            replicaCount: 2
            service:
              annotations:
                service.beta.kubernetes.io/aws-load-balancer-type: nlb
    """
    release = the_release(tmp_path, with_values("4.11.3", values))
    value = release.value("controller.replicaCount")
    assert (value.seen, value.default, value.place.location.line) == (2, False, 18)
    assert release.mapping("controller.service")["type"] == "LoadBalancer"
    assert release.mapping("controller.service")["annotations"] == {
        "service.beta.kubernetes.io/aws-load-balancer-type": "nlb"
    }


def test_an_application_gives_parameters_over_values(tmp_path: Path) -> None:
    release = the_release(
        tmp_path,
        """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: vault, namespace: argocd}
        spec:
          destination: {namespace: secrets, server: https://kubernetes.default.svc}
          source:
            repoURL: https://helm.releases.hashicorp.com
            chart: vault
            targetRevision: 0.28.1
            helm:
              parameters: [{name: server.ha.replicas, value: "5"}]
              values: |
                server:
                  ha:
                    enabled: true
                    replicas: 3
        """,
    )
    assert (release.chart, release.namespace, release.flag("server.ha.enabled")) == ("vault", "secrets", True)
    assert release.integer("server.ha.replicas") == 5
    assert release.value("server.ha.replicas").place.field == "spec.source.helm.parameters[0].value"
    assert release.value("server.ha.enabled").place.field == "spec.source.helm.values: server.ha.enabled"
    assert release.value("server.ha.enabled").place.seen is True
    assert release.flag("server.ha.raft.enabled") is False


def test_another_publishers_chart_of_the_same_name_is_another_chart(tmp_path: Path) -> None:
    text = INGRESS_NGINX.replace("chart: ingress-nginx", "chart: external-dns").replace("VERSION", "6.20.4")
    inventory = inventory_of(
        tmp_path,
        release=text.replace("https://kubernetes.github.io/ingress-nginx", "https://charts.bitnami.com/bitnami"),
    )
    (release,) = inventory.installations()
    assert release.chart == "bitnami/external-dns"
    with pytest.raises(Unjudged, match="what the chart bitnami/external-dns is by default is not known here"):
        release.value("sources")


def test_a_range_of_versions_gives_the_default_that_all_of_them_share(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", ">=4.0.0 <5.0.0"))
    assert release.string("controller.service.type") == "LoadBalancer"
    with pytest.raises(Unjudged, match=r"allowSnippetAnnotations .* depends on the chart's version"):
        release.flag("controller.allowSnippetAnnotations")
    with pytest.raises(Unjudged, match="which version of ingress-nginx is installed depends on the chart's version"):
        _ = release.app_version


def test_a_version_a_little_newer_than_the_table_is_taken_for_its_newest(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", "4.99.0"))
    value = release.value("controller.replicaCount")
    assert (value.seen, value.note) == (1, "as in 4.15.1, the newest version known here")
    with pytest.raises(Unjudged, match="its chart is newer"):
        _ = release.app_version


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        ("9.0.0", "newer than what is known here: 4.15.1"),
        ("0.1.0", "older than what is known here: 2.0.0"),
        ("${CHART}", "is substituted when Flux applies it"),
        ("latest", "its version `latest` is none of the chart ingress-nginx"),
    ],
)
def test_a_version_that_is_not_known_leaves_only_the_given_values(tmp_path: Path, version: str, reason: str) -> None:
    release = the_release(tmp_path, with_values(version, "values: {controller: {replicaCount: 2}}"))
    assert release.integer("controller.replicaCount") == 2
    with pytest.raises(Unjudged, match=reason.replace("$", r"\$")):
        release.string("controller.service.type")


def test_values_from_an_object_that_is_not_in_the_tree_hide_the_defaults_but_not_the_inline_values(
    tmp_path: Path,
) -> None:
    text = with_values(
        "4.11.3",
        """
        valuesFrom: [{kind: Secret, name: edge-values}]
        values: {controller: {replicaCount: 2}}
        """,
    )
    release = the_release(tmp_path, text)
    assert release.integer("controller.replicaCount") == 2
    with pytest.raises(Unjudged, match="its values come from the Secret edge-values"):
        release.string("controller.service.type")


def test_an_object_that_gives_one_key_hides_that_key_alone(tmp_path: Path) -> None:
    text = with_values(
        "4.11.3",
        "valuesFrom: [{kind: Secret, name: maxmind, valuesKey: key, targetPath: controller.extraArgs.license}]",
    )
    release = the_release(tmp_path, text)
    assert release.string("controller.service.type") == "LoadBalancer"
    with pytest.raises(Unjudged, match="come from the Secret maxmind"):
        release.mapping("controller.extraArgs")


def test_values_of_a_config_map_in_the_tree_are_read_and_point_at_it(tmp_path: Path) -> None:
    config_map = """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: edge-values, namespace: ingress}
        data:
          values.yaml: |
            controller: {replicaCount: 4, service: {type: NodePort}}
    """
    text = with_values(
        "4.11.3",
        """
        valuesFrom: [{kind: ConfigMap, name: edge-values}]
        values: {controller: {replicaCount: 2}}
        """,
    )
    release = the_release(tmp_path, text, values=config_map)
    assert release.integer("controller.replicaCount") == 2
    value = release.value("controller.service.type")
    assert (value.seen, value.place.field) == ("NodePort", 'data["values.yaml"]: controller.service.type')
    assert value.place.location.uri == "values.yaml"


def test_null_takes_the_default_away(tmp_path: Path) -> None:
    values = "values: {controller: {minAvailable: null, maxUnavailable: 1, service: {annotations: {a: b}, type: null}}}"
    release = the_release(tmp_path, with_values("4.11.3", values))
    assert release.value("controller.minAvailable").seen is None
    assert "type" not in release.mapping("controller.service")


def test_a_value_that_flux_fills_in_is_not_decided_and_the_others_are(tmp_path: Path) -> None:
    release = the_release(
        tmp_path, with_values("4.11.3", "values: {controller: {replicaCount: '${N}', kind: DaemonSet}}")
    )
    assert release.string("controller.kind") == "DaemonSet"
    with pytest.raises(Unjudged, match="is substituted when Flux applies it"):
        release.integer("controller.replicaCount")


def test_what_no_table_holds_is_not_told(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", "4.11.3"))
    with pytest.raises(Unjudged, match="of the chart ingress-nginx is by default is not known here"):
        release.value("defaultBackend.port")


def test_a_chart_of_an_oci_registry_is_told_by_its_address(tmp_path: Path) -> None:
    release = the_release(
        tmp_path,
        """
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: OCIRepository
        metadata: {name: karpenter, namespace: kube-system}
        spec: {url: oci://public.ecr.aws/karpenter/karpenter, ref: {tag: 1.6.0}}
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: karpenter, namespace: kube-system}
        spec:
          chartRef: {kind: OCIRepository, name: karpenter}
          values: {settings: {interruptionQueue: prod-karpenter}}
        """,
    )
    assert (release.chart, release.version, release.doubt) == ("karpenter", "1.6.0", "")
    assert release.string("settings.interruptionQueue") == "prod-karpenter"
    assert release.integer("replicas") == 2


@pytest.mark.parametrize(
    ("url", "version", "doubt"),
    [
        ("https://artifacts.acme.example/helm", "4.11.3", "it may be a mirror"),
        ("oci://mirror.acme.example/kubernetes.github.io/ingress-nginx", "7.7.7", "it may be a mirror"),
    ],
)
def test_a_mirror_is_told_by_the_name_and_a_version_that_was_published(
    tmp_path: Path, url: str, version: str, doubt: str
) -> None:
    text = INGRESS_NGINX.replace("https://kubernetes.github.io/ingress-nginx", url).replace("VERSION", version)
    assert doubt in the_release(tmp_path, text).doubt


@pytest.mark.parametrize("version", ["4.11.30", "*", "1.0.0"])
def test_a_chart_of_somebody_elses_with_a_version_of_its_own_is_not_taken_for_it(tmp_path: Path, version: str) -> None:
    url = "https://charts.acme.example"
    text = INGRESS_NGINX.replace("https://kubernetes.github.io/ingress-nginx", url).replace("VERSION", version)
    assert list(inventory_of(tmp_path, release=text).installations()) == []


def test_an_application_takes_values_files_from_another_of_its_sources(tmp_path: Path) -> None:
    text = """
        apiVersion: argoproj.io/v1alpha1
        kind: Application
        metadata: {name: cert-manager, namespace: argocd}
        spec:
          destination: {namespace: cert-manager, server: https://kubernetes.default.svc}
          sources:
            - repoURL: https://charts.jetstack.io
              chart: cert-manager
              targetRevision: v1.15.*
              helm: {valueFiles: [$values/cert-manager-values.yaml, MORE]}
            - {repoURL: https://github.com/acme/platform, targetRevision: main, ref: values}
    """
    values = {"cert-manager-values": "crds: {enabled: true}\nreplicaCount: 2\n"}
    release = the_release(tmp_path, text.replace(", MORE", ""), **values)
    assert (release.chart, release.integer("replicaCount"), release.flag("crds.enabled")) == ("cert-manager", 2, True)
    assert release.value("replicaCount").place.location.uri == "cert-manager-values.yaml"
    assert release.integer("webhook.replicaCount") == 1
    release = the_release(tmp_path, text.replace("MORE", "production.yaml"), **values)
    with pytest.raises(Unjudged, match=r"its values file production.yaml is not at hand"):
        release.integer("replicaCount")


def test_values_that_are_encrypted_are_not_read(tmp_path: Path) -> None:
    values = "values: {controller: {extraArgs: {token: 'ENC[AES256_GCM,data:abc,iv:x,tag:y,type:str]'}}}"
    release = the_release(tmp_path, with_values("4.11.3", values))
    with pytest.raises(Unjudged, match="is encrypted"):
        release.value("controller.extraArgs.token")


def test_values_of_a_config_map_that_a_kustomization_generates_are_those_of_its_file(tmp_path: Path) -> None:
    text = with_values("4.11.3", "valuesFrom: [{kind: ConfigMap, name: edge-values}]")
    kustomization = """
        resources: [release.yaml]
        configMapGenerator:
          - name: edge-values
            files: [values.yaml=./edge.yaml]
        configurations: [names.yaml]
    """
    release = the_release(tmp_path, text, kustomization=kustomization, edge="controller: {replicaCount: 3}", names="")
    value = release.value("controller.replicaCount")
    assert (value.seen, value.place.location.uri) == (3, "edge.yaml")


def test_the_applications_of_a_set_install_the_chart_of_its_template(tmp_path: Path) -> None:
    release = the_release(
        tmp_path,
        """
        apiVersion: argoproj.io/v1alpha1
        kind: ApplicationSet
        metadata: {name: external-dns, namespace: argocd}
        spec:
          generators: [{clusters: {}}]
          template:
            metadata: {name: "external-dns-{{name}}"}
            spec:
              destination: {namespace: external-dns, server: "{{server}}"}
              source:
                repoURL: https://kubernetes-sigs.github.io/external-dns
                chart: external-dns
                targetRevision: 1.21.1
                helm:
                  valuesObject: {txtOwnerId: "{{name}}", policy: sync}
        """,
    )
    assert (release.resource.kind, release.namespace) == ("ApplicationSet", "external-dns")
    assert (release.string("policy"), release.string("registry")) == ("sync", "txt")
    with pytest.raises(Unjudged, match="is a template expression"):
        release.string("txtOwnerId")


def test_values_files_of_a_chart_that_is_not_at_hand_hide_its_defaults(tmp_path: Path) -> None:
    text = INGRESS_NGINX.replace('version: "VERSION"', "version: 4.11.3\n          valuesFiles: [values-prod.yaml]")
    release = the_release(tmp_path, text)
    with pytest.raises(Unjudged, match=r"its values file values-prod.yaml is not at hand"):
        release.integer("controller.replicaCount")


def test_a_key_that_older_versions_lack_is_off_in_all_of_a_range(tmp_path: Path) -> None:
    release = the_release(tmp_path, INGRESS_NGINX.replace("VERSION", ">=3.30.0"))
    assert release.flag("controller.ingressClassResource.default") is False
