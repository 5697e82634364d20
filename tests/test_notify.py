"""Reports by mail and to chats: a real mail server and a real HTTP receiver on this machine take them."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from click.testing import Result

from tests.cli.test_history import Tree

pytestmark = [
    pytest.mark.slow,
    # Apprise looks for a module of its own on older versions of Python.
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),
]

SECRET = "s3cr3t-token"  # noqa: S105 - what must not be shown


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    made = Tree(tmp_path, monkeypatch)
    made.deploy(web=1, api=2)
    made.run("scan", "--env", "prod")
    return made


def configured(tree: Tree, *variables: str) -> None:
    with (tree.folder / "readycheck.yaml").open("a", encoding="utf-8") as config:
        config.write(f"notify: [{', '.join(variables)}]\n")


def sent(tree: Tree) -> Result:
    return tree.run("report", "--env", "prod", "--send")


class Chat:
    """A receiver of JSON over HTTP, and what it was sent."""

    def __init__(self, status: int = 200) -> None:
        self.received: list[dict[str, Any]] = []
        chat = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                chat.received.append(json.loads(self.rfile.read(length)))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://user:{SECRET}@127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def chat() -> Iterator[Chat]:
    opened = Chat()
    yield opened
    opened.close()


class Mailbox:
    """What a mail server hands over."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - its protocol
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 taken"


def test_a_chat_gets_what_matters_and_the_page(tree: Tree, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tree, "READYCHECK_NOTIFY_CHAT")
    monkeypatch.setenv("READYCHECK_NOTIFY_CHAT", chat.address)
    done = sent(tree)
    assert done.exit_code == 0, done.output
    assert done.stderr == "Wrote readycheck-report.html\nSent to READYCHECK_NOTIFY_CHAT\n"
    (message,) = chat.received
    assert message["title"] == "prod is not ready"
    assert "**prod is not ready**: 1 high." in str(message["message"])
    assert "HIGH Run at least two replicas: Deployment web can run with 1 of at least 2 replicas" in str(
        message["message"]
    )
    (page,) = message["attachments"]
    assert base64.b64decode(page["base64"]) == (tree.folder / "readycheck-report.html").read_bytes()


def test_a_mail_holds_the_lines_and_the_page(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tree, "READYCHECK_NOTIFY_MAIL")
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    try:
        monkeypatch.setenv(
            "READYCHECK_NOTIFY_MAIL",
            f"mailto://127.0.0.1:{port}?from=readycheck@example.com&to=team@example.com&mode=insecure",
        )
        done = sent(tree)
    finally:
        server.stop()
    assert done.exit_code == 0, done.output
    (mail,) = box.mails
    assert mail["Subject"] == "prod is not ready"
    assert "team@example.com" in str(mail["To"])
    (attached,) = mail.iter_attachments()
    assert attached.get_filename() == "readycheck.html"
    content = attached.get_content()
    text = content if isinstance(content, str) else content.decode()
    assert "prod is not ready" in text


def test_who_cannot_be_reached_is_named_by_the_variable_and_the_others_get_it(
    tree: Tree, chat: Chat, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    refusing = Chat(status=500)
    configured(tree, *(f"READYCHECK_NOTIFY_{name}" for name in ("GONE", "NONE", "ODD", "CHAT")))
    monkeypatch.setenv("READYCHECK_NOTIFY_GONE", refusing.address)
    monkeypatch.setenv("READYCHECK_NOTIFY_ODD", f"nosuch://{SECRET}")
    monkeypatch.setenv("READYCHECK_NOTIFY_CHAT", chat.address)
    done = sent(tree)
    refusing.close()
    assert done.exit_code == 3
    assert "READYCHECK_NOTIFY_GONE: the receiver did not take the message" in done.stderr
    assert "READYCHECK_NOTIFY_NONE: is not set" in done.stderr
    assert "READYCHECK_NOTIFY_ODD: holds no address that Apprise knows" in done.stderr
    assert len(chat.received) == 1
    assert SECRET not in done.output + "".join(capfd.readouterr())


def test_nothing_is_sent_unless_it_is_asked_for(tree: Tree, chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    configured(tree, "READYCHECK_NOTIFY_CHAT")
    monkeypatch.setenv("READYCHECK_NOTIFY_CHAT", chat.address)
    assert tree.run("report", "--env", "prod").exit_code == 0
    assert chat.received == []


def test_without_receivers_there_is_nobody_to_send_to(tree: Tree) -> None:
    done = sent(tree)
    assert done.exit_code == 2
    assert "--send: readycheck.yaml names nobody" in done.stderr


def test_the_value_of_another_variable_is_never_an_address(tree: Tree) -> None:
    configured(tree, "AWS_SECRET_ACCESS_KEY")
    done = sent(tree)
    assert done.exit_code == 2
    assert "readycheck.yaml:" in done.stderr
    assert "begin with READYCHECK_NOTIFY_" in done.stderr
