"""Finished PDFs bound into one, with what makes them readable by ear: one tree of tags, bookmarks, title, language."""

from __future__ import annotations

import io
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, String

A4 = (595.28, 841.89)


class Book:
    """One PDF of several. Each that is added is a part of its tree of tags, and a bookmark with its own below.

    In a tagged PDF every page and link has a number, and a table leads from numbers to tags. What is added gets the
    numbers after those that were given; the names by which cells of a table know their heads are made its own, too.
    """

    def __init__(self, title: str) -> None:
        self.pdf = pikepdf.new()
        self._added: list[pikepdf.Pdf] = []  # open until all is written
        self._bookmarks: list[pikepdf.OutlineItem] = []
        self._next = 0
        self._all = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Document, K=Array()))
        self._numbers = Array()
        root = Dictionary(
            Type=Name.StructTreeRoot,
            K=Array([self._all]),
            ParentTree=self.pdf.make_indirect(Dictionary(Nums=self._numbers)),
        )
        self._tree = self.pdf.make_indirect(root)
        self._all.P = self._tree
        self.pdf.Root.StructTreeRoot = self._tree
        self.pdf.Root.MarkInfo = Dictionary(Marked=True)
        self.pdf.Root.Lang = String("en-GB")
        self.pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
        self.pdf.docinfo["/Title"] = title
        with self.pdf.open_metadata(set_pikepdf_as_editor=False) as told:
            told["dc:title"], told["pdfuaid:part"] = title, "1"

    def add(self, content: bytes, bookmark: str) -> None:
        """Raises pikepdf.PdfError of what is no PDF."""
        one = pikepdf.open(io.BytesIO(content))
        self._added.append(one)
        _lead_straight(one)
        first = len(self.pdf.pages)
        self.pdf.pages.extend(one.pages)
        self._add_tags(one, first)
        with one.open_outline() as its_own:
            item = pikepdf.OutlineItem(bookmark, first)
            places: dict[Any, int] = {page.objgen: at for at, page in enumerate(one.pages, first)}
            item.children.extend(_bookmarks(its_own.root, places))
            self._bookmarks.append(item)

    def end_sheet(self) -> None:
        """Printed on both sides, what is added next begins on paper of its own."""
        if len(self.pdf.pages) % 2:
            self.pdf.add_blank_page(page_size=A4)
            self.pdf.pages[-1].obj.Tabs = Name.S

    def written(self) -> bytes:
        """The same parts in the same order are the same bytes."""
        self._tree.ParentTreeNextKey = self._next
        with self.pdf.open_outline() as outline:
            outline.root.extend(self._bookmarks)
        out = io.BytesIO()
        self.pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        for one in self._added:
            one.close()
        return out.getvalue()

    def _add_tags(self, one: pikepdf.Pdf, first: int) -> None:
        if "/StructTreeRoot" not in one.Root:
            return
        # Its pages are here already: a tag that names its page names the one here.
        tree: Any = self.pdf.copy_foreign(one.Root.StructTreeRoot)
        tops = tree.K if isinstance(tree.K, Array) else [tree.K]
        for top in tops:
            top.S, top.P = Name.Part, self._all
            _rename(top, f"{len(self._added)}-")
            self._all.K.append(top)
        begin = self._next
        for number, tags in pikepdf.NumberTree(tree.ParentTree).items():
            self._numbers.append(begin + number)
            self._numbers.append(tags)
            self._next = max(self._next, begin + number + 1)
        for page in list(self.pdf.pages)[first:]:
            numbered: list[tuple[Any, str]] = [(page.obj, "/StructParents")]
            numbered += [(link, "/StructParent") for link in page.obj.get("/Annots", [])]
            for what, key in numbered:
                if key in what:
                    what[key] = begin + int(what[key])


def _lead_straight(one: pikepdf.Pdf) -> None:
    """Links lead to a place itself, not to its name: names would be another's in the same book."""
    if "/Names" not in one.Root or "/Dests" not in one.Root.Names:
        return
    places = pikepdf.NameTree(one.Root.Names.Dests)
    for page in one.pages:
        for link in page.obj.get("/Annots", []):
            if isinstance(link.get("/Dest"), String) and str(link.Dest) in places:
                link.Dest = places[str(link.Dest)]


def _rename(tag: Any, before: str) -> None:
    if "/ID" in tag:
        tag.ID = String(before + str(tag.ID))
    told = tag.get("/A", [])
    for one in told if isinstance(told, Array) else [told]:
        if "/Headers" in one:
            one.Headers = Array([String(before + str(name)) for name in one.Headers])
    below = tag.get("/K", [])
    for kid in below if isinstance(below, Array) else [below]:
        if isinstance(kid, Dictionary) and "/S" in kid:
            _rename(kid, before)


def _bookmarks(items: Any, places: dict[Any, int]) -> list[pikepdf.OutlineItem]:
    """The same items, leading to the pages of the book."""
    found = []
    for one in items:
        page, _, left, top, *_ = one.destination
        item = pikepdf.OutlineItem(one.title, places[page.objgen], "XYZ", left=float(left), top=float(top))
        item.children.extend(_bookmarks(one.children, places))
        found.append(item)
    return found
