"""What commands and ready-made steps are taken for."""

from __future__ import annotations

import shlex
from collections.abc import Mapping

import pytest

from readycheck.inventory import Inventory
from readycheck.model import Place
from readycheck.pipelines.acts import Act, Breadth, Build, Deploy, Push, Throwaway, Way, acts_of
from readycheck.pipelines.acts import Test as ATest
from readycheck.pipelines.model import Command, Job, Step, Use

PLACE = Place(Inventory(()).environment, ())


def job_of(*lines: str, id: str = "job", folder: str = "", environment: str = "") -> Job:  # noqa: A002 - the noun's
    steps = tuple(
        Step("", PLACE, commands=(Command(tuple(shlex.split(line)), PLACE, folder=folder),)) for line in lines
    )
    return Job(id, id, PLACE, steps=steps, environment=environment)


def job_using(name: str, inputs: Mapping[str, str]) -> Job:
    return Job("job", "job", PLACE, steps=(Step("", PLACE, uses=Use(name, "v1", inputs, PLACE)),))


def acts(*lines: str, folder: str = "") -> list[Act]:
    return list(acts_of(job_of(*lines, folder=folder)))


def build_of(line: str, folder: str = "") -> Build:
    (build,) = [act for act in acts(line, folder=folder) if isinstance(act, Build)]
    return build


@pytest.mark.parametrize(
    ("line", "context", "dockerfile"),
    [
        ("docker build .", "", None),
        ("docker build -t acme/web services/web", "services/web", None),
        ("docker build --tag=acme/web -f services/web/Dockerfile .", "", "services/web/Dockerfile"),
        ("docker buildx build --platform linux/amd64,linux/arm64 --push ./api", "api", None),
        ("sudo -E docker image build --build-arg V=1 api", "api", None),
        ("docker build - ", None, None),
        ("docker build https://github.com/acme/web.git#main", None, None),
        ("docker build $CI_PROJECT_DIR/api", "api", None),
        ("docker build services/$SERVICE", "services/$SERVICE", None),
        ("podman build -t x -f Containerfile api", "api", "Containerfile"),
        ("buildah bud -f api/Containerfile -t x .", "", "api/Containerfile"),
        ("DOCKER_BUILDKIT=1 docker build api", "api", None),
        (
            "/kaniko/executor --context $CI_PROJECT_DIR/api --dockerfile Dockerfile -d r/api",
            "api",
            "api/Dockerfile",
        ),
        (
            "/kaniko/executor --context $CI_PROJECT_DIR --dockerfile $CI_PROJECT_DIR/api/Dockerfile -d r/api",
            "",
            "api/Dockerfile",
        ),
        ("buildctl build --frontend dockerfile.v0 --local context=api --local dockerfile=api", "api", None),
        ("ko build ./cmd/api", "cmd/api", None),
        ("pack build r/api --path api --builder b", "api", None),
        ("mvn -pl api compile jib:build", "api", None),
        ("./gradlew :api:jib", "api", None),
        ("gcloud builds submit --tag gcr.io/acme/api api", "api", None),
        ("az acr build -r acme -t api:1 -f api/Dockerfile .", "", "api/Dockerfile"),
    ],
)
def test_what_an_image_is_built_from(line: str, context: str | None, dockerfile: str | None) -> None:
    build = build_of(line)
    assert (build.context, build.dockerfile) == (context, dockerfile)


@pytest.mark.parametrize(
    ("line", "parts"), [("yarn nx affected --targets=lint,container", ()), ("npx nx container cart", ("cart",))]
)
def test_a_monorepo_s_runner_builds_what_targets_called_after_images_build(line: str, parts: tuple[str, ...]) -> None:
    build = build_of(line)
    assert (build.definition, build.parts) == ("nx.json", parts)


def test_the_context_is_relative_to_the_folder_that_the_command_runs_in() -> None:
    build = build_of("docker build -f docker/Dockerfile ..", folder="services/web/src")
    assert (build.context, build.dockerfile) == ("services/web", "services/web/src/docker/Dockerfile")


