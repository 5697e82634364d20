"""What it takes to talk to an API server: where it is, by which certificates it is known, and what proves who asks.

A kubeconfig that says so itself is taken at its word. Signing in by an `auth-provider` and finding the service account
of a pod is left to the `kubernetes` client, which is slow to import and an extra.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from readycheck.sources.cluster.credentials import proven
from readycheck.sources.cluster.faults import ConnectionFault, shortened
from readycheck.sources.cluster.kubeconfig import Access
from readycheck.sources.cluster.proxies import is_loopback

MISSING = "reading a live cluster takes the kubernetes client: pip install 'readycheck-audit[cluster]'"


class Identity(Struct, frozen=True):
    """Who is asked, and who asks.

    Args:
        server: the URL of the API server.
        authorization: the header that proves who asks; "" where certificates do, or nothing.
        authority: the file of the authorities that the server's certificate has to be of; "" for those of the system.
        certificate: the file of the certificate that proves who asks; "" for none.
        key: the file of its key; "" where the same holds it.
        verified: whether the server has to prove who it is.
        server_name: the name that its certificate has to have; "" for that of its URL.
        compressed: whether answers may come compressed.
    """

    server: str
    authorization: str = ""
    authority: str = ""
    certificate: str = ""
    key: str = ""
    verified: bool = True
    server_name: str = ""
    compressed: bool = True


def of_a_context(access: Access, folder: Path) -> Identity:
    """What a context of a kubeconfig comes to.

    Args:
        access: the context.
        folder: where certificates and keys that it holds can be put, for TLS to read them from there.

    Raises:
        ConnectionFault: the client is needed and not installed, or the kubeconfig or its credentials cannot be used.
    """
    cluster = access.cluster
    server = str(cluster["server"])
    if "://" not in server:
        # So kubectl has it, whatever else the kubeconfig says of TLS.
        server = f"http://{server}"
    user = {} if _is_overheard(server) else proven(access)
    try:
        return Identity(
            server,
            _signed_in(user) if "auth-provider" in user else _shown(user),
            _file(cluster, "certificate-authority", folder),
            _file(user, "client-certificate", folder),
            _file(user, "client-key", folder),
            not cluster.get("insecure-skip-tls-verify"),
            str(cluster.get("tls-server-name", "")),
            not cluster.get("disable-compression"),
        )
    except ImportError:
        raise ConnectionFault(MISSING) from None
    except Exception as error:
        # The client raises whatever a broken kubeconfig makes its parts raise.
        raise ConnectionFault(
            f"the context `{access.name}` of the kubeconfig cannot be used: {shortened(str(error))}"
        ) from error


def of_the_pod() -> Identity:
    """What the service account of the pod that this runs in comes to.

    Raises:
        ConnectionFault: the client is not installed, or this is no pod with a service account.
    """
    try:
        import kubernetes  # noqa: PLC0415
    except ImportError:
        raise ConnectionFault(MISSING) from None
    # As Any: the client has types for some of its functions alone.
    client: Any = kubernetes
    configuration = client.client.Configuration()
    try:
        client.config.load_incluster_config(configuration)
    except (client.config.ConfigException, OSError, ValueError) as error:
        raise ConnectionFault(
            f"`in_cluster` is asked for, and this is no pod with a service account: {shortened(str(error))}"
        ) from error
    return Identity(str(configuration.host), _token_of(configuration).strip(), str(configuration.ssl_ca_cert))


def _is_overheard(server: str) -> bool:
    """Whether others hear what is shown to a server: without TLS, where it is not this machine.

    Nothing is shown there, and no plug-in asked for what could be; kubectl does so with all servers without TLS.
    """
    scheme, _, rest = server.partition("://")
    if scheme.lower() == "https":
        return False
    try:
        return not is_loopback(urlsplit(f"//{rest}").hostname or "")
    except ValueError:
        return True


def _shown(user: Mapping[str, Any]) -> str:
    if "token" in user:
        return f"Bearer {user['token']}"
    if "username" in user:
        words = f"{user['username']}:{user.get('password', '')}"
        return f"Basic {base64.b64encode(words.encode()).decode()}"
    return ""


def _signed_in(user: Mapping[str, Any]) -> str:
    """What the client makes of a user that signs in by an `auth-provider`; else of what is left."""
    from kubernetes import client  # noqa: PLC0415
    from kubernetes.config import kube_config  # noqa: PLC0415

    reader: Any = kube_config
    configuration = client.Configuration()
    only = {
        "clusters": [{"name": "it", "cluster": {}}],
        "users": [{"name": "it", "user": user}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "current-context": "it",
    }
    reader.KubeConfigLoader(only, active_context="it").load_and_set(configuration)
    return _token_of(configuration)


def _token_of(configuration: Any) -> str:
    return configuration.get_api_key_with_prefix("BearerToken", "authorization") or ""


def _file(said: Mapping[str, Any], name: str, folder: Path) -> str:
    """The file of a certificate or key: one that holds what is written down, else the one that is named."""
    data = said.get(f"{name}-data")
    if data:
        try:
            content = base64.b64decode("".join(data.split()), validate=True)
        except ValueError:
            raise ValueError(f"`{name}-data` is no base64") from None
        file = folder / name
        file.touch(mode=0o600)
        file.write_bytes(content)
        return str(file)
    named = str(said.get(name, ""))
    if named and not Path(named).is_file():
        raise FileNotFoundError(f"File does not exist: {named}")
    return named
