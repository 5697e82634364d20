"""Pipelines that are objects of a cluster: Tekton and Argo Workflows."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path

import pytest

from readycheck.inventory import Inventory
from readycheck.pipelines.model import Flow, Occasion, Run
from tests.pipelines.flows import BRANCH, MAIN, MANUAL, PULL_REQUEST, SCHEDULE, TAG, lines_of, needs_of
from tests.trees import collected_from

TASK = """\
    apiVersion: tekton.dev/v1
    kind: Task
    metadata: {name: build}
    spec:
      params: [{name: image}, {name: flags, type: array, default: [--quiet, --pull]}]
      sidecars: [{name: db, image: postgres:16}]
      steps:
        - name: build
          image: docker:27
          workingDir: $(workspaces.source.path)/web
          script: |
            docker build -t $(params.image) .
            docker push $(params.image)
        - {name: scan, image: "aquasec/trivy:0.60.0", args: [image, $(params.image)], onError: continue}
        - {name: pull, image: alpine, command: [sh, -ec], args: [make pull; make push]}
        - {name: kaniko, image: gcr.io/kaniko-project/executor:v1.23.2, args: ["$(params.flags[*])", --cleanup]}
    """
PIPELINE = """\
    apiVersion: tekton.dev/v1
    kind: Pipeline
    metadata: {name: main}
    spec:
      params: [{name: name, default: web}]
      tasks:
        - {name: fetch, taskRef: {name: git-clone}, params: [{name: url, value: x}]}
        - name: build
          taskRef: {name: build}
          runAfter: [fetch]
          params: [{name: image, value: registry.example.com/$(params.name)}]
        - name: deploy
          when: [{input: $(params.name), operator: in, values: [web]}]
          params: [{name: digest, value: $(tasks.build.results.digest)}]
          taskSpec: {steps: [{name: apply, image: alpine, script: "kubectl apply -f $(workspaces.source.path)"}]}
      finally:
        - {name: tell, taskSpec: {steps: [{image: alpine, script: make tell}]}}
    """
RUN = """\
    apiVersion: tekton.dev/v1
    kind: PipelineRun
    metadata:
      generateName: main-
      annotations:
        pipelinesascode.tekton.dev/on-event: "[push, pull_request]"
        pipelinesascode.tekton.dev/on-target-branch: "[main, release-*]"
    spec: {pipelineRef: {name: main}, params: [{name: name, value: api}]}
    """


def flows_of(root: Path, files: Mapping[str, str]) -> dict[str, Flow]:
    written = {uri: textwrap.dedent(text) for uri, text in files.items()}
    inventory = Inventory([collected_from(root, written)])
    return {f"{pipeline.body['kind']} {pipeline.flow.name}": pipeline.flow for pipeline in inventory.pipelines}


def test_a_run_of_a_tekton_pipeline_is_its_tasks_in_order(tmp_path: Path) -> None:
    flows = flows_of(tmp_path, {".tekton/run.yaml": RUN, "ci/pipeline.yaml": PIPELINE, "ci/task.yaml": TASK})
    assert flows["Pipeline main"].called_only
    fetch, build, deploy, tell = flows["PipelineRun main-"].jobs
    assert fetch.unread == "it runs the task `git-clone`, which could not be found in the tree"
    assert needs_of(build) == ["fetch"]
    assert lines_of(build) == [
        "docker build -t registry.example.com/api .",
        "docker push registry.example.com/api",
        "trivy image registry.example.com/api",
        "make pull",
        "make push",
        "executor --quiet --pull --cleanup",
    ]
    assert build.images == ("postgres:16",)
    assert [step.may_fail for step in build.steps] == ["", "`onError: continue`", "", ""]
    assert build.steps[0].commands[0].folder == "web"
    assert not build.steps[0].commands[0].swallowed
    assert needs_of(deploy) == ["build"]
    assert {run.unsure for run in deploy.runs} >= {"the condition of its `when`"}
    assert [need.in_spite for need in tell.needs] == ["`finally` is run whatever came of the tasks"] * 3
    assert {(run.occasion, run.unsure) for run in build.runs} == {
        (PULL_REQUEST, ""),
        (MAIN, ""),
        (BRANCH, "main, release-*"),
    }


@pytest.mark.parametrize(
    ("annotation", "runs"),
    [
        ('on-cel-expression: event == "push" && target_branch == "main"', {(MAIN, "")}),
        ('on-event: "[push]"\non-target-branch: "[refs/tags/v*]"', {(TAG, "")}),
        ('on-event: pull_request\non-path-change: "[web/**]"', {(PULL_REQUEST, "")}),
        ("other: x", {(MANUAL, "")}),
    ],
)
def test_annotations_say_when_pipelines_as_code_runs(
    annotation: str, runs: set[tuple[Occasion, str]], tmp_path: Path
) -> None:
    lines = "".join(
        f"    pipelinesascode.tekton.dev/{name}: {value if value[0] == chr(34) else repr(value)}\n"
        for name, _, value in (line.partition(": ") for line in annotation.splitlines())
    )
    text = (
        "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata:\n  name: a\n  annotations:\n" + lines + "spec:\n"
        "  pipelineSpec: {tasks: [{name: t, taskSpec: {steps: [{image: x, script: make}]}}]}\n"
    )
    (job,) = flows_of(tmp_path, {"run.yaml": text})["PipelineRun a"].jobs
    assert {(run.occasion, run.unsure) for run in job.runs} == runs


def test_what_starts_a_tekton_pipeline_by_itself_is_not_known(tmp_path: Path) -> None:
    flow = flows_of(tmp_path, {"pipeline.yaml": PIPELINE, "task.yaml": TASK})["Pipeline main"]
    assert {run.unsure for run in flow.jobs[0].runs} == {"what starts it, which is not told where it stands"}


def test_pipelines_of_other_groups_are_none(tmp_path: Path) -> None:
    text = "apiVersion: pipelines.kubeflow.org/v2beta1\nkind: Pipeline\nmetadata: {name: a}\nspec: {}\n"
    assert flows_of(tmp_path, {"pipeline.yaml": text}) == {}


def test_an_argo_workflow_is_its_containers_in_the_order_of_steps_and_graphs(tmp_path: Path) -> None:
    text = """\
        apiVersion: argoproj.io/v1alpha1
        kind: CronWorkflow
        metadata: {name: nightly}
        spec:
          schedule: "0 0 * * *"
          workflowSpec:
            entrypoint: all
            onExit: tell
            arguments: {parameters: [{name: image, value: web}]}
            templates:
              - name: all
                steps:
                  - - {name: build, template: run, arguments: {parameters: [{name: line, value: "make build"}]}}
                    - {name: scan, template: scan, continueOn: {failed: true}}
                  - - {name: ship, template: graph}
              - name: graph
                dag:
                  tasks:
                    - {name: deploy, template: run, depends: "test.Succeeded && lint", arguments: &line
                        {parameters: [{name: line, value: make deploy}]}}
                    - {name: lint, template: run, arguments: *line}
                    - {name: test, template: run, dependencies: [lint], when: "{{workflow.parameters.go}} == yes"}
              - name: run
                inputs: {parameters: [{name: line, default: make test}]}
                container: {image: alpine, command: [sh, -c], args: ["{{inputs.parameters.line}}"]}
              - name: scan
                script:
                  image: alpine
                  command: [bash]
                  source: "trivy image {{workflow.parameters.image}}\\nmake late"
              - {name: tell, resource: {action: apply, manifest: x}}
        """
    flow = flows_of(tmp_path, {"workflow.yaml": text})["CronWorkflow nightly"]
    jobs = {job.id: job for job in flow.jobs}
    assert list(jobs) == ["build", "scan", "ship/lint", "ship/test", "ship/deploy", "exit"]
    assert lines_of(jobs["build"]) == ["make build"]
    assert jobs["build"].runs == (Run(SCHEDULE),)
    assert lines_of(jobs["scan"]) == ["trivy image web", "make late"]
    assert [bool(command.swallowed) for command in jobs["scan"].steps[0].commands] == [True, False]
    assert [(need.job, need.in_spite) for need in jobs["ship/lint"].needs] == [("build", ""), ("scan", "`continueOn`")]
    assert needs_of(jobs["ship/test"])[2:] == ["ship/lint"]
    assert jobs["ship/test"].runs == (Run(SCHEDULE, unsure="when: ${{ workflow.parameters.go }} == yes"),)
    assert lines_of(jobs["ship/test"]) == ["make test"]
    assert needs_of(jobs["ship/deploy"])[2:] == ["ship/test", "ship/lint"]
    assert lines_of(jobs["exit"]) == ["kubectl apply"]


def test_a_workflow_may_be_that_of_a_template(tmp_path: Path) -> None:
    template = """\
        apiVersion: argoproj.io/v1alpha1
        kind: WorkflowTemplate
        metadata: {name: build}
        spec:
          entrypoint: main
          arguments: {parameters: [{name: image, value: web}]}
          templates:
            - name: main
              container: {image: docker, command: [docker], args: [push, "{{workflow.parameters.image}}"]}
        """
    workflow = """\
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {generateName: build-}
        spec: {workflowTemplateRef: {name: build}, arguments: {parameters: [{name: image, value: api}]}}
        """
    flows = flows_of(tmp_path, {"template.yaml": template, "workflow.yaml": workflow})
    assert flows["WorkflowTemplate build"].called_only
    (job,) = flows["Workflow build-"].jobs
    assert lines_of(job) == ["docker push api"]
    (lost,) = flows_of(tmp_path / "lost", {"workflow.yaml": workflow})["Workflow build-"].jobs
    assert lost.unread == "it runs the template `build`, which could not be found in the tree"


def test_a_step_may_call_a_template_of_another_workflow(tmp_path: Path) -> None:
    shared = """\
        apiVersion: argoproj.io/v1alpha1
        kind: WorkflowTemplate
        metadata: {name: shared}
        spec:
          templates:
            - {name: both, steps: [[{name: a, template: say}], [{name: b, template: say}]]}
            - {name: say, container: {image: alpine, command: [make], args: [say]}}
        """
    workflow = """\
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: main}
        spec:
          entrypoint: all
          templates:
            - name: all
              steps:
                - - {name: one, templateRef: {name: shared, template: both}}
                - - {name: two, templateRef: {name: gone, template: both}}
        """
    jobs = {
        job.id: job
        for job in flows_of(tmp_path, {"shared.yaml": shared, "workflow.yaml": workflow})["Workflow main"].jobs
    }
    assert list(jobs) == ["one/a", "one/b", "two"]
    assert lines_of(jobs["one/b"]) == ["make say"]
    assert jobs["two"].unread == "it runs the template `both`, which could not be found in the tree"


def test_templates_that_call_each_other_end(tmp_path: Path) -> None:
    text = """\
        apiVersion: argoproj.io/v1alpha1
        kind: Workflow
        metadata: {name: loop}
        spec:
          entrypoint: a
          templates:
            - {name: a, steps: [[{name: x, template: a}, {name: y, template: a}]]}
            - name: b
              dag:
                tasks:
                  - {name: c, template: b, dependencies: [d]}
                  - {name: d, template: b, dependencies: [c]}
        """
    flow = flows_of(tmp_path, {"workflow.yaml": text})["Workflow loop"]
    assert [unread.reason for unread in flow.unread] == ["holds more than 500 calls of templates"]
