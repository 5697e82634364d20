"""A tree as what delivers it sees it: its names, its kustomizations, and the objects of Flux and Argo CD in it.

Nothing is built or rendered: they are read as they stand.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

from readycheck.documents.text import SourceText, Unreadable, read_text
from readycheck.documents.yaml import parse
from readycheck.kubernetes import argo, flux
from readycheck.kubernetes.kinds import qualified_kind
from readycheck.kubernetes.kustomization import KUSTOMIZATION_FILE, KustomizationFile, Reference
from readycheck.model import Collected, Resource
from readycheck.sources.files.kustomizations import Kustomization, Kustomizations
from readycheck.sources.files.manifests import read_objects
from readycheck.sources.files.origins import FileOrigin
from readycheck.sources.files.parsed import ParsedFiles
from readycheck.sources.files.tree import Tree

_KINDS = frozenset((*flux.KINDS, *argo.KINDS))
_GROUPS = ("fluxcd.io/", "fluxcd.controlplane.io/", "argoproj.io/")
"""What stands in each file that holds such an object."""


def outline(tree: Tree, graph: Kustomizations) -> Collected:
    """What says in a tree which parts of it are delivered.

    Args:
        tree: the tree.
        graph: its kustomizations.
    """
    kustomizations = (kustomization_file(each, graph.files) for each in graph.read)
    return Collected("files", [*kustomizations, *_delivering(tree)], listing=tree.listing)


def kustomization_file(kustomization: Kustomization, files: ParsedFiles) -> KustomizationFile:
    """A kustomization as it stands, which tells what is reached from where.

    Args:
        kustomization: the kustomization.
        files: read it.
    """
    source = files.read(kustomization.file).source
    origin = FileOrigin(source, kustomization.document.offset if kustomization.document else 0)
    references = tuple(
        Reference(each.entry, "" if uri == "." else uri, each.exists)
        for each in kustomization.references
        for uri in (files.uri(os.path.realpath(each.target)),)
    )
    return KustomizationFile(KUSTOMIZATION_FILE, source.uri, "", kustomization.body, origin, references=references)


def _delivering(tree: Tree) -> Iterator[Resource]:
    """The objects of Flux and Argo CD."""
    for file in tree.files:
        if not file.name.endswith((".yaml", ".yml")):
            continue
        try:
            text = read_text(file.path)
        except Unreadable:
            continue
        if not any(group in text for group in _GROUPS):
            continue
        source = SourceText(file.uri, text)
        for document in parse(text)[0]:
            for resource in read_objects(document.body, FileOrigin(source, document.offset)).resources:
                if qualified_kind(resource) in _KINDS:
                    yield resource
