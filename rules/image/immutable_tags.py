"""Let no tag in the registry be moved to another image.

What was tested under a tag should be what runs under it. Where tags can be moved, a rollback or a new node may bring
another image than the one that was there, and who can push can replace what runs. Tags that are left out on purpose,
such as `latest`, are noted, as long as they are not all of them.
"""

from collections.abc import Iterator

from readycheck.model import Resource, Severity, Verdict
from readycheck.rule import rule
from readycheck.scope import no_repositories_declared, only_an_example
from readycheck.terraform.registries import REPOSITORY

_MUTABILITY = "image_tag_mutability"
_FILTERS = "image_tag_mutability_exclusion_filter"


@rule(
    REPOSITORY,
    severity=Severity.LOW,
    needs=no_repositories_declared,
    unless=only_an_example,
    asks=("aws_ecr_repository",),
)
def immutable_tags(repository: Resource) -> Iterator[Verdict]:
    mutability = repository.string(_MUTABILITY, "MUTABLE")
    filters = [str(each.get("filter")) for each in repository.mappings(_FILTERS)]
    named, all_of_them = ", ".join(filters), any(not each.strip("*") for each in filters)
    match mutability:
        case "IMMUTABLE":
            return
        case "IMMUTABLE_WITH_EXCLUSION" if not all_of_them:
            yield repository.note(f"tags like {named} can be moved", at=_FILTERS)
        case "IMMUTABLE_WITH_EXCLUSION":
            yield repository.finding(f"every tag can be moved: {named} is left out of {mutability}", at=_FILTERS)
        case "MUTABLE_WITH_EXCLUSION" if all_of_them:
            return
        case "MUTABLE_WITH_EXCLUSION":
            yield repository.finding(
                f"tags can be moved, but for those like {named}: IMMUTABLE is wanted", at=_MUTABILITY
            )
        case "MUTABLE":
            yield repository.finding("its tags can be moved (MUTABLE): IMMUTABLE is wanted", at=_MUTABILITY)
        case _:
            yield repository.unknown(f"whether tags can be moved with {mutability} is not known", at=_MUTABILITY)
