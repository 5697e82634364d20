"""A case may hold what an account answered: it is judged as a side of its own, and as `expect.yaml` says."""

from __future__ import annotations

import json
from pathlib import Path

from readycheck.harness import run_case
from readycheck.packs import load
from readycheck.rule import Rule

RULE = '''\
"""Keep the versions of a bucket.

What is overwritten is lost.

Options:
    wanted: the status that is wanted
"""

from readycheck.model import Severity
from readycheck.rule import rule


@rule("aws_s3_bucket_versioning", severity=Severity.LOW)
def versions(bucket, *, wanted: str = "Enabled"):
    if bucket.string("status") != wanted:
        yield bucket.finding(f"{bucket.string('bucket')} keeps no versions", at="status")
'''


def rule_in(folder: Path) -> Rule:
    pack = folder / "rules" / "house"
    pack.mkdir(parents=True)
    (pack / "versions.py").write_text(RULE, encoding="utf-8")
    return next(each for each in load((folder / "rules",)) if each.id == "house/versions")


def case(folder: Path, name: str, status: object, expect: str, **more: object) -> Path:
    made = folder / name
    made.mkdir()
    bucket = {"arn": "arn:aws:s3:::state", "bucket": "state", "status": status}
    recording = {"account": "111122223333", "resources": [{"type": "aws_s3_bucket_versioning", "values": bucket}]}
    (made / "aws.json").write_text(json.dumps({**recording, **more}), encoding="utf-8")
    (made / "expect.yaml").write_text(expect, encoding="utf-8")
    return made


def complaints(folder: Path, name: str, status: object, expect: str, **more: object) -> list[str]:
    return run_case(case(folder, name, status, expect, **more), rule_in(folder)).complaints


def test_what_is_said_of_the_account_is_announced_without_a_file_and_a_line(tmp_path: Path) -> None:
    assert complaints(tmp_path, "fail-off", "Suspended", "- {message: state keeps no versions}") == []


def test_a_finding_that_nobody_announced_is_named(tmp_path: Path) -> None:
    assert complaints(tmp_path, "fail-off", "Suspended", "[]") == ["aws.json: not announced: state keeps no versions"]


def test_an_announcement_that_nobody_keeps_is_named(tmp_path: Path) -> None:
    assert complaints(tmp_path, "ok-on", "Enabled", "- {message: state keeps no versions}") == [
        "aws.json: announced, but not said: state keeps no versions"
    ]


def test_options_stand_in_the_mapping_form(tmp_path: Path) -> None:
    expect = "{options: {wanted: Suspended}, expect: []}"
    assert complaints(tmp_path, "ok-wanted", "Suspended", expect) == []


def test_what_could_not_be_asked_is_unknown_with_its_reason(tmp_path: Path) -> None:
    status = {"__unknown__": "is not told: s3:GetBucketVersioning is denied"}
    expect = "- {message: '`status` is not told: s3:GetBucketVersioning is denied'}"
    assert complaints(tmp_path, "unknown-denied", status, expect) == []


def test_a_recording_may_differ_from_the_name_of_the_case_where_it_says_so(tmp_path: Path) -> None:
    expect = "- {file: aws.json, outcome: fail, message: state keeps no versions}"
    assert complaints(tmp_path, "unknown-here", "Suspended", expect) == []


def test_a_type_that_was_not_read_passes_nothing(tmp_path: Path) -> None:
    unread = {"aws_s3_bucket_versioning": "s3:GetBucketVersioning is denied"}
    expect = "- {message: 's3:GetBucketVersioning is denied'}"
    assert complaints(tmp_path, "unknown-all", "Enabled", expect, resources=[], unread=unread) == []


def test_what_is_no_recording_is_said(tmp_path: Path) -> None:
    (said, *_) = complaints(tmp_path, "ok-broken", "Enabled", "[]", resources=[{"type": "aws_s3_bucket"}])
    assert said == "aws.json:None: is no recording of an account: KeyError: 'values'"
