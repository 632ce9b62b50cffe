"""Figures of panels as other people's programs read them: poppler's pdftotext, pdffonts and pdfinfo, and pypdf.

    python -m venv venv && venv/bin/pip install pypdf==7.1.1   # and apt-get install poppler-utils
    venv/bin/python tests/oracle/figures.py FOLDER             # with NAME.svg and NAME.pdf

Every text of the SVG stands in the PDF and can be copied; every face is within the file; the page has the size of the SVG. Every fault is
printed; any makes it fail.
"""

import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import pypdf

SVG = "{http://www.w3.org/2000/svg}"


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def letters(text):
    """Text without its spaces, which programs find between letters by themselves."""
    return re.sub(r"\s", "", text)


def faults_of(svg, pdf):
    root = ET.parse(svg).getroot()
    texts = [text.text for text in root.iter(f"{SVG}text") if text.text]
    upright = {text.text for text in root.iter(f"{SVG}text") if text.text and "rotate" in text.get("transform", "")}
    readers = {
        "pdftotext": letters(said("pdftotext", "-raw", str(pdf), "-")),
        "pypdf": letters(pypdf.PdfReader(pdf, strict=True).pages[0].extract_text()),
    }
    for reader, found in readers.items():
        # pdftotext takes upright letters one by one, in an order of its own.
        lost = [text for text in texts if letters(text) not in found and not (text in upright and reader == "pdftotext")]
        if lost:
            yield f"{reader} does not find {lost}"
    # What stands out against lines behind it must not be there twice for whoever copies it.
    halos = {text.text for text in root.iter(f"{SVG}text") if text.text and text.get("paint-order")}
    whole = letters("".join(texts))
    for text in halos:
        if readers["pypdf"].count(letters(text)) > whole.count(letters(text)):
            yield f"pypdf finds {text!r} more often than it is there"
    for line in said("pdffonts", str(pdf)).splitlines()[2:]:
        embedded, _, unicode = line.split()[-5:-2]
        if (embedded, unicode) != ("yes", "yes"):
            yield f"a face that is not within the file, or cannot be copied: {line}"
    size = re.search(r"Page size: +([0-9.]+) x ([0-9.]+) pts", said("pdfinfo", str(pdf)))
    sides = [float(root.get(side).removesuffix("mm")) * 72 / 25.4 for side in ("width", "height")]
    if any(abs(float(found) - side) > 0.1 for found, side in zip(size.groups(), sides)):
        yield f"the page has {size.groups()} points, and the SVG {sides}"


def main(folder):
    pairs = [(svg, svg.with_suffix(".pdf")) for svg in sorted(pathlib.Path(folder).glob("*.svg"))]
    assert pairs, f"no figure in {folder}"
    faults = [f"{pdf.name}: {fault}" for svg, pdf in pairs for fault in faults_of(svg, pdf)]
    print("\n".join(faults) or f"{len(pairs)} figures: text, faces and size agree")
    return bool(faults)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(sys.argv[1]))
