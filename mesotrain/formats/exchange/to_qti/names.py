"""What QTI 2.1, 2.2 and 3.0 say in another way. Items are made with the names of QTI 2 and written by this table."""

import re
from dataclasses import dataclass
from typing import cast

from lxml import etree
from lxml.etree import SubElement, _Element

_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_TEMPLATES_2 = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/{}"


@dataclass(frozen=True)
class Version:
    """How one version of QTI is written.

    `hyphens`: its own names are written like ``qti-item-body``, not ``itemBody``; `framed`: what a feedback or rubric
    says stands in a ``qti-content-body``; `object`: the picture of an interaction is an ``object``, not an ``img``;
    `human`: an outcome can say that people score it.
    """

    number: str
    namespace: str
    schema: str
    package: str
    package_schema: str
    package_name: str
    package_number: str
    resource: str
    templates: str
    hyphens: bool = False
    framed: bool = False
    object: bool = True
    human: bool = True


VERSIONS = {
    "2.1": Version(
        "2.1",
        "http://www.imsglobal.org/xsd/imsqti_v2p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p1/imsqti_v2p1.xsd",
        "http://www.imsglobal.org/xsd/imscp_v1p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p1/qtiv2p1_imscpv1p2_v1p0.xsd",
        "QTIv2.1 Package",
        "1.0.0",
        "imsqti_item_xmlv2p1",
        _TEMPLATES_2,
        human=False,
    ),
    "2.2": Version(
        "2.2",
        "http://www.imsglobal.org/xsd/imsqti_v2p2",
        "http://www.imsglobal.org/xsd/qti/qtiv2p2/imsqti_v2p2.xsd",
        "http://www.imsglobal.org/xsd/imscp_v1p1",
        "http://www.imsglobal.org/xsd/qti/qtiv2p2/qtiv2p2_imscpv1p2_v1p0.xsd",
        "QTIv2.2 Package",
        "1.0.0",
        "imsqti_item_xmlv2p2",
        _TEMPLATES_2,
    ),
    "3.0": Version(
        "3.0",
        "http://www.imsglobal.org/xsd/imsqtiasi_v3p0",
        "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd",
        "http://www.imsglobal.org/xsd/qti/qtiv3p0/imscp_v1p1",
        "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqtiv3p0_imscpv1p2_v1p0.xsd",
        "QTI Package",
        "3.0.0",
        "imsqti_item_xmlv3p0",
        "https://purl.imsglobal.org/spec/qti/v3p0/rptemplates/{}.xml",
        hyphens=True,
        framed=True,
        object=False,
    ),
}
"""The versions that are written, by their numbers."""

XHTML = frozenset({
    "a", "abbr", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "h3", "h4", "h5", "h6", "hr", "img", "li",
    "ol", "p", "pre", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
})  # fmt: skip
"""The names of HTML that every version takes, which no version changes."""
_UPPER = re.compile("(?<=[a-z])([A-Z])")


def item_bytes(root: _Element, version: Version) -> bytes:
    """The file of an item that was made with the names of QTI 2, in no namespace."""
    made = _written(root, version)
    made.set(f"{{{_XSI}}}schemaLocation", f"{version.namespace} {version.schema}")
    return file_bytes(made)


def file_bytes(root: _Element) -> bytes:
    """An XML file."""
    return etree.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n"


def _written(one: _Element, version: Version) -> _Element:
    """An element with all that is in it, as this version writes it."""
    if one.tag == "object" and not version.object:
        return _image(one, version)
    made = etree.Element(f"{{{version.namespace}}}{_name(str(one.tag), version)}", nsmap=_spaces(version.namespace))
    for name, value in one.attrib.items():
        if name == "template":
            made.set("template", version.templates.format(value))
        elif name != "externalScored" or version.human:
            made.set(_hyphened(str(name)) if version.hyphens and one.tag not in XHTML else str(name), str(value))
    inside = made
    if version.framed and one.tag in ("modalFeedback", "rubricBlock"):
        inside = SubElement(made, f"{{{version.namespace}}}qti-content-body")
    inside.text = one.text
    for child in one:
        if isinstance(child, etree._ProcessingInstruction):
            again: _Element = etree.ProcessingInstruction(str(child.target), child.text or "")
        else:
            again = _written(child, version)
        again.tail = child.tail
        inside.append(again)
    return made


def _spaces(own: str) -> dict[str, str]:
    """`own` without a prefix, which the stubs do not know of."""
    return cast(dict[str, str], {None: own, "xsi": _XSI})


def _image(one: _Element, version: Version) -> _Element:
    size = {name: str(one.get(name)) for name in ("width", "height")}
    return etree.Element(f"{{{version.namespace}}}img", {"src": str(one.get("data")), "alt": one.text or "", **size})


def _name(name: str, version: Version) -> str:
    return f"qti-{_hyphened(name)}" if version.hyphens and name not in XHTML else name


def _hyphened(name: str) -> str:
    return _UPPER.sub(lambda found: f"-{found[1].lower()}", name)


def manifest_bytes(name: str, items: dict[str, list[str]], version: Version) -> bytes:
    """The manifest of a package: the files of each item, by its id, the item's own first."""
    root = etree.Element(f"{{{version.package}}}manifest", nsmap=_spaces(version.package), identifier=f"package-{name}")
    root.set(f"{{{_XSI}}}schemaLocation", f"{version.package} {version.package_schema}")
    about = _in(root, "metadata")
    _in(about, "schema").text = version.package_name
    _in(about, "schemaversion").text = version.package_number
    _in(root, "organizations")
    resources = _in(root, "resources")
    for item, files in items.items():
        one = _in(resources, "resource")
        for attribute, value in (("identifier", f"item-{item}"), ("type", version.resource), ("href", files[0])):
            one.set(attribute, value)
        for path in files:
            _in(one, "file").set("href", path)
    etree.indent(root)
    return file_bytes(root)


def _in(parent: _Element, name: str) -> _Element:
    return SubElement(parent, f"{{{etree.QName(parent).namespace}}}{name}")
