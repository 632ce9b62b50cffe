"""Normalised intensities of made MR images by intensity-normalization (Reinhold) and NumPy.

    python -m venv venv && venv/bin/pip install intensity-normalization nibabel numpy
    venv/bin/python tests/oracle/normalisation.py --check    # compares with normalisation.csv, which the tests compare the program with
    venv/bin/python tests/oracle/normalisation.py --write    # writes normalisation.csv

The images are made of whole numbers alone, so that `tests/plugins/normalised.rs` makes the very same ones: a head of background,
fluid, grey and white matter, as several scanners see it. Figures are the normalised intensities at eight voxels.
"""

import csv
import io
import pathlib
import sys

import nibabel
import numpy as np
from intensity_normalization.adapters.images import NibabelImageAdapter
from intensity_normalization.domain.models import Modality
from intensity_normalization.normalizers.individual.whitestripe import WhiteStripeNormalizer
from intensity_normalization.normalizers.individual.zscore import ZScoreNormalizer
from intensity_normalization.normalizers.population.nyul import NyulNormalizer

STORED = pathlib.Path(__file__).with_name("normalisation.csv")

DIMS = (24, 22, 14)
# Centre, gain in sixteenths, offset, and what the square of an intensity is divided by before it is added.
TRAINING = [((12, 11, 7), 16, 0, 9000), ((11, 12, 6), 23, 40, 5000), ((13, 10, 7), 19, 15, 20000), ((12, 12, 8), 31, 5, 7000)]
NEW = [((11, 10, 7), 48, 90, 3000), ((13, 12, 6), 27, 2, 30000)]
PROBES = [(12, 11, 7), (9, 9, 6), (15, 13, 8), (6, 11, 7), (12, 4, 6), (17, 16, 7), (1, 1, 1), (22, 20, 12)]


def image(centre, gain, offset, square):
    x, y, z = np.indices(DIMS)
    cx, cy, cz = centre
    away = 4 * (x - cx) ** 2 + 6 * (y - cy) ** 2 + 9 * (z - cz) ** 2
    tissue = np.select([away <= 150, away <= 300, away <= 420], [900, 600, 300], 20)
    noise = lambda a, b, c: (x * a ^ y * b ^ z * c) % 31
    seen = tissue + noise(73, 193, 83) + noise(389, 41, 157) + noise(17, 59, 211)
    seen = seen * gain // 16 + offset
    return seen + seen * seen // square, away <= 60


def adapter(data):
    return NibabelImageAdapter(nibabel.Nifti1Image(np.asarray(data, np.float64), np.eye(4)))


def masks(data, reference):
    return {"scan": np.ones(DIMS), "body": data > data.mean(), "region": reference}


def figures():
    """Rows of image, method, reference, and the value at each probe."""
    training = [image(*scanner) for scanner in TRAINING]
    for number, scanner in enumerate(NEW):
        data, reference = image(*scanner)
        for over, mask in masks(data, reference).items():
            new, mask = adapter(data), adapter(mask)
            cohort = [(adapter(seen), adapter(masks(seen, of)[over])) for seen, of in training]
            methods = {"image-z-score": ZScoreNormalizer()}
            modalities = {"last": Modality.T1, "largest": Modality.T2, "first": Modality.PD}
            for peak, modality in modalities.items():
                methods[f"whitestripe {peak}"] = WhiteStripeNormalizer(modality=modality)
            for name, method in methods.items():
                yield number, name, over, method.fit(new, mask).transform(new, mask).get_data()
            nyul = NyulNormalizer()
            nyul.fit_population([seen for seen, _ in cohort], [of for _, of in cohort])
            yield number, "nyul", over, nyul.transform(new, mask).get_data()
            # No package maps two percentiles alone to those of a cohort.
            ends = lambda seen, of: np.percentile(seen.get_data()[of.get_data() > 0], [1, 99])
            low, high = np.mean([ends(seen, of) for seen, of in cohort], axis=0)
            own = ends(new, mask)
            yield number, "percentiles", over, low + (data - own[0]) / (own[1] - own[0]) * (high - low)


def table():
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["image", "filter", "over", *(f"probe_{number}" for number in range(1, len(PROBES) + 1))])
    for number, method, over, data in figures():
        writer.writerow([number, method, over, *(repr(float(data[probe])) for probe in PROBES)])
    return out.getvalue()


def main():
    found = table()
    if "--write" in sys.argv:
        STORED.write_text(found)
    rows = lambda text: list(csv.reader(io.StringIO(text)))
    stored, found = rows(STORED.read_text()), rows(found)
    assert [row[:3] for row in stored] == [row[:3] for row in found], "other rows than the stored ones"
    for before, now in zip(stored[1:], found[1:]):
        np.testing.assert_allclose(np.float64(now[3:]), np.float64(before[3:]), rtol=1e-11, atol=1e-11, err_msg=str(before[:3]))
    print(f"{len(found) - 1} rows as stored")


if __name__ == "__main__":
    main()
