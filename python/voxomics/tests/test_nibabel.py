"""Images of nibabel: what is refused of a file is refused of the object, in the same words, and the numbers are those of the file."""

from __future__ import annotations

import re

import numpy as np
import pytest
import scene
import voxomics

nibabel = pytest.importorskip("nibabel")

FEW = voxomics.Experiment({"features": {"statistics": {"only": ["mean", "minimum"]}, "morphology": {"only": ["volume_mesh", "maximum_3d_diameter"]}}})
BY_PIXDIM = voxomics.Experiment({"load": {"nifti": {"scale_from": "pixdim"}}, "features": {"morphology": {"only": ["volume_mesh"]}}})
IMAGE, MASK = (np.ascontiguousarray(array.transpose()) for array in scene.scan())
AFFINE = np.array([[-0.7, 0, 0, 12], [0, -0.8, 0, 3.5], [0, 0, 2, -40], [0, 0, 0, 1.0]])
SHEARED = AFFINE.copy()
SHEARED[0, 1] = 0.3


def pair(units="mm", affine=AFFINE, sform=None, qform=None, kind=nibabel.Nifti1Image, voxels=IMAGE):
    """Image and mask; a form is a matrix and its code."""
    made = [kind(array, affine) for array in (voxels, MASK)]
    for each in made:
        each.header.set_xyzt_units(units)
        if sform is not None:
            each.set_sform(*sform)
        if qform is not None:
            each.set_qform(*qform)
    return made


def saved(folder, images, suffix):
    paths = [folder / f"{role}{suffix}" for role in ("image", "mask")]
    for image, path in zip(images, paths):
        nibabel.save(image, path)
    return paths


def outcome(experiment, image, mask):
    """The features, or what is refused, without the name of the file."""
    try:
        return dict(experiment.extract(image, mask))
    except voxomics.CaseError as refused:
        return re.sub(r"\S+\.nii(\.gz)?: ", "", str(refused))


TURNED = np.array([[0, -0.8, 0, 1], [-0.7, 0, 0, 2], [0, 0, 2, 3], [0, 0, 0, 1.0]])
HEADERS = {
    "plain": {}, "no unit": {"units": "unknown"}, "micrometres": {"units": "micron"}, "metres": {"units": "meter"},
    "micrometres that are some": {"units": "micron", "affine": np.diag([700, 800, 2000, 1.0])},
    "two spacings": {"sform": (np.diag([1, 1, 1, 1.0]), 2), "qform": (AFFINE, 1)},
    "qform alone": {"sform": (None, 0), "qform": (TURNED, 1)}, "another qform": {"sform": (AFFINE, 2), "qform": (TURNED, 1)},
    "no form": {"sform": (None, 0), "qform": (None, 0)}, "sheared": {"affine": SHEARED}, "far away": {"affine": np.array([*AFFINE[:2], [0, 0, 2, 1e9], AFFINE[3]])},
    "NIfTI-2": {"kind": nibabel.Nifti2Image}, "a volume of a series": {"voxels": IMAGE[..., None]}, "a series": {"voxels": np.stack([IMAGE] * 2, axis=-1)},
}
REFUSED = {
    "micrometres": "xyzt_units is 3", "metres": "xyzt_units is 1", "two spacings": "the header has two spacings", "sheared": "sheared",
    "far away": "places the first voxel at", "a series": "a series with the sizes",
}


@pytest.mark.parametrize("name", HEADERS)
@pytest.mark.parametrize("suffix", [".nii", ".nii.gz"])
def test_an_image_that_was_read_is_its_file(tmp_path, name, suffix):
    paths = saved(tmp_path, pair(**HEADERS[name]), suffix)
    for experiment in (FEW, BY_PIXDIM):
        of_files, of_objects = outcome(experiment, *paths), outcome(experiment, *map(nibabel.load, paths))
        assert of_objects == of_files
        refused = name in REFUSED and (experiment is FEW or name != "two spacings")
        assert REFUSED[name] in of_files if refused else isinstance(of_files, dict)


@pytest.mark.parametrize("name", HEADERS)
def test_an_image_that_was_made_is_held_to_the_same(name):
    found = outcome(FEW, *pair(**HEADERS[name]))
    assert REFUSED[name] in found if name in REFUSED else isinstance(found, dict)


