"""What GitLab pipelines are put together from: includes, inputs, extends, references, defaults, children."""

from __future__ import annotations

from pathlib import Path

from readycheck.sources.files import FilesRequest, collect
from tests.pipelines.flows import MAIN, flow_of, jobs_of, lines_of, needs_of, sure_runs
from tests.trees import write

CI = ".gitlab-ci.yml"


def test_local_includes_lie_below_the_file_that_includes_them(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                include:
                  - local: /ci/build.yml
                  - '/ci/parts/*.yml'
                build:
                  script: [make mine]
                """,
            "ci/build.yml": """\
                include: ci/base.yml
                build:
                  stage: build
                  image: golang:1.25
                  script: [make theirs]
                """,
            "ci/base.yml": "lint: {script: [make lint]}\n",
            "ci/parts/one.yml": "one: {script: [make one]}\n",
            "ci/parts/two.yml": "two: {script: [make two]}\n",
            "ci/parts/below/three.yml": "three: {script: [make three]}\n",
        },
    )
    assert sorted(jobs) == ["build", "lint", "one", "two"]
    assert lines_of(jobs["build"]) == ["make mine"]
    assert jobs["build"].image == "golang:1.25"
    assert needs_of(jobs["one"]) == ["build"]
    assert jobs["lint"].place.location.uri == "ci/base.yml"


def test_every_line_stands_where_it_is_written(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                include: ci.yml
                deploy:
                  extends: .deploy
                  script:
                    - make deploy
                """,
            "ci.yml": """\
                .deploy:
                  before_script:
                    - make login
                """,
        },
    )
    (step,) = jobs["deploy"].steps
    places = [command.place.location for command in step.commands]
    assert [(place.uri, place.line) for place in places] == [("ci.yml", 3), (CI, 5)]


def test_what_is_not_in_the_tree_is_named(tmp_path: Path) -> None:
    flow = flow_of(
        tmp_path,
        {
            CI: """\
                include:
                  - project: group/templates
                    file: [/build.yml, /deploy.yml]
                  - remote: https://example.com/ci.yml
                  - component: gitlab.example.com/group/scan/scan@1
                  - template: Auto-DevOps.gitlab-ci.yml
                  - local: gone.yml
                  - local: ci/$STAGE.yml
                """
        },
    )
    assert [(unread.place.location.line, unread.reason) for unread in flow.unread] == [
        (2, "includes the project `group/templates` (/build.yml, /deploy.yml), which is not in the tree"),
        (4, "includes the remote `https://example.com/ci.yml`, which is not in the tree"),
        (5, "includes the component `gitlab.example.com/group/scan/scan@1`, which is not in the tree"),
        (6, "includes the template `Auto-DevOps.gitlab-ci.yml`, which is not in the tree"),
        (7, "includes `gone.yml`, which could not be found in the tree"),
        (8, "includes `ci/$STAGE.yml`, whose path a variable decides"),
    ]


def test_the_container_scanning_template_brings_a_job_that_stops_nothing(tmp_path: Path) -> None:
    for template in ("Jobs/Container-Scanning.gitlab-ci.yml", "Security/Container-Scanning.gitlab-ci.yml"):
        flow = flow_of(tmp_path / template.split("/")[0], {CI: f"include: [{{template: {template}}}]\n"})
        (job,) = flow.jobs
        assert flow.unread == ()
        assert (job.id, job.may_fail) == ("container_scanning", "`allow_failure: true`")
        assert lines_of(job) == ["gtcs scan"]
        assert MAIN in sure_runs(job)
        assert job.place.location.line == 1


def test_analyses_that_gitlab_brings_hide_nothing(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, {CI: "include: [{template: Jobs/SAST.gitlab-ci.yml}]\nbuild: {script: make}\n"})
    assert [job.id for job in flow.jobs] == ["build"]
    assert flow.unread == ()


def test_an_include_takes_inputs(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: "include: [{local: ci/scan.gitlab-ci.yml, inputs: {image: web}}]\n",
            "ci/scan.gitlab-ci.yml": """\
                spec:
                  inputs:
                    image:
                    prefix: {default: ci}
                    commands: {type: array, default: [make a, make b]}
                ---
                "$[[ inputs.prefix ]]-scan":
                  script:
                    - trivy image $[[ inputs.image ]]
                    - $[[ inputs.commands ]]
                """,
        },
    )
    assert lines_of(jobs["ci-scan"]) == ["trivy image web", "make a", "make b"]


def test_extends_goes_deep_and_takes_several(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                .base: {variables: {A: base, B: base}, script: [make base], retry: 2}
                .image: {image: alpine:3, variables: {B: image, C: image}}
                .both: {extends: [.base, .image]}
                build:
                  extends: .both
                  variables: {C: own}
                  script: [echo $A $B $C]
                """
        },
    )
    assert lines_of(jobs["build"]) == ["echo base image own"]
    assert jobs["build"].image == "alpine:3"


def test_what_extends_something_out_of_sight_says_so(tmp_path: Path) -> None:
    jobs = jobs_of(tmp_path, {CI: ".mine: {extends: .theirs}\nbuild: {extends: .mine, script: [make]}\n"})
    assert jobs["build"].unread == "it extends `.theirs`, which could not be found in the tree"


def test_extends_and_references_in_a_circle_end(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                .a: {extends: .b, image: alpine:3}
                .b: {extends: .a}
                one: {extends: .a, script: [make]}
                two: {script: [!reference [two, script], make two]}
                """
        },
    )
    assert jobs["one"].image == "alpine:3"
    assert lines_of(jobs["two"])[-1] == "make two"


