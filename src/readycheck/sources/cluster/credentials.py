"""Credential plug-ins of kubeconfig files, such as `aws eks get-token` (API group client.authentication.k8s.io)."""

from __future__ import annotations

import base64
import os
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

from readycheck.sources.cluster.faults import ConnectionFault, shortened
from readycheck.sources.cluster.kubeconfig import Access

_SECONDS = 60
"""How long a plug-in may take: some ask an identity provider over slow ways."""
_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_FORMER = {"gcp": "gke-gcloud-auth-plugin", "azure": "kubelogin"}
_WRITTEN_DOWN = frozenset({"token", "username", "client-certificate", "client-certificate-data"})
_SHARED = (
    *("server", "tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url"),
    "disable-compression",
)
_EXTENSION = "client.authentication.k8s.io/exec"


def proven(access: Access) -> dict[str, Any]:
    """How the user of a context proves who it is: what the kubeconfig holds, else what its plug-in gives.

    Raises:
        ConnectionFault: the plug-in, or a file that holds the token, cannot be used.
    """
    user = {key: value for key, value in access.user.items() if key not in ("exec", "tokenFile")}
    if "tokenFile" in access.user:
        # Of the two, `token` counts as long as the file cannot be read.
        with suppress(*((ConnectionFault,) if "token" in user else ())):
            user["token"] = _token_in(Path(access.user["tokenFile"]))
    _refuse_unknown(access)
    plugin = access.user.get("exec")
    # As in kubectl, what is written down goes before what a program would say.
    if plugin is None or not _WRITTEN_DOWN.isdisjoint(user):
        return user
    if not isinstance(plugin, Mapping) or not isinstance(plugin.get("command"), str):
        raise ConnectionFault(f"the credential plug-in of the context `{access.name}` names no command")
    return {**user, **_given_by(access, plugin)}


def _refuse_unknown(access: Access) -> None:
    """Say of a way to sign in that kubectl does not know, or no longer, that it is none; the client goes on without."""
    if "auth-provider" not in access.user:
        return
    provider = access.user["auth-provider"]
    name = str(provider.get("name", "")) if isinstance(provider, Mapping) else ""
    if name != "oidc" and name not in _FORMER:
        raise ConnectionFault(f"the context `{access.name}` signs in by the auth-provider `{name}`; known is oidc")
    if name in _FORMER:
        raise ConnectionFault(
            f"the context `{access.name}` signs in by the auth-provider `{name}`, which kubectl dropped in 1.26:"
            f" its credential plug-in {_FORMER[name]} takes its place"
        )


def _token_in(file: Path) -> str:
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConnectionFault(f"the token file {file} cannot be read: {_said(error)}") from error
    if not token:
        raise ConnectionFault(f"the token file {file} is empty")
    return token


def _said(error: Exception) -> str:
    return getattr(error, "strerror", None) or "is no text"


def _given_by(access: Access, plugin: Mapping[str, Any]) -> dict[str, Any]:
    command = str.__str__(plugin["command"])
    version = str(plugin.get("apiVersion"))
    what = f"the credential plug-in `{command}` of the context `{access.name}`"
    if version not in _VERSIONS:
        raise ConnectionFault(f"{what} speaks {version}; known are {' and '.join(_VERSIONS)}")
    if plugin.get("interactiveMode") == "Always":
        raise ConnectionFault(f"{what} wants to ask a person (interactiveMode: Always), which a scan cannot")
    output = _run(access, plugin, command, version, what)
    try:
        answer = orjson.loads(output)
    except orjson.JSONDecodeError:
        answer = None
    status = answer.get("status") if isinstance(answer, dict) else None
    if not isinstance(status, dict):
        raise ConnectionFault(f"{what} answers with no ExecCredential")
    if answer.get("apiVersion") != version:
        raise ConnectionFault(f"{what} answers in {shortened(str(answer.get('apiVersion')))} where {version} is wanted")
    given: dict[str, Any] = {}
    if isinstance(status.get("token"), str) and status["token"]:
        given["token"] = status["token"]
    certificate, key = status.get("clientCertificateData"), status.get("clientKeyData")
    if isinstance(certificate, str) and isinstance(key, str):
        given["client-certificate-data"] = base64.b64encode(certificate.encode()).decode()
        given["client-key-data"] = base64.b64encode(key.encode()).decode()
    if not given:
        raise ConnectionFault(f"{what} gives neither a token nor a certificate with its key")
    return given


def _run(access: Access, plugin: Mapping[str, Any], command: str, version: str, what: str) -> bytes:
    given = plugin.get("args")
    arguments = [str(argument) for argument in given] if isinstance(given, list) else []
    # A name with a slash is a path from the kubeconfig; one without is looked for on PATH.
    program = str(access.folder / command) if os.sep in command else command
    variables = _variables(plugin)
    environment = {**os.environ, **variables, "KUBERNETES_EXEC_INFO": _told(access, plugin, version)}
    try:
        done = subprocess.run(  # noqa: S603 - what the user's kubeconfig names, as kubectl runs it
            [program, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
        )
    except (FileNotFoundError, NotADirectoryError):
        hint = plugin.get("installHint")
        advice = f": {shortened(str(hint))}" if isinstance(hint, str) and hint.strip() else ""
        raise ConnectionFault(f"{what} is not installed{advice}") from None
    except subprocess.TimeoutExpired:
        raise ConnectionFault(f"{what} gave no answer within {_SECONDS} seconds") from None
    except (OSError, ValueError) as error:
        raise ConnectionFault(f"{what} cannot be started: {getattr(error, 'strerror', None) or error}") from error
    if done.returncode:
        words = done.stderr.decode("utf-8", "replace")
        for value in sorted(variables.values(), key=len, reverse=True):
            # Of what it is told in confidence nothing is repeated.
            words = words.replace(value, "[...]") if len(value) > _SHORT else words
        said = shortened(words)
        raise ConnectionFault(f"{what} failed with exit code {done.returncode}" + (f": {said}" if said else ""))
    return done.stdout


_SHORT = 4


def _variables(plugin: Mapping[str, Any]) -> dict[str, str]:
    given = plugin.get("env")
    return {
        str.__str__(each["name"]): str(each.get("value", ""))
        for each in (given if isinstance(given, list) else ())
        if isinstance(each, Mapping) and isinstance(each.get("name"), str)
    }


def _told(access: Access, plugin: Mapping[str, Any], version: str) -> str:
    """What a plug-in is told of the request, in the variable KUBERNETES_EXEC_INFO."""
    spec: dict[str, Any] = {"interactive": False}
    if plugin.get("provideClusterInfo") is True:
        spec["cluster"] = {key: access.cluster[key] for key in _SHARED if key in access.cluster}
        authority = access.cluster.get("certificate-authority")
        if authority and "certificate-authority-data" not in spec["cluster"]:
            with suppress(OSError):
                spec["cluster"]["certificate-authority-data"] = base64.b64encode(Path(authority).read_bytes()).decode()
        extensions = access.cluster.get("extensions")
        for each in extensions if isinstance(extensions, list) else ():
            if isinstance(each, Mapping) and each.get("name") == _EXTENSION:
                spec["cluster"]["config"] = each.get("extension")
    return orjson.dumps({"kind": "ExecCredential", "apiVersion": version, "spec": spec}, default=str).decode()