def test_an_image_that_was_made_has_the_bits_of_its_affine():
    """Not those of the 32 bits of a NIfTI-1 header."""
    placed = {"spacing": (0.7, 0.8, 2.0), "axes": "xyz", "origin": (-12, -3.5, -40)}
    assert outcome(FEW, *pair()) == dict(FEW.extract(IMAGE, MASK, **placed))


@pytest.mark.parametrize("kind", ["int16", ">i2", "uint8", "float32", "float64", ">f8", "int64"])
def test_stored_values_and_their_scaling_are_kept(tmp_path, kind):
    affine = AFFINE.astype("float32").astype(float)  # as a header keeps it
    image = nibabel.Nifti1Image(IMAGE.clip(0, 200).astype(kind), affine, nibabel.Nifti1Header(), dtype=np.dtype(kind))
    mask = nibabel.Nifti1Image(MASK, affine)
    assert outcome(FEW, image, mask) == outcome(FEW, *saved(tmp_path, (image, mask), ".nii"))


def test_values_with_a_slope_are_not_rounded_again(tmp_path):
    header = nibabel.Nifti1Header()
    header.set_data_dtype("uint8")
    paths = saved(tmp_path, (nibabel.Nifti1Image(IMAGE * 0.37 - 5, AFFINE, header), pair()[1]), ".nii")
    read = nibabel.load(paths[0])
    assert read.dataobj.slope != 1 and outcome(FEW, read, paths[1]) == outcome(FEW, *paths)


def test_a_mask_as_an_array_has_the_place_of_the_image():
    image, mask = pair(affine=TURNED)
    assert dict(FEW.extract(image, MASK.transpose(), axes="zyx")) == dict(FEW.extract(image, mask)) == dict(FEW.extract(image, MASK.astype(bool), axes="xyz"))
    with pytest.raises(voxomics.InputError, match="the order of its axes is another one"):
        FEW.extract(image, MASK)
    with pytest.raises(voxomics.InputError, match="states its spacing itself"):
        FEW.extract(image, mask, spacing=(1, 1, 1))


def test_formats_that_do_not_tell_are_refused():
    analyze = nibabel.AnalyzeImage(IMAGE.astype("float32"), AFFINE)
    with pytest.raises(voxomics.InputError, match="does not tell where left and right are"):
        FEW.extract(analyze, pair()[1])
    other = nibabel.MGHImage(IMAGE.astype("float32"), AFFINE)
    assert outcome(FEW, other, pair()[1])["morphology.volume_mesh"] == pytest.approx(outcome(FEW, *pair())["morphology.volume_mesh"], rel=1e-6)


@pytest.mark.parametrize("name", [name for name in HEADERS if name not in ("a series", "a volume of a series", "sheared", "far away", "NIfTI-2")])
def test_an_image_of_simpleitk_is_refused_where_its_file_is(tmp_path, name):
    sitk = pytest.importorskip("SimpleITK")
    paths = saved(tmp_path, pair(**HEADERS[name]), ".nii")
    of_files, read = outcome(FEW, *paths), [sitk.ReadImage(str(path)) for path in paths]
    if name not in REFUSED:
        found = dict(FEW.extract(*read))
        assert found == {key: pytest.approx(value, rel=1e-5) for key, value in of_files.items()}
        return
    with pytest.raises(voxomics.InputError, match=REFUSED[name]):
        FEW.extract(*read)
    with pytest.raises(voxomics.InputError, match=REFUSED[name]):
        voxomics.regions(*read, FEW)
    # Who has set a spacing, or says that it is right, is believed; what a filter makes has no header.
    for image in read:
        image.SetSpacing((0.9, 0.9, 2.0))
    believed = dict(FEW.extract(*read))
    assert believed == dict(FEW.extract(*(image * 1 for image in read)))
    from voxomics import radiomics

    with pytest.warns(voxomics.VoxomicsWarning, match=REFUSED[name]):
        made = radiomics.featureextractor.RadiomicsFeatureExtractor(additionalInfo=False).execute(*map(str, paths))
    assert float(made["original_firstorder_Mean"]) == pytest.approx(believed["statistics.mean"])
