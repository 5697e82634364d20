"""Declarative pipelines of Jenkins, and what is not read of the others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from readycheck.documents.jenkinsfile import parse
from readycheck.pipelines.model import Occasion
from tests.pipelines.flows import (
    BRANCH,
    MAIN,
    MANUAL,
    PULL_REQUEST,
    SCHEDULE,
    TAG,
    flow_of,
    jobs_of,
    lines_of,
    needs_of,
    sure_runs,
)

CI = "Jenkinsfile"


def test_stages_are_jobs_in_line_and_steps_are_read_where_they_stand(tmp_path: Path) -> None:
    jobs = jobs_of(
        tmp_path,
        {
            CI: """\
                @Library('shared') _
                // what follows is declarative
                pipeline {
                  agent { docker { image 'golang:1.25' } }
                  environment {
                    IMAGE = "registry.example.com/web"
                    TOKEN = credentials('token')
                  }
                  stages {
                    stage('Build') {
                      steps {
                        checkout scm
                        dir('services/web') {
                          sh 'docker build -t $IMAGE:1 .'
                        }
                        sh label: 'push', script: '''
                          set -o pipefail
                          docker push "$IMAGE:1"
                        '''
                      }
                    }
                    stage('Check') {
                      parallel {
                        stage('Scan') {
                          steps { catchError(buildResult: 'SUCCESS') { sh "trivy image ${env.IMAGE}:1" } }
                        }
                        stage('Test') { agent any; steps { sh(script: 'make test', returnStatus: true) } }
                      }
                    }
                    stage('Deploy') {
                      when { branch 'main' }
                      input { message 'Ship it?' }
                      steps { withEnv(['MODE=prod']) { sh "make deploy MODE=$MODE" } }
                    }
                  }
                  post { always { sh 'make clean' } failure { mail to: 'team@example.com', subject: 'broken' } }
                }
                """
        },
    )
    build, scan, test, deploy, post = jobs.values()
    assert [build.id, scan.id, test.id, deploy.id] == ["Build", "Check/Scan", "Check/Test", "Deploy"]
    assert lines_of(build) == [
        "docker build -t registry.example.com/web:1 .",
        "docker push registry.example.com/web:1",
    ]
    assert build.steps[0].commands[0].folder == "services/web"
    assert build.steps[0].place.location.line == 14
    assert build.image == "golang:1.25"
    assert needs_of(test) == ["Build"]
    assert (scan.steps[0].may_fail, test.steps[0].may_fail) == ("`catchError`", "`returnStatus: true`")
    assert lines_of(scan) == ["trivy image registry.example.com/web:1"]
    assert needs_of(deploy) == ["Build", "Check/Scan", "Check/Test"]
    assert {run.occasion for run in deploy.runs if not run.unsure} == {MAIN, MANUAL}
    assert all(run.manual for run in deploy.runs)
    assert lines_of(deploy) == ["make deploy MODE=prod"]
    assert [need.in_spite for need in post.needs] == ["`post` is run whatever came of the stages"] * 4


@pytest.mark.parametrize(
    ("when", "occasions"),
    [
        ("", {MAIN, MANUAL}),
        ("branch 'main'", {MAIN, MANUAL}),
        ("not { branch 'main' }", set()),
        ("anyOf { branch 'main'; branch 'release/*' }", {MAIN, MANUAL}),
        ("allOf { branch 'main'; environment name: 'GO', value: 'yes' }", set()),
        ("changeRequest()", {PULL_REQUEST}),
        ("changeRequest target: 'main'", {PULL_REQUEST}),
        ("buildingTag()", {TAG}),
        ("tag 'v*'", {TAG}),
        ("beforeAgent true\nbranch pattern: 'ma.*', comparator: 'REGEXP'", {MAIN, MANUAL}),
        ("expression { return env.BRANCH_NAME == 'main' }", {MAIN, MANUAL}),
        ("expression { params.DEPLOY }", set()),
        ("triggeredBy 'TimerTrigger'", set()),
        ("triggeredBy 'UserIdCause'", {MANUAL}),
    ],
)
def test_when_chooses_occasions(when: str, occasions: set[Occasion], tmp_path: Path) -> None:
    around = f"when {{\n{when}\n}}" if when else ""
    text = f"pipeline {{ agent any\nstages {{ stage('a') {{\n{around}\nsteps {{ sh 'make' }} }} }} }}"
    assert sure_runs(jobs_of(tmp_path, {CI: text})["a"]) == occasions


def test_what_other_branches_do_is_kept_in_jenkins(tmp_path: Path) -> None:
    text = "pipeline { agent any\ntriggers { cron('H 4 * * *') }\nstages { stage('a') { steps { sh 'make' } } } }"
    job = jobs_of(tmp_path, {CI: text})["a"]
    run = job.run(BRANCH)
    assert run is not None
    assert run.unsure == "what the Jenkins job builds, which is not in the tree"
    assert SCHEDULE in sure_runs(job)


def test_a_stage_runs_on_changes_of_its_files(tmp_path: Path) -> None:
    text = "pipeline { stages { stage('a') { when { changeset 'web/**' }\nsteps { sh 'make' } } } }"
    run = jobs_of(tmp_path, {CI: text})["a"].run(MAIN)
    assert run is not None
    assert run.paths == ("web/**",)


def test_images_of_the_docker_plugin_are_built_and_pushed(tmp_path: Path) -> None:
    text = """\
        pipeline { stages { stage('a') { steps { script {
          def image = docker.build("registry.example.com/web:${env.BUILD_NUMBER}", "-f web/Dockerfile web")
          docker.withRegistry('https://registry.example.com', 'login') {
            image.push()
            image.push('latest')
          }
          if (env.BRANCH_NAME == 'main') { sh 'make deploy' } else { echo 'nothing' }
          try { sh 'make one' } catch (e) { echo "${e}" }
          try { sh 'make two' } catch (e) { throw e }
          ['a', 'b'].each { name, index -> sh "make ${name}" }
          deployWith(name: 'web')
        } } } } }
        """
    job = jobs_of(tmp_path, {CI: text})["a"]
    assert lines_of(job) == [
        "docker build -t registry.example.com/web:${BUILD_NUMBER} -f web/Dockerfile web",
        "docker push registry.example.com/web:${BUILD_NUMBER}",
        "docker push registry.example.com/web:latest",
        "make deploy",
        "make one",
        "make two",
        "make ${name}",
    ]
    told = {lines: step for step in job.steps for lines in [" ".join(command.text for command in step.commands)]}
    assert told["make deploy"].condition == "if env.BRANCH_NAME == 'main'"
    assert (told["make one"].may_fail, told["make two"].may_fail) == ("`try`", "")
    assert job.steps[-1].unread == "`deployWith`, a step of a plugin or a shared library"


def test_a_shell_of_ones_own_choice_goes_on_after_a_failure(tmp_path: Path) -> None:
    text = """\
        pipeline { stages { stage('a') { steps {
          sh '''#!/bin/bash
        trivy image web
        docker push web'''
          sh 'trivy image web; docker push web'
        } } } }
        """
    first, second = jobs_of(tmp_path, {CI: text})["a"].steps
    assert [bool(command.swallowed) for command in first.commands] == [True, False]
    assert [bool(command.swallowed) for command in second.commands] == [False, False]


def test_a_scripted_pipeline_is_named_as_unread(tmp_path: Path) -> None:
    flow = flow_of(tmp_path, {"ci/Jenkinsfile.release": "node {\n  stage('a') { sh 'make' }\n}\n"})
    assert flow.jobs == ()
    assert [(unread.place.location.line, unread.reason) for unread in flow.unread] == [
        (1, "a scripted pipeline, which is not read")
    ]


def test_a_broken_file_is_a_fault_where_it_breaks() -> None:
    _, faults = parse("pipeline {\n  stages {\n")
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "ends within a block")]
    _, faults = parse("pipeline { }\n}\n")
    assert [(fault.line, fault.reason) for fault in faults] == [(2, "ends a block that was not begun")]
    _, faults = parse("a {" * 1000)
    assert [fault.reason for fault in faults] == ["is nested more than 100 blocks deep"]


@settings(deadline=None)
@given(st.text(st.sampled_from("ab'\"{}()[]:,=\n\\$ /*;."), max_size=80))
def test_any_text_gives_documents_or_faults_and_never_an_error(text: str) -> None:
    documents, faults = parse(text)
    assert all(document.offset <= len(text) for document in documents)
    assert all(1 <= fault.line <= len(text) + 1 for fault in faults)