@pytest.mark.parametrize(
    ("line", "pushed"),
    [
        ("docker build -t acme/web .", None),
        ("docker buildx build -t acme/web:1 -t acme/web:2 --push .", ("acme/web:1", "acme/web:2")),
        ("docker buildx build --output type=image,name=acme/web,push=true .", ("acme/web",)),
        ("docker buildx bake --push", ()),
        ("docker buildx bake", None),
        ("/kaniko/executor --destination acme/web --destination acme/web:1", ("acme/web", "acme/web:1")),
        ("/kaniko/executor --context . --no-push", None),
        ("ko build --local ./cmd/web", None),
        ("ko build ./cmd/web", ()),
        ("docker compose build", None),
        ("docker compose build --push web", ()),
        ("docker compose push", ()),
        ("docker push acme/web:1", ("acme/web:1",)),
        ("docker image push acme/web:1", ("acme/web:1",)),
        ("podman push web docker://acme/web", ("acme/web",)),
        ("buildah push web", ("web",)),
        ("crane push web.tar acme/web", ("acme/web",)),
        ("skopeo copy docker-archive:web.tar docker://acme/web", ("acme/web",)),
        ("skopeo inspect docker://acme/web", None),
        ("mvn jib:build", ()),
        ("mvn com.google.cloud.tools:jib-maven-plugin:3.4.0:dockerBuild", None),
        ("docker pull acme/web", None),
        ("helm push web-1.tgz oci://acme/charts", None),
        ("git push", None),
    ],
)
def test_what_brings_an_image_into_a_registry(line: str, pushed: tuple[str, ...] | None) -> None:
    pushes = [act for act in acts(line) if isinstance(act, Push)]
    assert [push.images for push in pushes] == ([] if pushed is None else [pushed])


@pytest.mark.parametrize(
    "line",
    [
        "skopeo copy docker://r/web:sha docker://r/web:prod",
        "crane copy r/web:sha r/web:prod",
        "docker buildx imagetools create -t r/web:prod r/web:sha",
        "crane tag r/web:sha prod",
    ],
)
def test_a_promotion_says_what_it_copies(line: str) -> None:
    (push,) = [act for act in acts(line) if isinstance(act, Push)]
    assert (push.images, push.sources) == (("r/web:prod",), ("r/web:sha",))


@pytest.mark.parametrize(
    ("line", "way"),
    [
        ("kubectl apply -f k8s/", Way.CLUSTER),
        ("kubectl -n shop set image deployment/web web=acme/web:1", Way.CLUSTER),
        ("kubectl --context prod rollout restart deployment/web", Way.CLUSTER),
        ("kubectl apply -k overlays/prod", Way.CLUSTER),
        ("helm upgrade --install web charts/web", Way.CLUSTER),
        ("helm --kube-context prod upgrade web charts/web", Way.CLUSTER),
        ("helm secrets upgrade web charts/web", Way.CLUSTER),
        ("helmfile -e prod apply", Way.CLUSTER),
        ("skaffold run", Way.CLUSTER),
        ("flux reconcile kustomization apps", Way.GITOPS),
        ("argocd app sync shop", Way.GITOPS),
        ("terraform apply -auto-approve", Way.INFRASTRUCTURE),
        ("terraform -chdir=infra apply", Way.INFRASTRUCTURE),
        ("terragrunt run-all apply", Way.INFRASTRUCTURE),
        ("tofu apply plan", Way.INFRASTRUCTURE),
        ("pulumi up --yes", Way.INFRASTRUCTURE),
        ("npx cdk deploy --all", Way.INFRASTRUCTURE),
        ("docker stack deploy -c stack.yml shop", Way.PLATFORM),
        ("docker --context prod compose up -d", Way.PLATFORM),
        ("ssh deploy@host 'docker compose pull && docker compose up -d'", Way.PLATFORM),
        ("ssh -i key host sudo systemctl restart web", Way.PLATFORM),
        ("gcloud run deploy web --image x", Way.PLATFORM),
        ("aws ecs update-service --cluster c --service web --force-new-deployment", Way.PLATFORM),
        ("sam deploy --no-confirm-changeset", Way.PLATFORM),
        ("git push heroku main", Way.PLATFORM),
        ("make deploy", Way.UNTOLD),
        ("./scripts/deploy.sh prod", Way.UNTOLD),
        ("bash ci/deploy-prod.sh", Way.UNTOLD),
        ("npm run deploy:prod", Way.UNTOLD),
        ("make terraform-apply", Way.UNTOLD),
        ("curl -X POST https://api.github.com/repos/acme/manifests/dispatches -d '{}'", Way.GITOPS),
        ("gh api repos/acme/shop/actions/workflows/deploy.yml/dispatches", Way.UNTOLD),
    ],
)
def test_what_deploys(line: str, way: Way) -> None:
    assert [act.way for act in acts(line) if isinstance(act, Deploy)] == [way]


