#!/usr/bin/env python3
"""What PyRadiomics 3.0.1 does with what it cannot use: which exception it raises, and whether it says something and goes on.

    venv/bin/python tests/oracle/pyradiomics_refusals.py > tests/oracle/pyradiomics_refusals.csv
    venv/bin/python tests/oracle/pyradiomics_refusals.py --check          # against the stored table

in the environment of pyradiomics_maps.py. python/voxomics/tests/test_radiomics_refusals.py makes the same calls of voxomics.radiomics.
An exception stands under the name of the Python exception that it is one of, because that is what programs catch.
"""
import builtins, csv, io, logging, pathlib, sys, tempfile, warnings

import numpy as np
import SimpleITK as sitk

SPACING, SHAPE = (0.75, 1.25, 2.5), (8, 9, 10)  # x, y, z and z, y, x
z, y, x = np.indices(SHAPE)
TEXTURE = ((7 * x * x + 13 * y * y + 29 * z * z + 5 * x * y + 3 * y * z) % 401 - 200).astype(np.float32)
BALL = 10 * (x - 4) ** 2 + 13 * (y - 4) ** 2 + 20 * (z - 3) ** 2 < 140
TABLE = pathlib.Path(__file__).with_suffix(".csv")


def as_image(array, spacing=SPACING):
    image = sitk.GetImageFromArray(array)
    image.SetSpacing(spacing)
    return image


def mask_of(region, **place):
    return as_image(region.astype(np.uint8), **place)


IMAGE, MASK = as_image(TEXTURE), mask_of(BALL)


def moved(by):
    image = sitk.Image(MASK)
    image.SetOrigin((by, 0, 0))
    return image


