"""No output shows a secret that a rule found, nor one that stands beside it."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.trees import write

pytestmark = pytest.mark.slow

SECRETS = {
    name: f"Inv3nted-{name}-{index:x}9f"
    for index, name in enumerate(
        (
            "coded",
            "string",
            "block",
            "flow",
            "env",
            "quoted",
            "values",
            "sops",
            "json",
            "ini",
            "binary",
            "literal",
            "tfvars",
        )
    )
}
CODED = base64.b64encode(SECRETS["coded"].encode()).decode()
CIPHERTEXT = "ENC[AES256_GCM,data:Zm9v,iv:aXY=,tag:dGFn,type:str]"
METADATA = {"age": [{"recipient": "age1invented", "enc": "invented"}], "mac": CIPHERTEXT, "version": "3.13.2"}
TREE = {
    "secret.yaml": f"""\
apiVersion: v1
kind: Secret
metadata:
  name: several
data:
  password: {CODED}
stringData:
  token: {SECRETS["string"]}
  settings: |
    first line
    password={SECRETS["block"]}
""",
    "flow.yaml": f"""\
{{apiVersion: v1, kind: Secret, metadata: {{name: flow}}, stringData: {{password: "{SECRETS["flow"]}"}}}}
""",
    ".env": f'DB_PASSWORD={SECRETS["env"]}\nAPI_TOKEN="{SECRETS["quoted"]}"\n',
    "values.yaml": f"database:\n  password: {SECRETS['values']}\n",
    "prod.tfvars": f'db_password = "{SECRETS["tfvars"]}"\n',
    "settings.sops.yaml": f"a: {CIPHERTEXT}\nplain: {SECRETS['sops']}\nsops: {json.dumps(METADATA)}\n",
    "settings.json": json.dumps({"a": CIPHERTEXT, "plain": SECRETS["json"], "sops": METADATA}),
    "settings.ini": f"[a]\nplain = {SECRETS['ini']}\n[sops]\nmac = {CIPHERTEXT}\nage__list_0__map_recipient = age1x\n",
    "named.sops.txt": f"TOKEN={SECRETS['binary']}\n",
    "generated/kustomization.yaml": f"""\
secretGenerator:
  - name: generated
    literals:
      - password={SECRETS["literal"]}
""",
}


def test_no_output_shows_a_secret(tmp_path: Path) -> None:
    root = write(tmp_path / "tree", TREE)
    page = tmp_path / "report.json"
    done = subprocess.run(
        [sys.executable, "-m", "readycheck", "scan", root, "-o", "terminal", "-o", f"json={page}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    report = json.loads(page.read_text())
    found = {
        (finding["location"]["uri"], finding["rule"])
        for finding in report["findings"]
        if finding["rule"] in ("secret/encrypted", "secret/plain-text")
    }
    missed = {uri for uri in TREE if (uri, "secret/encrypted") not in found} - {"generated/kustomization.yaml"}
    assert missed == set()
    printed = done.stdout + done.stderr + page.read_text()
    shown = {name for name, secret in SECRETS.items() if secret in printed}
    assert shown == set()
    assert CODED not in printed


def test_a_report_says_what_was_seen_in_place_of_it(tmp_path: Path) -> None:
    root = write(tmp_path / "tree", {".env": TREE[".env"]})
    page = tmp_path / "report.json"
    command = [sys.executable, "-m", "readycheck", "scan", str(root), "-o", f"json={page}"]
    subprocess.run(command, capture_output=True, check=False, timeout=120)
    (finding,) = (each for each in json.loads(page.read_text())["findings"] if each["rule"] == "secret/encrypted")
    assert [piece["path"] for piece in finding["evidence"]] == ["DB_PASSWORD", "API_TOKEN"]
    assert finding["evidence"][0]["seen"].startswith("a password of 16 characters, fingerprint ")
    assert finding["fix"] == {"title": "encrypt it: sops encrypt --kms KEY_ARN --in-place .env", "safe": False}