@pytest.mark.parametrize(
    "line",
    [
        "kubectl apply --dry-run=client -f k8s/",
        "kubectl get pods",
        "kubectl create namespace shop",
        "kubectl rollout status deployment/web",
        "helm upgrade --install --dry-run web charts/web",
        "helm template charts/web",
        "helm lint charts/web",
        "terraform plan",
        "terraform apply -destroy",
        "ansible-playbook --syntax-check site.yml",
        "mvn deploy",
        "make deploy-docs",
        "./scripts/test-deploy.sh",
        "docker compose up -d",
        "ssh host ls",
        "git push origin main",
        "echo kubectl apply -f k8s/",
    ],
)
def test_what_does_not_deploy(line: str) -> None:
    assert [act.what for act in acts(line) if isinstance(act, Deploy)] == []


def test_what_is_applied_to_a_cluster_that_the_job_made_is_no_deploy() -> None:
    found = acts("kind create cluster --name ci", "kubectl apply -f k8s/", "helm upgrade --install web charts/web")
    assert [act.what for act in found if isinstance(act, Deploy)] == []
    assert [act.of for act in found if isinstance(act, Throwaway)] == ["a kind cluster"]


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (
            (
                "git clone https://github.com/acme/app.git",
                "kustomize edit set image acme/web:1",
                "git commit -am x",
                "git push",
            ),
            "kustomize edit set image and git push",
        ),
        (("yq -i '.image.tag = \"1\"' values.yaml", "git push origin main"), "yq on values.yaml and git push"),
        (("sed -i s/tag:.*/tag:1/ web.yaml", "gh pr create --fill"), "sed on web.yaml and gh pr create"),
        (
            ("git clone https://github.com/acme/gitops.git", "./bump", "git push"),
            "git push to https://github.com/acme/gitops.git",
        ),
    ],
)
def test_a_commit_that_changes_the_image_of_manifests_deploys(lines: tuple[str, ...], what: str) -> None:
    (deploy,) = [act for act in acts(*lines) if isinstance(act, Deploy)]
    assert (deploy.what, deploy.way) == (what, Way.GITOPS)


@pytest.mark.parametrize(
    "lines", [("npm version patch", "git push"), ("kustomize edit set image acme/web:1",), ("git push --tags",)]
)
def test_a_commit_that_changes_no_image_deploys_nothing(lines: tuple[str, ...]) -> None:
    assert [act.what for act in acts(*lines) if isinstance(act, Deploy)] == []


@pytest.mark.parametrize(
    "lines",
    [
        ("terraform -chdir=infra apply -auto-approve", "go test ./...", "terraform -chdir=infra destroy -auto-approve"),
        ("helm install web charts/web", "helm test web", "helm uninstall web"),
    ],
)
def test_what_the_job_takes_down_again_is_no_deploy(lines: tuple[str, ...]) -> None:
    found = acts(*lines)
    assert [act.what for act in found if isinstance(act, Deploy)] == []
    assert [act.of for act in found if isinstance(act, Throwaway)] == ["what the run makes and destroys"]


