"""From a form and what is known to a filled Word file; and to a PDF where LibreOffice is installed.

In: the bytes of a form that was checked, and values by name. Out: bytes; the same values give the same bytes.
"""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pikepdf
from jinja2 import TemplateError

from keywork.errors import Refused
from keywork.words import worded_lazy

from . import package
from .facts import sample
from .fields import Value
from .marks import FormMarks, Sandbox, look_at, prepare

PDF_SECONDS = 120
NOT_FILLED = worded_lazy("Keywork tried the form with an invented student and could not fill it")


def checked(content: bytes) -> FormMarks:
    """What is in a form that somebody uploads. Raises Refused with a sentence."""
    from docx import Document

    parts = package.parts_of(content)
    found = look_at(parts)
    try:
        made = filled(parts, settled_in(sample(), found.unknown, {}))
        words = "".join(Document(io.BytesIO(made)).element.itertext())
    except TemplateError as error:
        raise package.refused(f"{NOT_FILLED}: {error}. Look at its marks once more") from error
    except Refused:
        raise
    except Exception as error:  # whatever Word files can be: none may be kept that cannot be filled
        raise package.refused(f"{NOT_FILLED}. {package.SAVE_AS}") from error
    if "{{" in words or "{%" in words:
        raise package.refused(f"{NOT_FILLED}: a mark was left over. Look at its marks once more")
    return found


def settled_in(
    context: Mapping[str, Any], unknown: Iterable[Mapping[str, str]], settled: Mapping[str, str]
) -> dict[str, Any]:
    """The values with those names that are no field: each is what it was settled to, or nothing."""
    made = dict(context)
    for one in unknown:
        said, rows = one["said"], one["rows"]
        target = settled.get(said, "")
        name = said.rpartition(".")[2]
        if rows:
            for row in (*made[rows], made[rows].empty):
                parts = row._parts
                row._parts = {**parts, name: parts.get(target, Value())}
            continue
        group, _, rest = target.partition(".")
        value = made.get(group, Value()) if target else Value()
        made |= _placed(made, said, getattr(value, rest) if rest else value)
    return made


def _placed(made: Mapping[str, Any], said: str, value: Any) -> dict[str, Any]:
    """`value` under a name like funding.top_up or one that is longer, beside what is there already."""
    head, _, rest = said.partition(".")
    if not rest:
        return {head: value}
    there = made.get(head)
    if not isinstance(there, Value):
        there = Value()
    inner = _placed(there._parts, rest, value)
    return {head: Value(there._words, {**there._parts, **inner}, there._held)}


_PARAGRAPH = re.compile(r"<w:p(?: [^>]*)?>.*?</w:p>", re.DOTALL)
_EMPTY = re.compile(r"<(w:[prt])((?: [^<>]*)?)/>")
_LINES = re.compile(r"[\n\t\a\f]")


@cache
def _template() -> Any:
    from docxtpl import DocxTemplate  # with python-docx, a good part of a second of every start

    class Template(DocxTemplate):
        def resolve_listing(self, xml: str) -> str:
            """Only where lines of an answer are to be broken: docxtpl looks at every run of the form.

            Elements that are empty are ended, or it looks for the end of each through all that follows.
            """
            ended = _EMPTY.sub(r"<\1\2></\1>", xml)
            return _PARAGRAPH.sub(lambda found: self._broken(found[0]), ended)

        def _broken(self, paragraph: str) -> str:
            return str(super().resolve_listing(paragraph)) if _LINES.search(paragraph) else paragraph

        def render_footnotes(self, context: dict[str, Any], jinja_env: Any = None) -> None:
            """Once, and not again for every section of the form."""
            for part in self.docx.part.package.iter_parts():
                if part.content_type.endswith(".footnotes+xml"):
                    xml = self.patch_xml(part.blob.decode())
                    part._blob = self.render_xml_part(xml, part, context, jinja_env).encode()

    return Template


def filled(parts: Mapping[str, bytes], context: Mapping[str, Any]) -> bytes:
    template = _template()(io.BytesIO(package.packed(prepare(parts))))
    template.render(dict(context), jinja_env=Sandbox(), autoescape=True)
    out = io.BytesIO()
    template.save(out)
    with zipfile.ZipFile(io.BytesIO(out.getvalue())) as made:
        return package.packed({one.filename: made.read(one) for one in made.infolist()})


def office() -> str | None:
    return shutil.which("soffice") or shutil.which("libreoffice")


def pdf_of(content: bytes) -> bytes:
    """A filled form as PDF. For the worker, never inside a request. Raises Refused where it cannot be made."""
    program = office()
    if program is None:
        raise Refused("LibreOffice is not installed on this computer")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "form.docx"
        source.write_bytes(content)
        command = [
            program,
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless", "--norestore", "--nolockcheck",
            "--convert-to", "pdf", "--outdir", folder, str(source),
        ]  # fmt: skip
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=PDF_SECONDS, cwd=folder)
            return (Path(folder) / "form.pdf").read_bytes()
        except (subprocess.SubprocessError, OSError) as error:
            raise Refused("LibreOffice could not make a PDF of this form") from error


def pages_of(pdf: bytes) -> int:
    with pikepdf.open(io.BytesIO(pdf)) as book:
        return len(book.pages)
