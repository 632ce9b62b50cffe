"""Deltas of a made table of features over time, as tests/oracle/course_delta.csv has them.

    python tests/oracle/course.py            # writes tests/oracle/course.csv and tests/oracle/course_delta.csv
    python tests/oracle/course.py --check    # computes them again

The table has a row a lesion and time point. Dates are those of pandas, slopes those of numpy.polyfit, areas those of numpy.trapezoid. The
follow-up is the last time point from 14 to 400 days after the first one.
"""

import pathlib
import sys

import numpy
import pandas

FOLDER = pathlib.Path(__file__).parent
MONTH = 365.25 / 12
AT_LEAST, AT_MOST = 14, 400


def table():
    """Eight patients with one or two lesions at two to six time points; some values are missing."""
    generator = numpy.random.default_rng(11)
    rows = []
    for patient in range(8):
        start = pandas.Timestamp("2019-01-15") + pandas.Timedelta(days=int(generator.integers(0, 700)))
        gaps = generator.integers(5, 160, size=int(generator.integers(1, 6)))
        for number, days in enumerate([0, *numpy.cumsum(gaps)]):
            for lesion in range(1 + patient % 2):
                steady, signed = generator.lognormal(1, 0.6), generator.normal(0, 2)
                gappy = generator.normal(5, 1) if generator.random() > 0.25 else None
                date = start + pandas.Timedelta(days=int(days))
                rows.append((f"p{patient}-{lesion}-{number}", f"p{patient}", lesion + 1, date, steady, signed, gappy))
    found = pandas.DataFrame(rows, columns=["case", "patient", "lesion", "date", "steady", "signed", "gappy"])
    found.loc[0, "signed"] = 0.0
    return found.sample(frac=1, random_state=3)


def values(points, name):
    """The deltas of a column over the time points up to the follow-up; none that is not defined."""
    points = points.assign(months=(points["date"] - points["date"].iloc[0]).dt.days / MONTH)
    first, last = points[name].iloc[0], points[name].iloc[-1]
    known = points.dropna(subset=[name])
    if numpy.isnan(first) or numpy.isnan(last):
        return dict.fromkeys(["difference", "ratio", "log_ratio", "slope", "area", "mean"])
    area = numpy.trapezoid(known[name], known["months"])
    return {
        "difference": last - first,
        "ratio": last / first if first != 0 else None,
        "log_ratio": numpy.log(last / first) if first > 0 and last > 0 else None,
        "slope": numpy.polyfit(known["months"], known[name], 1)[0],
        "area": area,
        "mean": area / points["months"].iloc[-1],
    }


def deltas(found):
    rows = []
    for (patient, lesion), points in found.sort_values("date").groupby(["patient", "lesion"]):
        days = (points["date"] - points["date"].iloc[0]).dt.days
        fitting = days[(days >= AT_LEAST) & (days <= AT_MOST)]
        for name in ["steady", "signed", "gappy"]:
            kinds = dict.fromkeys(["difference", "ratio", "log_ratio", "slope", "area", "mean"])
            between = ""
            if len(fitting):
                between = int(fitting.iloc[-1])
                kinds = values(points[days <= between], name)
            rows += [(patient, lesion, between, name, kind, value) for kind, value in kinds.items()]
    return pandas.DataFrame(rows, columns=["patient", "lesion", "days", "input", "delta", "value"])


found = table()
oracle = deltas(found)
text = [found.to_csv(index=False, float_format="%.17g", date_format="%Y-%m-%d"), oracle.to_csv(index=False, float_format="%.17g")]
paths = [FOLDER / "course.csv", FOLDER / "course_delta.csv"]
if "--check" in sys.argv:
    assert paths[0].read_text() == text[0], "the table is another one"
    stored = pandas.read_csv(paths[1])
    pandas.testing.assert_frame_equal(stored[["patient", "lesion", "input", "delta"]], oracle[["patient", "lesion", "input", "delta"]])
    numpy.testing.assert_allclose(stored["value"].astype(float), oracle["value"].astype(float), rtol=1e-10, atol=1e-12)
    print(f"{len(stored)} deltas as they are stored")
else:
    for path, content in zip(paths, text):
        path.write_text(content)