def test_a_step_that_is_called_after_its_first_command_deploys_with_its_second() -> None:
    commands = (Command(("go", "test"), PLACE), Command(("kubectl", "apply", "-f", "k8s/"), PLACE))
    found = acts_of(Job("ship", "ship", PLACE, steps=(Step("go test", PLACE, commands=commands),)))
    assert [type(act) for act in found] == [ATest, Deploy]


@pytest.mark.parametrize(
    ("line", "review"),
    [
        ("skaffold run --namespace=pr$PR_NUMBER", True),
        ("helm upgrade --install web charts/web -n pr-${{ github.event.number }}", True),
        ("helm upgrade --install web-pr-$CI_MERGE_REQUEST_IID charts/web", True),
        ("helm upgrade --install web charts/web -n production", False),
        ("helm upgrade --install primary charts/web -n $NAMESPACE", False),
    ],
)
def test_what_goes_to_a_namespace_of_one_pull_request_is_a_review_app(line: str, *, review: bool) -> None:
    kinds = {type(act) for act in acts(line)}
    assert (Throwaway in kinds, Deploy in kinds) == (review, not review)


def test_a_job_that_is_called_after_pull_requests_deploys_a_review_app() -> None:
    (made,) = acts_of(job_of("skaffold deploy --namespace=$NAMESPACE", id="deploy-to-pr-namespace"))
    assert isinstance(made, Throwaway)
    assert made.review_app


def test_what_is_taken_down_before_is_deployed_anew() -> None:
    assert [type(act) for act in acts("helm uninstall web", "helm install web charts/web")] == [Deploy]


@pytest.mark.parametrize(
    ("job", "deployed"),
    [
        ("e2e", []),
        ("deployment-tests", []),
        ("deploy-test", ["kubectl apply"]),
        ("deploy", ["kubectl apply"]),
    ],
)
def test_what_a_job_for_tests_applies_is_no_deploy(job: str, deployed: list[str]) -> None:
    found = acts_of(job_of("kubectl apply -f k8s/", id=job))
    assert [act.what for act in found if isinstance(act, Deploy)] == deployed


def test_a_script_that_is_called_after_tests_tests_whatever_it_calls() -> None:
    command = Command(("ansible-playbook", "cluster.yml"), PLACE, via=("./tests/testcases_run.sh",))
    (test,) = acts_of(Job("pr", "pr", PLACE, steps=(Step("", PLACE, commands=(command,)),)))
    assert isinstance(test, ATest)
    assert test.what == "./tests/testcases_run.sh"


def test_a_target_that_was_followed_is_known_by_what_it_calls() -> None:
    command = Command(("go", "test", "./..."), PLACE, via=("make e2e",))
    (test,) = acts_of(Job("pr", "pr", PLACE, steps=(Step("", PLACE, commands=(command,)),)))
    assert isinstance(test, ATest)
    assert (test.what, test.breadth) == ("go test", Breadth.WIDE)


def test_compose_up_in_a_deploy_job_deploys_to_the_host_that_runs_it() -> None:
    found = list(acts_of(job_of("docker compose up -d", id="deploy")))
    assert [type(act) for act in found] == [Deploy]


