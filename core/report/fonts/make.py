"""The faces that figures are set in where a file must bring its own: a part of Liberation Sans, under another name.

    python -m venv venv && venv/bin/pip install fonttools==4.68.0 && apt-get install fonts-liberation2
    venv/bin/python core/report/fonts/make.py /usr/share/fonts/truetype/liberation2

Liberation Sans 2.1.5 has the widths of Helvetica and is under the SIL Open Font License 1.1 (OFL.txt), which reserves its name. Of each
face this writes two files:

- `NAME.ttf.z`: the outlines, compressed as PDF wants them (zlib): Latin, Greek, Cyrillic, signs and arrows, without hints;
- `NAME.widths`: for each character, by rising number: the number, its glyph, its width in 2048 parts of the size (16 bits each,
  little-endian).

Three characters that figures use and Liberation Sans lacks are made of others: the superscripts of 0 and minus, and a hollow diamond.
"""

import io
import pathlib
import struct
import sys
import zlib

import fontTools
from fontTools import subset
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

VERSION = "4.68.0"
FACES = {"regular": "LiberationSans-Regular.ttf", "bold": "LiberationSans-Bold.ttf"}
RANGES = [(0x20, 0x7E), (0xA0, 0x24F), (0x370, 0x4FF), (0x1E00, 0x1EFF), (0x2000, 0x206F), (0x2070, 0x209F), (0x20A0, 0x20BF),
          (0x2100, 0x218F), (0x2190, 0x22FF), (0x2460, 0x24FF), (0x25A0, 0x26FF)]
# Characters that are seen as nothing, and that a figure needs no outline for.
UNSEEN = set(range(0x200B, 0x2010)) | set(range(0x2028, 0x202F)) | set(range(0x2060, 0x2070))


def add(font, character, name, width, draw):
    """A glyph that the face lacks."""
    pen = TTGlyphPen(font.getGlyphSet())
    draw(pen)
    font.setGlyphOrder([*font.getGlyphOrder(), name])
    font["glyf"][name] = pen.glyph()
    font["hmtx"][name] = (width, 0)
    font["glyf"][name].recalcBounds(font["glyf"])
    font["hmtx"][name] = (width, font["glyf"][name].xMin)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[character] = name


def missing(font):
    """Adds the superscripts of 0 and minus as the face has that of 4, and a hollow diamond."""
    cmap, glyphs = font.getBestCmap(), font.getGlyphSet()
    four, raised = font["glyf"][cmap[ord("4")]], font["glyf"][cmap[0x2074]]
    scale = (raised.yMax - raised.yMin) / (four.yMax - four.yMin)
    up = raised.yMax - four.yMax * scale
    width = font["hmtx"][cmap[0x2074]][0]
    for character, of, name in [(0x2070, "0", "zero.raised"), (0x207B, "\u2212", "minus.raised")]:
        from_width = font["hmtx"][cmap[ord(of)]][0] * scale
        left = (width - from_width) / 2
        add(font, character, name, width,
            lambda pen, of=of, left=left: glyphs[cmap[ord(of)]].draw(TransformPen(pen, (scale, 0, 0, scale, left, up))))

    def diamond(pen):
        middle, height = 620, 700
        for half, turn in [(560, 1), (400, -1)]:
            corners = [(middle - half, height), (middle, height + half), (middle + half, height), (middle, height - half)][::turn]
            pen.moveTo(corners[0])
            for corner in corners[1:]:
                pen.lineTo(corner)
            pen.closePath()

    add(font, 0x25C7, "diamond.hollow", 1240, diamond)


def face(path):
    """The outlines of a face as bytes, and its characters with glyph and width."""
    font = TTFont(path, recalcTimestamp=False)
    missing(font)
    cmap = font.getBestCmap()
    wanted = [c for first, last in RANGES for c in range(first, last + 1) if c in cmap and c not in UNSEEN]
    options = subset.Options()
    options.hinting, options.layout_features, options.name_IDs, options.glyph_names = False, [], [], False
    options.notdef_outline = True
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    assert font["head"].unitsPerEm == 2048
    cmap = font.getBestCmap()
    records = [(c, font.getGlyphID(cmap[c]), font["hmtx"][cmap[c]][0]) for c in sorted(wanted)]
    for tag in set(font.keys()) - {"GlyphOrder", "head", "hhea", "maxp", "hmtx", "loca", "glyf"}:
        del font[tag]
    out = io.BytesIO()
    font.save(out)
    return out.getvalue(), records


def main(folder):
    assert fontTools.version == VERSION, f"fonttools {fontTools.version}, and {VERSION} is needed for the same bytes"
    here = pathlib.Path(__file__).parent
    for name, file in FACES.items():
        outlines, records = face(pathlib.Path(folder) / file)
        packed = zlib.compress(outlines, 9)
        (here / f"{name}.ttf.z").write_bytes(packed)
        (here / f"{name}.widths").write_bytes(b"".join(struct.pack("<3H", *record) for record in records))
        print(f"{name}: {len(records)} characters, {len(outlines)} bytes, {len(packed)} packed")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