class Calls:
    """The calls, of one package or the other. Each public method of RadiomicsFeatureExtractor is among them."""

    def __init__(self, radiomics, folder):
        self.radiomics, self.folder = radiomics, pathlib.Path(folder)
        self.make = radiomics.featureextractor.RadiomicsFeatureExtractor

    def file(self, text):
        path = self.folder / "params.yaml"
        path.write_text(text)
        return str(path)

    def execute(self, image=IMAGE, mask=MASK, image_types=None, features=None, label=None, label_channel=None, voxel=False, **settings):
        extractor = self.make(**{"additionalInfo": False, **settings})
        if image_types is not None:
            extractor.disableAllImageTypes()
            extractor.enableImageTypes(**image_types)
        if features is not None:
            extractor.disableAllFeatures()
            extractor.enableFeaturesByName(**features)
        return extractor.execute(image, mask, label, label_channel, voxel)

    def extractor(self, method, *args, **kwargs):
        """What a method leaves in a new extractor."""
        extractor = self.make()
        getattr(extractor, method)(*args, **kwargs)
        return [*extractor.enabledFeatures, *extractor.enabledImagetypes]

    def all(self):
        """Name of a call, and the call."""
        nowhere, only = str(self.folder / "nowhere.nrrd"), {"firstorder": ["Mean"]}
        text = self.folder / "text.nrrd"
        text.write_text("no image")
        execute, params = self.execute, lambda stated: lambda: self.make(stated)
        calls = {
            # Parameters.
            "a parameter file that is not there": params(nowhere),
            "a parameter file that is not there, as a Path": params(pathlib.Path(nowhere)),
            "a folder as parameter file": params(str(self.folder)),
            "a parameter file that is no YAML": lambda: self.make(self.file("setting: [1, 2\nimageType: {")),
            "a parameter file that is a list": lambda: self.make(self.file("- 1\n- 2\n")),
            "a parameter file that is empty": lambda: self.make(self.file("")),
            "a number as parameters": params(7),
            "a list as parameters": params(["setting"]),
            "two things as parameters": lambda: self.make({"setting": {"binWidth": 10}}, 7),
            "an unknown section": params({"settings": {"binWidth": 25}}),
            "an unknown image type in a dict": params({"imageType": {"Orginal": {}}}),
            "an unknown class in a dict": params({"featureClass": {"glcmm": []}}),
            "an unknown feature in a dict": params({"featureClass": {"firstorder": ["Meen"]}}),
            "a class with one feature as text": params({"featureClass": {"firstorder": "Mean"}}),
            "a bin width that is a text": params({"setting": {"binWidth": "wide"}}),
            "a bin width of 0": params({"setting": {"binWidth": 0}}),
            "an unknown setting in a dict": params({"setting": {"binWith": 25}}),
            "an unknown interpolator in a dict": params({"setting": {"interpolator": "sitkCubic"}}),
            "an unknown weighting in a dict": params({"setting": {"weightingNorm": "far"}}),
            "image types that are none": params({"imageType": None}),
            "classes that are none": params({"featureClass": None}),
            "loadParams: a file that is not there": lambda: self.extractor("loadParams", nowhere),
            "loadParams: an unknown class": lambda: self.extractor("loadParams", self.file("featureClass:\n  glcmm: []\n")),
            "loadJSONParams: no JSON": lambda: self.extractor("loadJSONParams", "{setting"),
            "loadJSONParams: an unknown class": lambda: self.extractor("loadJSONParams", '{"featureClass": {"glcmm": []}}'),
            # What is enabled.
            "enableImageTypeByName: unknown": lambda: self.extractor("enableImageTypeByName", "Orginal"),
            "enableImageTypeByName: unknown, to disable it": lambda: self.extractor("enableImageTypeByName", "Orginal", False),
            "enableImageTypeByName: one that is not enabled, to disable it": lambda: self.extractor("enableImageTypeByName", "Square", False),
            "enableFeatureClassByName: unknown": lambda: self.extractor("enableFeatureClassByName", "glcmm"),
            "enableFeatureClassByName: unknown, to disable it": lambda: self.extractor("enableFeatureClassByName", "glcmm", False),
            "enableFeaturesByName: None": lambda: self.extractor("enableFeaturesByName", firstorder=None),
            "enableAllFeatures": lambda: self.extractor("enableAllFeatures"),
            "disableAllFeatures": lambda: self.extractor("disableAllFeatures"),
            "disableAllImageTypes": lambda: self.extractor("disableAllImageTypes"),
            "addProvenance: no truth value": lambda: self.extractor("addProvenance", "off"),
            "execute: an unknown image type": lambda: execute(image_types={"Orginal": {}}, features=only),
            "execute: an unknown class": lambda: execute(features={"glcmm": [], **only}),
            "execute: an unknown feature": lambda: execute(features={"firstorder": ["Meen"]}),
            "execute: an unknown feature of shape": lambda: execute(features={"shape": ["Volum"]}),
            "execute: no class": lambda: execute(features={}),
            "execute: no image type": lambda: execute(image_types={}, features=only),
            "execute: LoG without sigma": lambda: execute(image_types={"LoG": {}, "Original": {}}, features=only),
            "execute: a feature that is deprecated": lambda: execute(features={"firstorder": ["Mean", "StandardDeviation"]}),
            # Image and mask.
            "execute: an image that is not there": lambda: execute(nowhere),
            "execute: a mask that is not there": lambda: execute(mask=nowhere),
            "execute: an image that is no image": lambda: execute(str(text)),
            "execute: a mask that is no image": lambda: execute(mask=str(text)),
            "execute: an array as image": lambda: execute(TEXTURE),
            "execute: no mask": lambda: execute(mask=None),
            "execute: a mask without a label": lambda: execute(mask=mask_of(BALL & False)),
            "execute: a mask with nothing but the label": lambda: execute(mask=mask_of(BALL | True), features=only),
            "execute: a label that is not there": lambda: execute(label=4),
            "execute: a label that is a text": lambda: execute(label="1"),
            "execute: one voxel": lambda: execute(mask=mask_of((x == 4) & (y == 4) & (z == 3))),
            "execute: a line": lambda: execute(mask=mask_of((y == 4) & (z == 3))),
            "execute: a region in one slice, three dimensions asked": lambda: execute(mask=mask_of(BALL & (z == 3)), minimumROIDimensions=3),
            "execute: too few voxels": lambda: execute(minimumROISize=5000),
            "execute: a mask of another size": lambda: execute(mask=mask_of(BALL[:, :, :-1])),
            "execute: a mask at another place": lambda: execute(mask=moved(1.5)),
            "execute: a mask with other voxels": lambda: execute(mask=mask_of(BALL, spacing=(0.7, 1.25, 2.5))),
            "execute: a mask beyond the image, to be corrected": lambda: execute(mask=moved(50), correctMask=True),
            "execute: a label_channel that is not there": lambda: execute(mask=sitk.Compose([MASK, MASK]), label_channel=5),
            # Settings.
            "execute: an unknown setting": lambda: execute(features=only, binWith=25),
            "execute: a resegmentRange of three": lambda: execute(features=only, resegmentRange=[1, 2, 3]),
            "execute: an unknown resegmentMode": lambda: execute(features=only, resegmentRange=[1, 2], resegmentMode="half"),
            "execute: a resegmentRange that leaves nothing": lambda: execute(features=only, resegmentRange=[900, 1000]),
            "execute: a resegmentRange that leaves one voxel": lambda: execute(mask=mask_of(BALL | (x == 9)), features=only, resegmentRange=[200]),
            "execute: resampledPixelSpacing of two numbers": lambda: execute(features=only, resampledPixelSpacing=[1, 1]),
            "execute: an unknown interpolator": lambda: execute(features=only, resampledPixelSpacing=[1, 1, 1], interpolator="sitkCubic"),
            "execute: a grey level that is not a number": lambda: execute(as_image(np.where(z == 3, np.float32("nan"), TEXTURE)), features=only),
            # The rest of the package.
            "loadImage: an image that is not there": lambda: self.make.loadImage(nowhere, MASK),
            "loadImage: a label that is not there": lambda: self.make.loadImage(IMAGE, MASK, label=9),
            "getTestCase: unknown": lambda: self.radiomics.getTestCase("brain9", str(self.folder)),
            "a class: no image": lambda: self.radiomics.firstorder.RadiomicsFirstOrder(None, MASK),
            "a class: an unknown feature": lambda: self.radiomics.firstorder.RadiomicsFirstOrder(IMAGE, MASK).enableFeatureByName("Meen"),
        }
        return calls


