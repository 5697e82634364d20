"""Serve static sites through a content delivery network.

What does not change should come from near the one who asks for it, and need not wake up a pod or a bucket. A bucket
that S3 serves as a website passes where an enabled CloudFront distribution fetches from it. A frontend counts as static
where it is declared so: by the option, or by the annotation `readycheck.dev/static: "true"` on the workload, its
Service or its Ingress. Networks may be set up outside of the tree or the state: without a trace of one the outcome is
unknown. An account shows all of its distributions: there, a public site that none of them fetches from fails.

Options:
    static: names of workloads that serve what does not change, `*` and `?` as in file names
"""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase

from readycheck.inventory import STATIC_SITE, Inventory
from readycheck.kubernetes.content_delivery import assets_of, declared_static, proxied, proxied_at, target_of
from readycheck.kubernetes.dns_annotations import annotated_hosts
from readycheck.kubernetes.exposure import GATEWAY_ROUTES
from readycheck.kubernetes.hosts import hosts_of
from readycheck.kubernetes.workload import Workload
from readycheck.model import Resource, Severity, Unresolved, Verdict
from readycheck.rule import rule
from readycheck.terraform.content_delivery import Distribution, WebsiteBucket


@rule(
    STATIC_SITE,
    severity=Severity.MEDIUM,
    sources=("files", "aws", "terraform"),
    asks=(
        "aws_cloudfront_distribution",
        "aws_s3_bucket",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_website_configuration",
    ),
)
def cdn(site: Resource, inventory: Inventory, *, static: tuple[str, ...] = ()) -> Iterator[Verdict]:
    if isinstance(site, Workload):
        yield from _frontend(site, inventory, static)
        return
    website = inventory.website_of(site)
    if website is not None:
        yield from _bucket(site, website, inventory)


# Buckets -------------------------------------------------------------------------------------------------------------


def _bucket(site: Resource, website: WebsiteBucket, inventory: Inventory) -> Iterator[Verdict]:
    if website.untold:
        yield site.unknown(website.untold)
        return
    if website.redirects:
        yield site.not_applicable("serves nothing: it sends viewers elsewhere")
        return
    distributions = inventory.distributions_of(website)
    if any(each.enabled is not False for each in distributions) or (distributions and not inventory.live):
        yield from _through(site, distributions)
        return
    addresses = [f"{address}." for address in website.addresses]
    other = inventory.delivering([*addresses, *([f"{website.name}.s3"] if website.name else ())])
    if other is not None:
        yield site.note(f"is served through {other.name}", also=(other.at(()),))
    elif inventory.is_kept_from_public(website):
        yield site.not_applicable("is not public: its public access block keeps viewers out")
    elif not inventory.live:
        yield site.unknown(f"no enabled CloudFront distribution of the {inventory.extent} refers to it")
    elif distributions:
        off = distributions[0]
        yield site.finding(
            f"is served as it is: {off.named}, which refers to it, is not enabled", at=off.resource.at("enabled")
        )
    else:
        yield site.finding("is served as it is: no CloudFront distribution of the account fetches from it", at="bucket")


def _through(site: Resource, distributions: Sequence[Distribution]) -> Iterator[Verdict]:
    """What distributions before a site come to: one that is enabled is enough."""
    serving = [each for each in distributions if each.enabled]
    for distribution in serving:
        for place in distribution.unencrypted:
            yield site.finding(f"{distribution.named} lets viewers in without TLS (allow-all)", at=place)
        for place in distribution.outdated:
            yield site.note(f"{distribution.named} accepts {place.seen}: TLSv1.2_2021 or later is wanted", at=place)
    if serving:
        return
    first = distributions[0]
    if any(each.enabled is None for each in distributions):
        yield site.unknown(f"whether {first.named} is enabled is not decided", at=first.resource.at(()))
    else:
        yield site.unknown(f"{first.named}, which refers to it, is not enabled", at=first.resource.at("enabled"))


# Frontends -----------------------------------------------------------------------------------------------------------