def test_references_and_anchors_bring_lines_rules_and_values(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                .login: &login [docker login]
                .setup:
                  script:
                    - make setup
                    - !reference [.more, script]
                  rules:
                    - if: $CI_COMMIT_BRANCH == "main"
                .more: {script: [make more], variables: {TAG: v1}}
                build:
                  variables: {TAG: !reference [.more, variables, TAG]}
                  script:
                    - *login
                    - !reference [.setup, script]
                    - [echo $TAG, [make deep]]
                  rules:
                    - !reference [.setup, rules]
                """
        },
    )
    assert lines_of(jobs["build"]) == ["docker login", "make setup", "make more", "echo v1", "make deep"]
    assert MAIN in sure_runs(jobs["build"])
    assert [run.occasion for run in jobs["build"].runs if run.occasion.name == "TAG"] == []


def test_defaults_reach_jobs_that_do_not_refuse_them(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                default: {image: alpine:3, before_script: [make login]}
                services: [postgres:16]
                variables: {TAG: v1}
                one: {script: [make one]}
                two: {before_script: [], script: [make two]}
                three: {inherit: {default: false, variables: false}, script: [make three $TAG]}
                four: {inherit: {default: [image]}, script: [make four]}
                """
        },
    )
    assert lines_of(jobs["one"]) == ["make login", "make one"]
    assert jobs["one"].images == ("postgres:16",)
    assert lines_of(jobs["two"]) == ["make two"]
    assert (jobs["three"].image, lines_of(jobs["three"])) == ("", ["make three $TAG"])
    assert (jobs["four"].image, lines_of(jobs["four"])) == ("alpine:3", ["make four"])


def test_a_matrix_makes_a_job_of_each_combination(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                build:
                  stage: build
                  parallel: {matrix: [{SERVICE: [web, api], ARCH: amd64}]}
                  script: [docker build services/$SERVICE]
                deploy: {stage: deploy, needs: [build], script: [make deploy]}
                """
        },
    )
    assert lines_of(jobs["build: [api, amd64]"]) == ["docker build services/api"]
    assert needs_of(jobs["deploy"]) == ["build: [web, amd64]", "build: [api, amd64]"]


def test_a_matrix_of_hundreds_is_one_job_with_open_variables(tmp_path: Path) -> None:
    values = ", ".join(str(number) for number in range(20))
    text = (
        f"variables: {{A: x}}\nbuild: {{parallel: {{matrix: [{{A: [{values}], B: [{values}]}}]}}, script: [make $A]}}\n"
    )
    jobs = jobs_of(tmp_path, {CI: text})
    assert lines_of(jobs["build"]) == ["make $A"]


def test_a_child_pipeline_is_in_place_of_what_starts_it(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                stages: [test, child, deploy]
                unit: {stage: test, script: [make test]}
                e2e:
                  stage: child
                  trigger: {include: ci/e2e.yml, strategy: depend}
                  rules: [{if: $CI_COMMIT_BRANCH == "main"}]
                docs: {stage: child, trigger: {include: [{local: ci/docs.yml}]}}
                elsewhere: {stage: child, trigger: group/other}
                deploy: {stage: deploy, script: [make deploy]}
                """,
            "ci/e2e.yml": "suite: {script: [make e2e]}\n",
            "ci/docs.yml": "pages: {script: [make docs], rules: [{if: $CI_PIPELINE_SOURCE == 'push'}]}\n",
        },
    )
    assert needs_of(jobs["e2e/suite"]) == ["e2e"]
    assert [run.occasion for run in jobs["e2e/suite"].runs if run.occasion.name in {"MAIN", "BRANCH"}] == [MAIN]
    assert needs_of(jobs["deploy"]) == ["unit", "e2e", "e2e/suite", "docs", "elsewhere"]
    assert jobs["docs/pages"].runs == ()
    assert jobs["elsewhere"].unread == "it starts a pipeline of the project `group/other`, which is not in the tree"


def test_a_file_that_is_only_included_is_judged_where_it_is(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, {".gitlab/ci/build.yml": "build: {script: make}\n"})
    assert (flow.called_only, flow.jobs) == (True, ())


def test_configuration_of_the_agent_is_no_pipeline(tmp_path: Path) -> None:
    collected = collect(FilesRequest(paths=(write(tmp_path, {".gitlab/agents/a/config.yaml": "ci_access: {}\n"}),)))
    assert [resource.kind for resource in collected.resources] == ["ConfigFile"]


def test_what_has_no_shape_of_a_pipeline_is_no_crash(tmp_path: Path) -> None:
    flow = flow_of(
        tmp_path,
        {
            CI: """\
                stages: 5
                include: {local: [a, b]}
                variables: [1, 2]
                default: text
                one: text
                two: {script: {a: b}, rules: {if: 1}, needs: {job: x}, extends: {a: b}, image: [a], when: [x]}
                three: {trigger: {include: []}, parallel: {matrix: 5}, only: {refs: {}}, stage: [a], services: {}}
                four: {script: [true, 5, null], only: 7, environment: [x], allow_failure: {a: b}, variables: {A: [1]}}
                """
        },
    )
    assert [job.id for job in flow.jobs] == ["two", "three", "four"]
