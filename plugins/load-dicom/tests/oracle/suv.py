"""SUV by body weight of IBSI's digital reference objects, computed with pydicom, nibabel and NumPy alone, from the text of the
manual: an account of its own of what `voxomics ibsi suv` computes.

    pip install pydicom nibabel numpy && python suv.py /path/to/reference [--check]

Prints lowest, median and highest SUV in the mask of each object; with --check, they must be 0.20, 1.00 and 4.00 to two decimals
(0.19, 0.98 and 3.98 for DRO_2_3, whose values are stored in coarse steps), and every faulty object must be refused. Exit code 1
if one is not. Faulty objects are made of valid ones in memory.
"""

import copy
import datetime
import math
import pathlib
import sys

import nibabel
import numpy as np
import pydicom

EXPECTED = ("0.20", "1.00", "4.00")
COARSE = {"DRO_2_3": ("0.19", "0.98", "3.98")}


def moment(date, time):
    """Seconds since some day, of DICOM's date and time."""
    whole, _, fraction = (str(time) + ".0").partition(".")
    start = datetime.datetime.strptime(str(date) + whole.ljust(6, "0"), "%Y%m%d%H%M%S")
    return start.timestamp() + float("0." + fraction.replace(".", ""))


def average(duration, constant):
    return math.log(constant * duration / (1 - math.exp(-constant * duration))) / constant


def body(slices, kind):
    first = slices[0]
    weight, size = float(first.PatientWeight), 100 * float(first.PatientSize)
    if size <= 0:
        raise ValueError("PatientSize")
    index = weight / (size / 100) ** 2
    measures = {
        "LBM": (1.10 * weight - 120 * (weight / size) ** 2, 1.07 * weight - 148 * (weight / size) ** 2),
        "LBMJAMES128": (1.10 * weight - 128 * (weight / size) ** 2, 1.07 * weight - 148 * (weight / size) ** 2),
        "LBMJANMA": (9270 * weight / (6680 + 216 * index), 9270 * weight / (8780 + 244 * index)),
        "IBW": (48.0 + 1.06 * (size - 152), 45.5 + 0.91 * (size - 152)),
    }
    if kind == "BSA":
        return weight * 1000 / (0.007184 * size**0.725 * weight**0.425 * 10_000)
    male, female = measures[kind]
    return weight / {"M": male, "F": female, "O": (male + female) / 2}[first.PatientSex]


def reference(slices, constant):
    """The time to which images were corrected, where DecayCorrection is START: the private start, the start of the series if
    that is the first image's, or the manual's proposal."""
    first = min(slices, key=lambda s: moment(s.AcquisitionDate, s.AcquisitionTime))
    acquired = moment(first.AcquisitionDate, first.AcquisitionTime)
    private = {"GE MEDICAL SYSTEMS": (0x0009, 0x100D), "SIEMENS": (0x0071, 0x1022)}.get(str(first.get("Manufacturer")))
    if private and private in first:
        text = str(first[private].value)
        return moment(text[:8], text[8:])
    is_ge = str(first.get("Manufacturer", "")).startswith("GE")
    into_frame = 0 if is_ge else average(float(first.ActualFrameDuration) / 1000, constant)
    if acquired == moment(first.SeriesDate, first.SeriesTime):
        return acquired
    return acquired + into_frame - float(first.FrameReferenceTime) / 1000


def injected(tracer, reference_time, half_life):
    if "RadiopharmaceuticalStartDateTime" in tracer:
        text = str(tracer.RadiopharmaceuticalStartDateTime)
        start = moment(text[:8], text[8:])
        if -3600 <= reference_time - start <= 10 * half_life:
            return start
        time = text[8:]
    else:
        time = tracer.RadiopharmaceuticalStartTime
    if half_life >= 41_400:
        raise ValueError("RadiopharmaceuticalStartDateTime")
    day = datetime.datetime.fromtimestamp(reference_time).strftime("%Y%m%d")
    start = moment(day, time)
    return start - 86_400 if reference_time - start < -3600 else start


def activity(slices):
    first = slices[0]
    tracer = first.RadiopharmaceuticalInformationSequence[0]
    weight, dose, half_life = (float(x) for x in (first.PatientWeight, tracer.RadionuclideTotalDose, tracer.RadionuclideHalfLife))
    if min(weight, dose, half_life) <= 0:
        raise ValueError("PatientWeight, RadionuclideTotalDose or RadionuclideHalfLife")
    weight = weight / 1000 if weight >= 1000 else weight
    dose = dose * 1e6 if dose < 1e4 else dose
    constant = math.log(2) / half_life
    if first.DecayCorrection == "ADMIN":
        return [weight * 1000 / dose] * len(slices)
    if first.DecayCorrection == "START":
        times = [reference(slices, constant)] * len(slices)
    else:
        times = [moment(s.AcquisitionDate, s.AcquisitionTime) + average(float(s.ActualFrameDuration) / 1000, constant) for s in slices]
    return [weight * 1000 / (dose * math.exp(-constant * (time - injected(tracer, time, half_life)))) for time in times]