@pytest.mark.parametrize(
    ("line", "breadth"),
    [
        ("go test ./...", Breadth.UNIT),
        ("go test -tags=integration ./...", Breadth.WIDE),
        ("go test ./test/e2e/...", Breadth.WIDE),
        ("pytest -q", Breadth.UNIT),
        ("pytest tests/smoke", Breadth.SMOKE),
        ("python -m pytest", Breadth.UNIT),
        ("poetry run pytest tests/integration", Breadth.WIDE),
        ("uv run --frozen pytest", Breadth.UNIT),
        ("python manage.py test", Breadth.UNIT),
        ("npm test", Breadth.UNIT),
        ("npm t", Breadth.UNIT),
        ("npm run test:e2e", Breadth.WIDE),
        ("yarn e2e", Breadth.WIDE),
        ("yarn workspace web test", Breadth.UNIT),
        ("pnpm -r run test", Breadth.UNIT),
        ("pnpm --filter web test", Breadth.UNIT),
        ("npx playwright test", Breadth.WIDE),
        ("npx jest --ci", Breadth.UNIT),
        ("yarn jest", Breadth.UNIT),
        ("mvn -B verify", Breadth.UNIT),
        ("./mvnw -B package", Breadth.UNIT),
        ("./gradlew build", Breadth.UNIT),
        ("./gradlew :api:integrationTest", Breadth.WIDE),
        ("cargo test --all", Breadth.UNIT),
        ("cargo nextest run", Breadth.UNIT),
        ("dotnet test", Breadth.UNIT),
        ("make test", Breadth.UNIT),
        ("make smoke", Breadth.SMOKE),
        ("make -C api e2e", Breadth.WIDE),
        ("make -j4 check", Breadth.UNIT),
        ("bun run coverage", Breadth.UNIT),
        ("npm run test:coverage", Breadth.UNIT),
        ("nix develop --command make -C test filter=Smoke", Breadth.SMOKE),
        ("k6 run load.js", Breadth.UNIT),
        ("newman run api.json", Breadth.WIDE),
        ("helm test web", Breadth.UNIT),
        ("bats tests", Breadth.UNIT),
        ("tox -e py312", Breadth.UNIT),
        ("ct install --all", Breadth.UNIT),
        ("kubectl kuttl test", Breadth.WIDE),
        ("chainsaw test", Breadth.WIDE),
        ("container-structure-test test --image web", Breadth.UNIT),
        ("curl -fsS http://localhost:8080/healthz", Breadth.UNIT),
        ("curl --retry 5 --fail https://web.acme.test/api/health", Breadth.UNIT),
        ("docker run --rm -v $PWD:/src golang:1.25 go test ./...", Breadth.UNIT),
        ("docker compose run --rm web npm test", Breadth.UNIT),
        ("docker compose exec -T web sh -c 'pytest tests/smoke'", Breadth.SMOKE),
        ("./scripts/smoke-test.sh", Breadth.SMOKE),
        ("bash test/e2e.sh", Breadth.WIDE),
        ("xvfb-run npm test", Breadth.UNIT),
        ("timeout 10m go test ./...", Breadth.UNIT),
        ("php artisan test", Breadth.UNIT),
        ("vendor/bin/phpunit", Breadth.UNIT),
        ("bundle exec rspec", Breadth.UNIT),
        ("nx affected -t test", Breadth.UNIT),
        ("turbo run test", Breadth.UNIT),
        ("bazel test //...", Breadth.UNIT),
        ("sbt test", Breadth.UNIT),
    ],
)
def test_what_tests_and_how_much(line: str, breadth: Breadth) -> None:
    assert [act.breadth for act in acts(line) if isinstance(act, ATest)] == [breadth]


@pytest.mark.parametrize(
    "line",
    [
        "npm run lint",
        "npm run test:lint",
        "npm run build",
        "npm ci",
        "yarn install",
        "go vet ./...",
        "go build ./...",
        "golangci-lint run",
        "mvn package -DskipTests",
        "mvn -Dmaven.test.skip=true install",
        "./gradlew build -x test",
        "make build",
        "make test-image",
        "make lint",
        "helm lint charts/web",
        "terraform validate",
        "test -f go.mod",
        "pip install pytest",
        "curl -fsSL https://get.helm.sh/helm.tar.gz",
        "curl http://localhost:8080/healthz",
        "pytest --version",
        "trivy image web",
        "./scripts/build.sh",
        "echo go test",
        "docker build --target test .",
    ],
)
def test_what_is_no_test(line: str) -> None:
    assert [act.what for act in acts(line) if isinstance(act, ATest)] == []


