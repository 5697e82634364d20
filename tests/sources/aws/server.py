"""AWS as a server: moto behind HTTP, which counts what it is asked, and can refuse, stall, page or answer by itself."""

from __future__ import annotations

import json
import os
import re
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from io import BytesIO
from typing import Any, NamedTuple
from urllib.parse import parse_qs, parse_qsl

import botocore.session
from botocore import xform_name
from botocore.config import Config
from moto.core.base_backend import BackendDict
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

ACCOUNT = "123456789012"
"""The account of whoever has no role: moto's own."""


class Asked(NamedTuple):
    """A call, as the server sees it."""

    service: str
    operation: str
    region: str
    body: bytes
    path: str


_TOLD_OF_ROLES = frozenset({"ExternalId", "RoleArn"})

Answer = Callable[[Asked], Response | None]


class Aws:
    """What runs behind the URL.

    Args:
        url: where it answers.
    """

    def __init__(self) -> None:
        self.url = ""
        self.calls: Counter[tuple[str, str]] = Counter()
        self.sent: dict[tuple[str, str], list[dict[str, str]]] = {}
        """What the roles of whoever asks were asked for with."""
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._answers: list[Answer] = [_what_moto_lacks, self._effective_scanning]
        self._lock = threading.Lock()

    def client(self, service: str, region: str = "eu-west-1") -> Any:
        """A client of botocore's for whoever sets the scene."""
        session = botocore.session.Session()
        return session.create_client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id="owner",
            aws_secret_access_key="secret",  # noqa: S106 - nobody checks it
            config=Config(s3={"addressing_style": "path"}),
        )

    def answer(self, answer: Answer) -> None:
        """Let something else answer first; what it gives None for goes on as before."""
        self._answers.insert(0, answer)

    def fail(
        self, service: str, operation: str = "", *, code: str, status: int, region: str = "", about: str = ""
    ) -> None:
        """Let calls fail.

        Args:
            service: of which service; "" for all but STS.
            operation: which; "" for all.
            code: the error's code.
            status: the status of HTTP.
            region: in which region alone.
            about: what the call must be about: a part of its path or body.
        """

        def refuse(asked: Asked) -> Response | None:
            wanted = asked.service == service or (not service and asked.service != "sts")
            fits = wanted and asked.operation == (operation or asked.operation)
            fits = fits and asked.region == (region or asked.region)
            if not fits or (about not in asked.path and about.encode() not in asked.body):
                return None
            return error(asked.service, code, status)

        self.answer(refuse)

    def deny(self, service: str = "", operation: str = "", **more: str) -> None:
        """Let calls be denied, as each service says it."""
        code = "UnauthorizedOperation" if service == "ec2" else "AccessDeniedException"
        self.fail(service, operation, code=code, status=403, **more)

    def deny_all_but(self, allowed: Collection[tuple[str, str]]) -> None:
        """Let all calls be denied but some, each by its service and the method of botocore's client."""

        def refuse(asked: Asked) -> Response | None:
            fits = (asked.service, xform_name(asked.operation)) in allowed
            return None if fits else error(asked.service, "AccessDenied", 403)

        self.answer(refuse)

    def garble(self, service: str, operation: str, answer: Any) -> None:
        """Let a call answer with something of its own."""
        self.answer(lambda asked: Response(json.dumps(answer)) if asked[:2] == (service, operation) else None)

    def page_like_aws(self) -> None:
        """Page through what moto gives as a whole, by the sizes that the services have."""
        self.page("acm", "ListCertificates", "CertificateSummaryList", "NextToken", "MaxItems", 1_000)
        self.page("ecr", "DescribeRepositories", "repositories", "nextToken", "maxResults", 1_000)

    def page(self, service: str, operation: str, items: str, token: str, size: str, most: int) -> None:
        """Page through what moto gives as a whole.

        Args:
            service: of which service.
            operation: what lists.
            items: the key of the list in the answer.
            token: the key of the token in request and answer.
            size: the key of the wanted size in the request.
            most: how many a page holds at most.
        """

        def paged(asked: Asked) -> Response | None:
            if (asked.service, asked.operation) != (service, operation):
                return None
            wanted = json.loads(asked.body or b"{}")
            start, count = int(wanted.pop(token, 0)), min(int(wanted.pop(size, most)), most)
            whole = json.loads(self._from_moto(json.dumps(wanted).encode()).get_data())
            listed = whole[items]
            whole[items] = listed[start : start + count]
            if start + count < len(listed):
                whole[token] = str(start + count)
            return Response(json.dumps(whole), content_type="application/x-amz-json-1.1")

        self.answer(paged)

    def _effective_scanning(self, asked: Asked) -> Response | None:
        """How repositories are scanned: moto says of each that it is not."""
        if (asked.service, asked.operation) != ("ecr", "BatchGetRepositoryScanningConfiguration"):
            return None
        wanted = {"repositoryNames": json.loads(asked.body)["repositoryNames"]}
        target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories"
        described = json.loads(self._from_moto(json.dumps(wanted).encode(), HTTP_X_AMZ_TARGET=target).get_data())
        told = [
            {
                "repositoryArn": each["repositoryArn"],
                "repositoryName": each["repositoryName"],
                "scanOnPush": each["imageScanningConfiguration"]["scanOnPush"],
                "scanFrequency": "SCAN_ON_PUSH" if each["imageScanningConfiguration"]["scanOnPush"] else "MANUAL",
                "appliedScanFilters": [],
            }
            for each in described["repositories"]
        ]
        return Response(json.dumps({"scanningConfigurations": told, "failures": []}))

    def _from_moto(self, body: bytes, **headers: str) -> Response:
        environ = {**self._environ.value, **headers, "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body))}
        return Response.from_app(self._moto, environ)

    class _Current(threading.local):
        value: dict[str, Any]

    _environ = _Current()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        asked = _asked(request)
        if asked is None:
            environ["wsgi.input"] = BytesIO(request.get_data())
            return self._moto(environ, start_response)  # type: ignore[no-any-return]
        self._environ.value = environ
        with self._lock:
            self.calls[asked.service, asked.operation] += 1
            if asked.operation == "AssumeRole":
                sent = dict(parse_qsl(asked.body.decode()))
                kept = {key: value for key, value in sent.items() if key in _TOLD_OF_ROLES}
                self.sent.setdefault(asked[:2], []).append(kept)
        for answer in self._answers:
            response = answer(asked)
            if response is not None:
                return response(environ, start_response)
        environ["wsgi.input"] = BytesIO(asked.body)
        return self._moto(environ, start_response)  # type: ignore[no-any-return]


def error(service: str, code: str, status: int) -> Response:
    """An error as a service words it: in JSON or in XML."""
    protocol = _model(service).metadata["protocol"]
    if "json" in protocol:
        body = json.dumps({"__type": code, "message": "no"})
        return Response(body, status, {"x-amzn-errortype": code}, content_type="application/x-amz-json-1.1")
    told = f"<Error><Code>{code}</Code><Message>no</Message></Error>"
    if protocol == "ec2":
        told = f"<Response><Errors>{told}</Errors></Response>"
    elif service != "s3":
        told = f"<ErrorResponse>{told}</ErrorResponse>"
    return Response(told, status, content_type="text/xml")


@contextmanager
def aws() -> Iterator[Aws]:
    """An empty account behind HTTP."""
    # They take a second for each region, and nobody starts any.
    os.environ.setdefault("MOTO_EC2_LOAD_DEFAULT_AMIS", "false")
    BackendDict.reset()
    served = Aws()
    server = make_server("127.0.0.1", 0, served, threaded=True, request_handler=_Quiet)
    served.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, *_: object) -> None:
        """Nobody reads it."""