def _frontend(workload: Workload, inventory: Inventory, static: Sequence[str]) -> Iterator[Verdict]:
    named = any(fnmatchcase(workload.name, pattern) for pattern in static)
    if not named and not inventory.any_declared_static:
        yield workload.not_applicable(_UNDECLARED)
        return
    entries = list({id(each.entry): each.entry for each in inventory.exposures_of(workload)}.values())
    declaring = (workload, *inventory.services_of(workload), *entries)
    if not named and not any(map(declared_static, declaring)):
        yield workload.not_applicable(_UNDECLARED)
    elif not entries:
        yield workload.not_applicable("no Ingress, route or load balancer leads to it")
    elif all(map(inventory.why_internal, entries)):
        yield workload.not_applicable(f"is reached from inside only ({inventory.why_internal(entries[0])})")
    else:
        yield from _delivered(workload, entries, inventory)


_UNDECLARED = "is not declared static (annotation readycheck.dev/static, option `static`)"


def _delivered(workload: Workload, entries: Sequence[Resource], inventory: Inventory) -> Iterator[Verdict]:
    hosts = tuple(host for entry in entries for host in (*hosts_of(entry), *annotated_hosts(entry)))
    distributions = inventory.distributions_before(tuple(map(str.__str__, hosts)))
    if any(each.enabled for each in distributions):
        yield from _through(workload, distributions)
        return
    if seen := next(_seen_before(workload, entries, hosts, inventory), None):
        yield workload.note(seen)
        return
    for distribution in distributions:
        if distribution.enabled is False:
            # A name is the alias of one distribution at a time, in all of AWS.
            yield workload.finding(
                f"{distribution.named} before it is not enabled", at=distribution.resource.at("enabled")
            )
            return
    if distributions:
        yield from _through(workload, distributions)
        return
    direct = next((entry for entry in entries if proxied(entry) is False), None)
    if direct is not None:
        yield workload.finding(
            f"{direct.kind} {direct.name} asks Cloudflare not to stand before it", at=proxied_at(direct)
        )
    else:
        shown = ", ".join(dict.fromkeys(map(str.__str__, hosts))) or f"{entries[0].kind} {entries[0].name}"
        yield workload.unknown(f"nothing in the tree leads {shown} through a content delivery network")


def _seen_before(
    workload: Workload, entries: Sequence[Resource], hosts: Sequence[str], inventory: Inventory
) -> Iterator[str]:
    """What shows that a network stands before a frontend, the nearest to it first."""
    for entry in entries:
        yield from _asked_by(entry, inventory)
    for host in hosts:
        endpoint = inventory.endpoint_before(host, workload)
        if endpoint is not None:
            yield f"DNSEndpoint {endpoint.name} leads {host} to a content delivery network"
    config = inventory.backend_config_before(workload)
    if config is not None:
        yield f"BackendConfig {config.name} turns Cloud CDN on"
    decided = [host for host in hosts if not isinstance(host, Unresolved)]
    other = inventory.delivering(decided) if decided else None
    if other is not None:
        yield f"{other.name} stands before it"
    asset = next(assets_of(workload), None)
    if asset is not None:
        yield f"takes its assets from {asset.seen}"


def _asked_by(entry: Resource, inventory: Inventory) -> Iterator[str]:
    """What an Ingress, route or Service asks for, and the Gateways that a route is attached to."""
    gateways = inventory.gateways_of(entry) if entry.kind in GATEWAY_ROUTES else ()
    for asking in (entry, *filter(None, gateways)):
        target = target_of(asking)
        if target:
            yield f"{asking.kind} {asking.name} leads its name to {target}"
    wanted = proxied(entry)
    if wanted:
        yield f"{entry.kind} {entry.name} asks Cloudflare to stand before it"
    elif wanted is None:
        for each in inventory.external_dns_for(entry):
            if "cloudflare-proxied" in each.flags:
                yield f"{each.named} lets Cloudflare stand before it (--cloudflare-proxied)"
