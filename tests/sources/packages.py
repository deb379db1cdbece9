"""Makes the packages (DOCX, EPUB) of the tests: from XML written here, member by member."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from urllib.parse import quote

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_TYPE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"


def make_package(members: Mapping[str, str | bytes]) -> bytes:
    """A ZIP file with these members, in order."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return stream.getvalue()


def make_docx(body: str, **members: str) -> bytes:
    """A Word document with the paragraphs ``body``, and its footnotes, styles and so on, by role."""
    related = "".join(
        f'<Relationship Id="r{role}" Type="{_TYPE}/{role}" Target="{role}.xml"/>' for role in members
    )
    main = f'<Relationship Id="r1" Type="{_TYPE}/officeDocument" Target="word/document.xml"/>'
    return make_package(
        {
            "_rels/.rels": _make_relationships(main),
            "word/_rels/document.xml.rels": _make_relationships(related),
            "word/document.xml": make_document(body),
            **{f"word/{role}.xml": content for role, content in members.items()},
        }
    )


def _make_relationships(content: str) -> str:
    return f'<Relationships xmlns="{_RELATIONSHIPS}">{content}</Relationships>'


def make_document(body: str) -> str:
    """The XML of a document with these paragraphs."""
    return f"<w:document {WORD}><w:body>{body}</w:body></w:document>"


def make_paragraph(content: str, properties: str = "") -> str:
    """A paragraph; ``content`` is its text, or runs if it begins with a tag."""
    runs = content if content.startswith("<") else make_run(content)
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{runs}</w:p>"


def make_run(text: str, properties: str = "") -> str:
    """A run of text."""
    return f'<w:r>{properties and f"<w:rPr>{properties}</w:rPr>"}<w:t xml:space="preserve">{text}</w:t></w:r>'


def make_epub(
    chapters: Mapping[str, str | bytes], *, encrypted: str = "", guide: str = "", ncx: str = ""
) -> bytes:
    """A book of these chapter documents, by name; ``nav.xhtml`` is its navigation.

    ``encrypted`` is the name of a chapter under DRM, ``guide`` that of a table of contents of EPUB 2, ``ncx``
    has the points of its older table of contents.
    """
    items = "".join(
        f'<item id="i{number}" href="{quote(name)}" media-type="application/xhtml+xml"'
        f"{' properties=' + chr(34) + 'nav' + chr(34) if name == 'nav.xhtml' else ''}/>"
        for number, name in enumerate(chapters)
    )
    if ncx:
        items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    spine = "".join(f'<itemref idref="i{number}"/>' for number in range(len(chapters)))
    package = (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>'
        "<dc:title>山居 笔记</dc:title><dc:creator>张三</dc:creator><dc:creator>李四</dc:creator>"
        "<dc:language>zh-CN</dc:language></metadata>"
        f'<manifest>{items}<item id="c" href="a.css" media-type="text/css"/></manifest><spine>{spine}</spine>'
        f'<guide><reference type="toc" href="{guide}"/></guide></package>'
    )
    container = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
    lock = f'<encryption><CipherReference URI="OPS/{encrypted}"/></encryption>'
    return make_package(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            **({"META-INF/encryption.xml": lock} if encrypted else {}),
            "OPS/book.opf": package,
            **{f"OPS/{name}": content for name, content in chapters.items()},
            **({"OPS/toc.ncx": f"<ncx><navMap>{ncx}</navMap></ncx>"} if ncx else {}),
        }
    )


def make_point(label: str, target: str, inner: str = "") -> str:
    """A point of an NCX, with those below it."""
    return f'<navPoint><navLabel><text>{label}</text></navLabel><content src="{target}"/>{inner}</navPoint>'


def make_chapter(body: str, head: str = "<title>书</title>") -> str:
    """A chapter document with this body."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<html xmlns="http://www.w3.org/1999/xhtml">'
        f"<head>{head}</head><body>{body}</body></html>"
    )