def test_the_names_of_the_job_say_how_much_a_test_covers() -> None:
    (test,) = acts_of(job_of("npm test", id="regression"))
    assert isinstance(test, ATest)
    assert test.breadth is Breadth.WIDE


@pytest.mark.parametrize(
    ("lines", "of"),
    [
        (("k3d cluster create ci",), "a k3d cluster"),
        (("minikube start --driver=docker",), "a minikube cluster"),
        (("vcluster create pr-1",), "a virtual cluster"),
        (("docker compose -f compose.test.yml up -d",), "containers beside the test"),
        (("docker-compose up -d",), "containers beside the test"),
        (("docker run -d -p 5432:5432 postgres:17",), "containers beside the test"),
        (
            ("kubectl create namespace pr-$ID", "kubectl delete namespace pr-$ID"),
            "a namespace that the run makes and deletes",
        ),
        (
            ("helm upgrade --install web charts/web -n pr-$ID --create-namespace", "kubectl delete ns/pr-$ID"),
            "a namespace that the run makes and deletes",
        ),
    ],
)
def test_what_is_thrown_away(lines: tuple[str, ...], of: str) -> None:
    assert of in [act.of for act in acts(*lines) if isinstance(act, Throwaway)]


@pytest.mark.parametrize(
    "line",
    ["kind load docker-image web", "kubectl create namespace shop", "docker run --rm web", "docker compose build"],
)
def test_what_makes_nothing_to_throw_away(line: str) -> None:
    assert [act.what for act in acts(line) if isinstance(act, Throwaway)] == []


def test_services_beside_a_job_are_thrown_away_but_for_those_that_build_images() -> None:
    with_database = Job("test", "test", PLACE, images=("docker:27-dind", "postgres:17"))
    (made,) = acts_of(with_database)
    assert made.what == "service container postgres:17"
    assert list(acts_of(Job("build", "build", PLACE, images=("docker:27-dind",)))) == []


@pytest.mark.parametrize(
    ("environment", "review"),
    [
        ("review/$CI_COMMIT_REF_SLUG", True),
        ("pr-${{ github.event.number }}", True),
        ("production", False),
        ("prod", False),
        ("review", False),
    ],
)
def test_an_environment_for_each_branch_is_a_review_app(environment: str, *, review: bool) -> None:
    found = acts_of(Job("deploy", "deploy", PLACE, environment=environment))
    assert [act.what for act in found if isinstance(act, Throwaway)] == (
        [f"environment {environment}"] if review else []
    )


@pytest.mark.parametrize(
    ("name", "inputs", "context", "dockerfile", "pushes"),
    [
        ("docker/build-push-action", {}, "", None, False),
        ("docker/build-push-action", {"context": "./api", "push": "true", "tags": "a\nb"}, "api", None, True),
        ("docker/build-push-action", {"context": ".", "file": "./api/Dockerfile"}, "", "api/Dockerfile", False),
        ("docker/build-push-action", {"context": "{{defaultContext}}:api"}, "api", None, False),
        ("docker/build-push-action", {"push": "${{ github.event_name != 'pull_request' }}"}, "", None, True),
        ("docker/build-push-action", {"outputs": "type=image,push=true"}, "", None, True),
        ("redhat-actions/buildah-build", {"containerfiles": "./Containerfile"}, "", "Containerfile", False),
        ("bcgov/action-builder-ghcr", {"package": "api"}, "api", None, False),
        ("aevea/action-kaniko", {"path": "api", "build_file": "Dockerfile.prod"}, "api", "api/Dockerfile.prod", True),
    ],
)
def test_what_a_ready_made_step_builds(
    name: str, inputs: dict[str, str], context: str, dockerfile: str | None, *, pushes: bool
) -> None:
    found = list(acts_of(job_using(name, inputs)))
    build = found[0]
    assert isinstance(build, Build)
    assert (build.context, build.dockerfile, build.pushes) == (context, dockerfile, pushes)
    assert any(isinstance(act, Push) and act.cause is build.cause for act in found) == pushes