_SCOPE = re.compile(r"Credential=[^/]+/\d+/([^/]+)/([^/]+)/aws4_request")
# What signs by another name than its client has.
_SIGNED = {"elasticloadbalancing": "elbv2", "aps": "amp"}


def _asked(request: Request) -> Asked | None:
    scope = _SCOPE.search(request.headers.get("Authorization", ""))
    if scope is None:
        return None
    region, service = scope[1], _SIGNED.get(scope[2], scope[2])
    body = request.get_data()
    target = request.headers.get("X-Amz-Target", "")
    if target:
        operation = target.rpartition(".")[2]
    else:
        operation = parse_qs(body.decode("latin-1")).get("Action", [""])[0] or _operation(
            service, request.method, request.path, request.query_string.decode()
        )
    return Asked(service, operation, region, body, request.full_path)


@lru_cache
def _model(service: str) -> Any:
    return botocore.session.Session().get_service_model(service)


@lru_cache
def _ways(service: str) -> list[tuple[str, re.Pattern[str], frozenset[str], str]]:
    """The operations of a service by method, path and what the query must hold; the most special ones first."""
    ways = []
    for name in _model(service).operation_names:
        http = _model(service).operation_model(name).http
        path, _, query = http["requestUri"].partition("?")
        pattern = re.sub(
            r"\{\w+\\\+\}", ".+", re.sub(r"\{(\w+)\}", "[^/]+", re.escape(path).replace(r"\{", "{").replace(r"\}", "}"))
        )
        keys = frozenset(key for key, _ in parse_qsl(query, keep_blank_values=True))
        ways.append((http["method"], re.compile(pattern.rstrip("/") + "/?"), keys, name))
    return sorted(ways, key=lambda way: (-len(way[2]), way[3]))


def _operation(service: str, method: str, path: str, query: str) -> str:
    given = {key for key, _ in parse_qsl(query, keep_blank_values=True)}
    return next(
        (
            name
            for wanted, pattern, keys, name in _ways(service)
            if wanted == method and keys <= given and pattern.fullmatch(path)
        ),
        "",
    )


def _what_moto_lacks(asked: Asked) -> Response | None:
    told = _LACKING.get((asked.service, asked.operation))
    return None if told is None else Response(json.dumps(told), content_type="application/json")


_VERSIONS = {
    # In seconds since 1970: 2026-12-02 and 2027-03-27 (EKS user guide: release calendar).
    "1.33": ("EXTENDED_SUPPORT", 1_785_283_200),
    "1.34": ("STANDARD_SUPPORT", 1_796_169_600),
    "1.35": ("STANDARD_SUPPORT", 1_806_105_600),
}
_LACKING: Mapping[tuple[str, str], Any] = {
    ("eks", "DescribeClusterVersions"): {
        "clusterVersions": [
            {"clusterVersion": version, "versionStatus": status, "endOfStandardSupportDate": end}
            for version, (status, end) in _VERSIONS.items()
        ]
    },
    ("eks", "ListAddons"): {"addons": []},
    ("amp", "ListScrapers"): {"scrapers": []},
    ("grafana", "ListWorkspaces"): {"workspaces": []},
}