def factors(slices):
    first = slices[0]
    if any(float(s.RescaleIntercept) != 0 for s in slices):
        raise ValueError("RescaleIntercept")
    units = first.Units
    if units == "BQML":
        return activity(slices)
    if units == "GML":
        kind = first.get("SUVType") or "BW"
        return [1.0 if kind == "BW" else body(slices, kind)] * len(slices)
    if units == "CM2ML":
        return [body(slices, "BSA")] * len(slices)
    if units == "CNTS":
        for element, base in ((0x1009, activity), (0x1000, lambda s: [1.0] * len(s))):
            if all(((0x7053, element) in s and float(s[0x7053, element].value) != 0) for s in slices):
                return [float(s[0x7053, element].value) * factor for s, factor in zip(slices, base(slices))]
    raise ValueError(f"Units {units}")


def read(folder):
    slices = [pydicom.dcmread(path) for path in sorted((folder / "PT").glob("*.dcm"))]
    return sorted(slices, key=lambda s: float(s.ImagePositionPatient[2]))


def statistics(folder, slices):
    inside = np.asarray(nibabel.load(next((folder / "mask").iterdir())).dataobj).T > 0
    scaled = [s.pixel_array * float(s.RescaleSlope) * factor for s, factor in zip(slices, factors(slices))]
    values = np.stack(scaled)[inside]
    return tuple(f"{value:.2f}" for value in (values.min(), np.median(values), values.max()))


def faulty(slices):
    """The fifteen faulty objects of the list, each made of a valid one."""

    def changed(**attributes):
        def change(s):
            tracer = s.RadiopharmaceuticalInformationSequence[0]
            for name, value in attributes.items():
                holder = tracer if name.startswith("Radi") else s
                if value is None and name in holder:
                    delattr(holder, name)
                elif value is not None:
                    setattr(holder, name, value)

        return change

    ideal = {"Units": "GML", "SUVType": "IBW"}
    changes = {
        "error_2_0": changed(PatientWeight=None),
        "error_2_1": changed(PatientWeight=0),
        "error_2_2": changed(**ideal, PatientSex=None),
        "error_2_3": changed(**ideal, PatientSex="X"),
        "error_2_4": changed(**ideal, PatientSize=None),
        "error_2_5": changed(**ideal, PatientSize=0),
        "error_2_6": changed(Units="CNTS"),
        "error_2_7": changed(Units="PROPCNTS"),
        "error_3_0": changed(RadionuclideTotalDose=None),
        "error_3_1": changed(RadionuclideTotalDose=-368080000),
        "error_3_2": changed(ActualFrameDuration=None, SeriesTime="113000"),
        "error_4_0": changed(RadiopharmaceuticalStartTime=None, RadiopharmaceuticalStartDateTime=None),
        "error_4_1": changed(RadionuclideHalfLife=282280.3, RadiopharmaceuticalStartDateTime=None),
        "error_4_2": changed(RadionuclideHalfLife=282280.3, RadiopharmaceuticalStartDateTime="19600101100000"),
        "error_5_0": changed(RadionuclideHalfLife=None),
    }
    for name, change in changes.items():
        made = [copy.deepcopy(s) for s in slices[:2]]
        for s in made:
            change(s)
        try:
            yield name, f"{factors(made)[0]:.3e}"
        except (AttributeError, KeyError, ValueError) as error:
            yield name, f"refused: {error}"


wrong = []
objects = sorted(folder for folder in (pathlib.Path(sys.argv[1]) / "suv").iterdir() if (folder / "PT").is_dir())
for folder in objects:
    found = statistics(folder, read(folder))
    print(folder.name, *found)
    if found != COARSE.get(folder.name, EXPECTED):
        wrong.append(folder.name)
for name, answer in faulty(read(objects[0])):
    print(name, answer)
    if not answer.startswith("refused"):
        wrong.append(name)
if "--check" in sys.argv[2:]:
    sys.exit("wrong: " + ", ".join(wrong)) if wrong else print(f"{len(objects)} objects as the manual has them, 15 refused")