def test_an_image_that_another_step_names_is_called_what_that_step_is_given() -> None:
    names = Step("", PLACE, uses=Use("docker/metadata-action", "v5", {"images": "ghcr.io/acme/web"}, PLACE))
    tags = {"push": "true", "tags": "${{ steps.meta.outputs.tags }}"}
    build = Step("", PLACE, uses=Use("docker/build-push-action", "v6", tags, PLACE))
    pushes = [act for act in acts_of(Job("a", "a", PLACE, steps=(names, build))) if isinstance(act, Push)]
    assert [push.images for push in pushes] == [("ghcr.io/acme/web",)]


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("azure/k8s-deploy", {"action": "deploy", "manifests": "k8s"}),
        ("Azure/k8s-deploy", {}),
        ("google-github-actions/deploy-cloudrun", {"service": "web"}),
        ("aws-actions/amazon-ecs-deploy-task-definition", {}),
        ("dflook/terraform-apply", {}),
        ("actions-hub/kubectl", {"args": "apply -f k8s"}),
        ("appleboy/ssh-action", {"host": "h", "script": "cd /srv\ndocker compose pull && docker compose up -d"}),
        ("superfly/flyctl-actions", {"args": "deploy"}),
        ("acme/deploy-action", {}),
    ],
)
def test_ready_made_steps_that_deploy(name: str, inputs: dict[str, str]) -> None:
    assert [act for act in acts_of(job_using(name, inputs)) if isinstance(act, Deploy)]


@pytest.mark.parametrize(
    ("name", "inputs"),
    [
        ("azure/k8s-deploy", {"action": "reject"}),
        ("actions-hub/kubectl", {"args": "get pods"}),
        ("JamesIves/github-pages-deploy-action", {}),
        ("actions/deploy-pages", {}),
        ("actions/checkout", {}),
        ("pulumi/actions", {"command": "preview"}),
    ],
)
def test_ready_made_steps_that_deploy_nothing(name: str, inputs: dict[str, str]) -> None:
    assert [act for act in acts_of(job_using(name, inputs)) if isinstance(act, Deploy)] == []


def test_ready_made_steps_that_test() -> None:
    runs = [
        ("cypress-io/github-action", {}),
        ("docker://ghcr.io/allenporter/flux-local:v8.2.0@sha256", {"args": "test --all-namespaces"}),
        ("nick-fields/retry", {"command": "npm test"}),
        ("acme/run-e2e-tests", {}),
    ]
    for name, inputs in runs:
        assert [act for act in acts_of(job_using(name, inputs)) if isinstance(act, ATest)], name
    for name in ("dorny/test-reporter", "EnricoMi/publish-unit-test-result-action", "actions/setup-go"):
        assert [act for act in acts_of(job_using(name, {})) if isinstance(act, ATest)] == [], name


def test_a_kind_cluster_of_a_ready_made_step_is_thrown_away() -> None:
    assert [act.what for act in acts_of(job_using("helm/kind-action", {}))] == ["helm/kind-action"]


def test_an_act_says_why_its_failure_stops_nothing() -> None:
    command = Command(("go", "test", "./..."), PLACE, swallowed="`|| true`")
    (swallowed,) = acts_of(Job("a", "a", PLACE, steps=(Step("", PLACE, commands=(command,)),)))
    assert swallowed.swallowed == "`|| true`"
    step = Step(
        "", PLACE, commands=(Command(("go", "test"), PLACE),), may_fail="continue-on-error", skipped="if: false"
    )
    (excused,) = acts_of(Job("a", "a", PLACE, steps=(step,)))
    assert (excused.swallowed, excused.skipped) == ("continue-on-error", "if: false")