class _Heard(logging.Handler):
    def __init__(self):
        super().__init__(logging.WARNING)
        self.records = []

    def emit(self, record):
        self.records.append(record)


def _python(error):
    """The Python exceptions that an exception is one of, those of a class itself first."""
    return next(kind.__name__ for kind in type(error).__mro__ if getattr(builtins, kind.__name__, None) is kind)


def outcome(call, logger):
    """What a call does: the name of an exception, or `goes on`; and the exception, or what it gives."""
    heard = _Heard()
    logger.addHandler(heard)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            given = call()
    except Exception as error:
        return _python(error), error, heard.records
    finally:
        logger.removeHandler(heard)
    return "goes on", given, heard.records


def gives(given):
    """What a call that goes on gives, as far as one can tell in a word: how many features, or what is enabled."""
    if isinstance(given, dict):
        return f"{len(given)} values"
    return " ".join(given) if isinstance(given, list) else ""


def rows(radiomics):
    with tempfile.TemporaryDirectory() as folder:
        for name, call in Calls(radiomics, folder).all().items():
            what, given, heard = outcome(call, logging.getLogger("radiomics"))
            levels = sorted({record.levelname for record in heard})
            yield [name, what, gives(given) if what == "goes on" else "", " ".join(levels) if what == "goes on" else ""]


def main():
    import radiomics
    import radiomics.featureextractor

    radiomics.setVerbosity(60)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["call", "outcome", "gives", "says"])
    writer.writerows(rows(radiomics))
    if "--check" not in sys.argv:
        sys.stdout.write(out.getvalue())
        return
    stored = TABLE.read_text()
    if out.getvalue() != stored:
        sys.exit("what PyRadiomics does now is not what the table says:\n" + out.getvalue())
    print(f"{len(stored.splitlines()) - 1} calls as stored")


if __name__ == "__main__":
    main()
