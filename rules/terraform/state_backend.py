"""Keep the state in a backend that all share and that locks it.

A state on somebody's disk is lost with the disk and known to nobody else; two runs at once without a lock leave one
that fits neither. S3 encrypts by itself since 2023, so a missing `encrypt` is worth a note only. What an initialised
root module really uses stands in its `.terraform`; of a state that is named by its address alone, the bucket tells
whether it keeps versions and whether runs have locked it. An account tells of the buckets that backends name, and of
their tables of locks.
"""

from collections.abc import Iterator

from readycheck.inventory import ROOT_MODULE, STATE_IN_ACCOUNT, STATE_KEEPER, Inventory
from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import DECLARED_AND_IN_AWS, apart, rule
from readycheck.terraform.backends import REMOTE, is_locked, makes_only_backend, turns_encryption_off
from readycheck.terraform.blocks import Block
from readycheck.terraform.stores import Store, state_address
from readycheck.terraform.types import OF_STATES

_CLOSED = ("block_public_acls", "block_public_policy", "ignore_public_acls", "restrict_public_buckets")
_NO_BUCKET = "NoSuchBucket"
_LOCK_KEY = "LockID"
_REQUIRED = {"bucket", "key"}


@rule(
    ROOT_MODULE,
    STATE_KEEPER,
    STATE_IN_ACCOUNT,
    severity=Severity.HIGH,
    sources=DECLARED_AND_IN_AWS,
    asks=OF_STATES,
)
def state_backend(folder: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if folder.origin.source == "aws":
        yield from apart(folder, *(_of_account(folder, each, inventory) for each in inventory.states_kept(folder)))
    elif folder.origin.source == "terraform":
        yield from _of_states(folder, inventory)
    else:
        yield from _of_configuration(folder, inventory)


def _of_account(subject: Resource, state: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """What an account tells of the bucket of a state, and of its locks."""
    bucket, place = state.string("bucket"), state.at("bucket")
    versioning = inventory.bucket_fact("aws_s3_bucket_versioning", state)
    if versioning is None:
        unread = inventory.unread.get("aws_s3_bucket_versioning")
        yield subject.unknown(unread or f"no account that was asked tells of its bucket {bucket}", at=place)
        return
    yield from apart(
        subject,
        _kept_versions(subject, versioning, state),
        _kept_encrypted(subject, state, inventory),
        _kept_closed(subject, state, inventory),
        _kept_locked(subject, state, inventory),
    )


def _kept_versions(subject: Resource, versioning: Resource, state: Resource) -> Iterator[Verdict]:
    status = versioning.at("versioning_configuration[0].status")
    bucket, told = state.string("bucket"), versioning.string(status.path)
    if told == _NO_BUCKET:
        yield subject.finding(f"there is no bucket {bucket}", at=status, also=[state.at("bucket")])
    elif told != "Enabled":
        yield subject.finding(f"its bucket {bucket} keeps no versions", at=status, also=[state.at("bucket")])


def _kept_encrypted(subject: Resource, state: Resource, inventory: Inventory) -> Iterator[Verdict]:
    encryption = inventory.bucket_fact("aws_s3_bucket_server_side_encryption_configuration", state)
    if encryption is not None and not encryption.mappings("rule"):
        yield subject.note(
            f"its bucket {state.string('bucket')} has no encryption of its own: S3 encrypts what is new by itself",
            at=encryption.at("rule"),
        )


def _kept_closed(subject: Resource, state: Resource, inventory: Inventory) -> Iterator[Verdict]:
    """Whether everybody may read the bucket is not told by its own settings alone: those of the account count too."""
    access = inventory.bucket_fact("aws_s3_bucket_public_access_block", state)
    if access is not None and not all(access.get(each) is True for each in _CLOSED):
        yield subject.note(
            f"its bucket {state.string('bucket')} has no public access block of its own, or not a whole one",
            at=access.at(_CLOSED[0]),
        )


def _kept_locked(subject: Resource, state: Resource, inventory: Inventory) -> Iterator[Verdict]:
    trace, table = inventory.lock_trace(state), inventory.lock_table(state)
    named = state.glimpse("table")
    if table is not None and table.string("hash_key") != _LOCK_KEY:
        yield subject.finding(
            f"its table of locks {table.string('name')} has the key {table.string('hash_key')}, not {_LOCK_KEY}",
            at=table.at("hash_key"),
        )
    elif named and table is None:
        unread = inventory.unread.get("aws_dynamodb_table")
        yield subject.unknown(unread or f"no account that was asked tells of its table of locks {named}")
    elif state.get("locked") is True or (trace is not None and trace.integer("locks", 0) > 0):
        return
    elif state.get("locked") is False:
        yield subject.finding(
            "nothing locks its state (`use_lockfile = true`, or a `dynamodb_table`)", at=state.at("locked")
        )
    else:
        yield subject.unknown(
            f"whether runs lock {state.name} does not show: no lock was ever written beside it, and a table of locks"
            " is named by the backend alone",
            at=state.at("bucket"),
        )


def _of_states(subject: Resource, inventory: Inventory) -> Iterator[Verdict]:
    if subject.kind == "Environment":
        for store in inventory.loose_stores:
            yield from apart(subject, _versions(subject, store), _lock_seen(subject, store))
        return
    kind, address = subject.string("type"), state_address(subject)
    if kind == "local":
        yield subject.finding("keeps its state in a local file where a remote backend is wanted", at="type")
        return
    if kind not in REMOTE:
        yield subject.unknown(f"whether a backend `{kind}` locks the state is not known", at="type")
        return
    if not is_locked(kind, subject.mapping("config")):
        yield subject.finding("nothing locks its state (`use_lockfile = true`, or a `dynamodb_table`)", at="config")
    if subject.get("config.encrypt") is False:
        yield subject.finding("turns the encryption of its state off", at="config.encrypt")
    kept = inventory.store_at(address)
    if kept is not None:
        yield from apart(subject, _versions(subject, kept))


def _versions(subject: Resource, store: Store) -> Iterator[Verdict]:
    if not store.keeps_versions:
        yield subject.finding(f"its bucket {store.bucket} keeps no versions", at=store.at("versioning"))


def _lock_seen(subject: Resource, store: Store) -> Iterator[Verdict]:
    if not store.was_locked:
        yield subject.unknown(
            f"whether runs lock {store.address} does not show: no lock was ever written beside it, and a table of locks"
            " is named by the backend alone",
            at=store.at("lock_seen"),
        )


def _of_configuration(folder: Resource, inventory: Inventory) -> Iterator[Verdict]:
    uri = "" if folder.name == "." else folder.name
    for entry in inventory.listing.files_in(uri):
        if entry.name in ("terraform.tfstate", "terraform.tfstate.backup"):
            yield folder.finding(f"{entry.name} is committed: the state belongs in a remote backend")
    backend = inventory.backend_of(uri)
    if backend is not None:
        yield from _of_backend(folder, backend, inventory)
    elif unread := inventory.unread_in(uri):
        yield folder.unknown(unread)
    elif inventory.is_unit(uri):
        yield folder.unknown("Terragrunt may write its backend")
    elif makes_only_backend(inventory.blocks_in(uri)):
        yield folder.not_applicable("makes the bucket that the other states are kept in")
    else:
        yield folder.finding("has no backend: its state is a file beside it")


def _of_backend(folder: Resource, backend: Block, inventory: Inventory) -> Iterator[Verdict]:
    if backend.type == "cloud":
        return
    kind = backend.labels[0] if backend.labels else ""
    if kind == "local":
        yield folder.finding("keeps its state in a local file where a remote backend is wanted", at=backend.at())
    elif kind not in REMOTE:
        yield folder.unknown(f"whether a backend `{kind}` locks the state is not known", at=backend.at())
    elif not is_locked(kind, backend.attributes):
        given = inventory.backend_settings
        if given:
            yield folder.unknown(f"`{given}` may say how the state is locked", at=backend.at())
        elif kind == "s3" and "use_lockfile" not in backend.attributes and not backend.attributes.keys() >= _REQUIRED:
            yield folder.unknown(
                "what is not written here (`bucket`, `key`) is given to `terraform init`, the lock maybe too",
                at=backend.at(),
            )
        else:
            yield folder.finding(
                "nothing locks its state (`use_lockfile = true`, or a `dynamodb_table`)", at=backend.at()
            )
    if turns_encryption_off(backend):
        yield folder.finding("turns the encryption of its state off", at=backend.at("encrypt"))
    elif kind == "s3" and "encrypt" not in backend.attributes:
        yield folder.note("`encrypt` is not set: S3 encrypts what is new by itself", at=backend.at())
    bucket = backend.decided("bucket")
    versioning = inventory.versioning_of(bucket) if bucket else None
    if versioning is not None and versioning.off:
        yield folder.finding(f"its bucket {bucket} keeps no versions", at=versioning.place)
