"""The nouns that every part of readycheck speaks: what was read, where it stands, and what was found.

Nothing here knows where a resource came from or which rule looks at it. Sources make resources, rules
make verdicts, outputs read both; this package imports none of them.
"""

from readycheck.model.collected import Collected, Opaque, Problem, from_files
from readycheck.model.counterpart import Counterpart, Relation
from readycheck.model.listing import Entry, Listing
from readycheck.model.once import once
from readycheck.model.parts import PartOrigin, thing_in
from readycheck.model.resource import Ignore, Location, Origin, Owner, Place, Resource, SecretPlace
from readycheck.model.service import ServiceNaming
from readycheck.model.uncommented import Uncommented
from readycheck.model.values import (
    Map,
    Path,
    Seq,
    TaggedSeq,
    Unjudged,
    Unresolved,
    a_type,
    format_path,
    look,
    meet,
    parse_path,
    text_of,
)
from readycheck.model.verdict import (
    NO_SOURCE,
    Edit,
    Evidence,
    Finding,
    Fix,
    Needed,
    NewObject,
    NotApplicable,
    Note,
    Outcome,
    Severity,
    Status,
    Unknown,
    Verdict,
)
from readycheck.model.wording import first_of

__all__ = [
    "NO_SOURCE",
    "Collected",
    "Counterpart",
    "Edit",
    "Entry",
    "Evidence",
    "Finding",
    "Fix",
    "Ignore",
    "Listing",
    "Location",
    "Map",
    "Needed",
    "NewObject",
    "NotApplicable",
    "Note",
    "Opaque",
    "Origin",
    "Outcome",
    "Owner",
    "PartOrigin",
    "Path",
    "Place",
    "Problem",
    "Relation",
    "Resource",
    "SecretPlace",
    "Seq",
    "ServiceNaming",
    "Severity",
    "Status",
    "TaggedSeq",
    "Uncommented",
    "Unjudged",
    "Unknown",
    "Unresolved",
    "Verdict",
    "a_type",
    "first_of",
    "format_path",
    "from_files",
    "look",
    "meet",
    "once",
    "parse_path",
    "text_of",
    "thing_in",
]
