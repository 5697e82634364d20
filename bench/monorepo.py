"""Writes a repository of everything that is no plain manifest, and tells what reading and parsing it costs at least."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from pathlib import Path

import orjson
import tree_sitter
import tree_sitter_bash
import tree_sitter_containerfile
import tree_sitter_hcl
import yaml

_FILES = {
    "services/{name}/Dockerfile": """\
# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM golang:1.25.4 AS build
ARG TARGETOS TARGETARCH
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg go mod download
COPY . .
RUN CGO_ENABLED=0 GOOS=$TARGETOS GOARCH=$TARGETARCH go build -trimpath -o /out/{name} . && \\
    /out/{name} --version

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/{name} /{name}
USER 65532:65532
EXPOSE 8080
ENTRYPOINT ["/{name}"]
""",
    "services/{name}/Makefile": """\
IMAGE ?= registry.example.com/{name}

.PHONY: build test scan push

build:
	docker build --tag $(IMAGE):$(TAG) .

test:
	go test ./...

scan: build
	trivy image --exit-code 1 --severity CRITICAL,HIGH $(IMAGE):$(TAG)

push: scan
	docker push $(IMAGE):$(TAG)
""",
    "services/{name}/run.sh": """\
#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "$0")"
for folder in envs/*/; do
  if [[ "$(basename "$folder")" == "template" ]]; then
    continue
  fi
  terraform -chdir="$folder" init -input=false
  terraform -chdir="$folder" apply -input=false -auto-approve || exit 1
done
""",
    ".github/workflows/{name}.yaml": """\
name: {name}
on:
  pull_request:
    paths: ["services/{name}/**"]
  push:
    branches: [main]
    paths: ["services/{name}/**"]
env:
  IMAGE: registry.example.com/{name}:${{{{ github.sha }}}}
jobs:
  test:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - run: make -C services/{name} test
  image:
    needs: test
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - run: docker build --tag "$IMAGE" services/{name}
      - run: |
          set -o pipefail
          trivy image --exit-code 1 --severity CRITICAL "$IMAGE" | tee report.txt
      - if: github.ref == 'refs/heads/main'
        run: docker push "$IMAGE"
""",
    "terraform/{name}/main.tf": """\
terraform {{
  required_version = "~> 1.11"
  required_providers {{
    aws = {{
      source  = "hashicorp/aws"
      version = "~> 6.14"
    }}
  }}
  backend "s3" {{
    bucket       = "example-state"
    key          = "{name}.tfstate"
    region       = "eu-west-1"
    use_lockfile = true
  }}
}}

resource "aws_kms_key" "this" {{
  description         = "Key of ${{local.config.environment}}"
  enable_key_rotation = true
}}

module "vault" {{
  source   = "../modules/vault"
  services = local.config.services[*].name
}}
""",
    "terraform/{name}/config.yaml": """\
environment: {name}
region: eu-west-1
network:
  cidr: 10.40.0.0/16
  zones:
    - {{name: eu-west-1a, cidr: 10.40.0.0/20}}
    - {{name: eu-west-1b, cidr: 10.40.16.0/20}}
vault:
  address: https://vault.example.com:8200
""",
    "secrets/{name}.sops.yaml": """\
apiVersion: v1
kind: Secret
metadata:
  name: {name}
stringData:
  password: ENC[AES256_GCM,data:ZmFrZQ==,iv:bm90LWEtcmVhbC1pdg==,tag:bm90LWEtdGFn,type:str]
  user: ENC[AES256_GCM,data:ZmFrZQ==,iv:bm90LWEtcmVhbC1pdg==,tag:bm90LWEtdGFn,type:str]
sops:
  kms:
    - arn: arn:aws:kms:eu-west-1:111122223333:key/00000000-0000-4000-8000-00000000cafe
      created_at: "2026-06-03T10:21:44Z"
      enc: bm90LWEtcmVhbC1rZXk=
  lastmodified: "2026-09-14T15:02:09Z"
  mac: ENC[AES256_GCM,data:ZmFrZQ==,iv:bm90LWEtcmVhbC1pdg==,tag:bm90LWEtdGFn,type:str]
  encrypted_regex: ^(data|stringData)$
  version: 3.11.0
""",
    "deploy/{name}.yaml": """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
spec:
  replicas: 2
  selector:
    matchLabels: {{app: {name}}}
  template:
    metadata:
      labels: {{app: {name}}}
    spec:
      containers:
        - name: app
          image: registry.example.com/{name}:1.4.2
          env:
            - {{name: LOG_LEVEL, value: info}}
            - {{name: TOKEN, valueFrom: {{secretKeyRef: {{name: {name}, key: password}}}}}}
          ports:
            - {{name: http, containerPort: 8080}}
          readinessProbe:
            httpGet: {{path: /ready, port: http}}
          resources:
            requests: {{cpu: 100m, memory: 128Mi}}
            limits: {{memory: 256Mi}}
---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app: {name}}}
  ports:
    - {{name: http, port: 80, targetPort: http}}
""",
    "services/{name}/.env.example": "LOG_LEVEL=info\nDATABASE_URL=postgres://user:password@localhost/{name}\n",
}
# What makes some of the files as long as those of public repositories are on average.
_MORE = {
    "services/{name}/Dockerfile": (
        'LABEL org.opencontainers.image.part-{number}="part {number} of {name}"\n',
        10,
    ),
    ".github/workflows/{name}.yaml": (
        """\
  check-{number}:
    runs-on: ubuntu-24.04
    needs: [test]
    timeout-minutes: 10
    env:
      COMPONENT: {name}
    steps:
      - uses: actions/checkout@v5
      - uses: actions/setup-go@v6
        with:
          go-version-file: services/{name}/go.mod
          cache: true
      - name: Check part {number}
        run: |
          go vet ./...
          go test -race -run 'TestPart{number}' ./...
        working-directory: services/{name}
""",
        8,
    ),
    "terraform/{name}/main.tf": (
        """\

resource "aws_sqs_queue" "part_{number}" {{
  name                       = "{name}-${{local.config.environment}}-{number}"
  visibility_timeout_seconds = 60
  message_retention_seconds  = 1209600
  kms_master_key_id          = aws_kms_key.this.arn
  redrive_policy = jsonencode({{
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 5
  }})
  tags = {{
    service = "{name}"
    part    = {number}
  }}
}}
""",
        8,
    ),
    "services/{name}/run.sh": ('echo "== part {number} of {name}" && ./bin/check --part {number} --quiet\n', 8),
}
_REPORT = {
    "SchemaVersion": 2,
    "CreatedAt": "2026-11-20T04:12:31Z",
    "ArtifactType": "container_image",
    "Results": [
        {
            "Target": "app",
            "Class": "lang-pkgs",
            "Type": "gobinary",
            "Vulnerabilities": [
                {
                    "VulnerabilityID": f"CVE-2026-{number:05}",
                    "PkgName": "stdlib",
                    "InstalledVersion": "v1.25.4",
                    "FixedVersion": "1.25.5",
                    "Status": "fixed",
                    "Severity": "MEDIUM",
                }
                for number in range(40)
            ],
        }
    ],
}


# How many of each stand in a hundred files. Of 23,000 files of sixty public repositories 65 in a hundred are YAML, 24
# JSON, 4 scripts, 2.5 HCL, 2.4 workflows, 1.3 Dockerfiles: here the rarer ones have up to three times their share.
_SHARES = {
    "deploy/{name}.yaml": 50,
    "terraform/{name}/config.yaml": 10,
    "services/{name}/run.sh": 6,
    "terraform/{name}/main.tf": 6,
    ".github/workflows/{name}.yaml": 4,
    "services/{name}/Dockerfile": 3,
    "secrets/{name}.sops.yaml": 3,
    "services/{name}/Makefile": 2,
    "services/{name}/.env.example": 1,
}
_REPORTS = 15


def write(folder: Path, hundreds: int) -> int:
    """Write some hundreds of files, and a git folder, so that it counts as a whole repository.

    Returns:
        The number of files.
    """
    (folder / ".git").mkdir(parents=True)
    count = 0
    for number in range(hundreds):
        texts = {}
        for path, share in _SHARES.items():
            for part in range(share):
                name = f"service-{number:02}-{part:02}"
                texts[path.format(name=name)] = _text(path, name)
        for part in range(_REPORTS):
            name = f"service-{number:02}-{part:02}"
            report = {**_REPORT, "ArtifactName": f"registry.example.com/{name}:1.4.2"}
            texts[f"reports/{name}.json"] = json.dumps(report, indent=2)
        for path, text in texts.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        count += len(texts)
    return count


def _text(path: str, name: str) -> str:
    block, times = _MORE.get(path, ("", 0))
    return "".join(
        (_FILES[path].format(name=name), *(block.format(name=name, number=number) for number in range(times)))
    )


def floor(folder: Path, yaml_parser: Callable[[bytes], object]) -> None:
    """Read the files and parse each with the library that a scan has for it, and nothing else.

    Args:
        folder: the files.
        yaml_parser: parses YAML.
    """
    gc.disable()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            parse = yaml_parser if file.suffix in {".yaml", ".yml"} else _PARSERS.get(file.suffix or file.name)
            (parse or bytes.decode)(file.read_bytes())


def _data(text: bytes) -> object:
    return list(yaml.load_all(text, Loader=yaml.CSafeLoader))


def _nodes(text: bytes) -> object:
    return list(yaml.compose_all(text, Loader=yaml.CSafeLoader))


def _grammar(language: object) -> Callable[[bytes], object]:
    parser = tree_sitter.Parser(tree_sitter.Language(language))
    return parser.parse


_PARSERS: dict[str, Callable[[bytes], object]] = {
    ".json": orjson.loads,
    ".tf": _grammar(tree_sitter_hcl.language()),
    ".sh": _grammar(tree_sitter_bash.language()),
    "Dockerfile": _grammar(tree_sitter_containerfile.language()),
}


if __name__ == "__main__":
    # Data is what a scan makes of YAML too; nodes, which nothing can be judged by yet, are the strictest floor.
    floor(Path(sys.argv[1]), _nodes if "--nodes" in sys.argv else _data)
