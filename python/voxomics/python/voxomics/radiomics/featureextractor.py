"""``RadiomicsFeatureExtractor``, as PyRadiomics 3.0.1 has it."""

from __future__ import annotations

import collections
import json
import os
from typing import Any, Mapping

import numpy

from .. import __version__ as _version
from .. import _engine
from ..errors import CaseError, InputError, warn
from ..features import compute
from . import _before, _compute, _IMAGE_TYPES, _images, _refusals, getFeatureClasses, getProgressReporter, logger
from . import __version__ as _pyradiomics

#: PyRadiomics' own defaults.
_DEFAULTS: dict[str, Any] = {
    "minimumROIDimensions": 2, "minimumROISize": None, "normalize": False, "normalizeScale": 1, "removeOutliers": None,
    "resampledPixelSpacing": None, "interpolator": "sitkBSpline", "preCrop": False, "padDistance": 5, "distances": [1],
    "force2D": False, "force2Ddimension": 0, "resegmentRange": None, "label": 1, "additionalInfo": True,
}


class RadiomicsFeatureExtractor:
    """Computes features under PyRadiomics' names.

    ``RadiomicsFeatureExtractor("Params.yaml")``, a dict with the sections of such a file, or settings as keywords.
    ``settings``, ``enabledImagetypes`` and ``enabledFeatures`` are dicts that one may change.
    """

    def __init__(self, *args: Any, **kwargs: Any):
        self.settings: dict[str, Any] = {}
        self.enabledImagetypes: dict[str, dict[str, Any]] = {}
        self.enabledFeatures: dict[str, list[str]] = {}
        self.featureClassNames = list(getFeatureClasses())
        self._takes_mask_as_it_is = False
        if len(args) == 1 and isinstance(args[0], Mapping):
            self._applyParams(paramsDict=args[0])
        elif len(args) == 1 and (isinstance(args[0], (str, os.PathLike))):
            self.loadParams(args[0])
        else:
            if args and args != (None,):
                warn(f"parameters are a path or a dict, and not {', '.join(map(repr, args))}: as in PyRadiomics, the defaults are taken")
            self.settings = self._getDefaultSettings()
            self.enabledImagetypes = {"Original": {}}
            self.enabledFeatures = {name: [] for name in self.featureClassNames}
        self.settings.update(kwargs)

    @staticmethod
    def _getDefaultSettings() -> dict[str, Any]:
        # Programs call it, although its name says that they should not.
        return {key: list(value) if isinstance(value, list) else value for key, value in _DEFAULTS.items()}

    def loadParams(self, paramsFile: Any) -> None:
        """Takes settings, image types and features from a parameter file (YAML or JSON)."""
        path = os.fspath(paramsFile)
        if not os.path.isfile(path):
            raise _refusals.NoParameterFile(f"Parameter file {path} does not exist.", key="paramsFile")
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read()
        except (OSError, UnicodeDecodeError) as cause:
            raise _refusals.NoParameterFile(f"the parameter file {path} cannot be read: {cause}", key="paramsFile") from None
        try:
            stated = json.loads(_engine.parameters(text))
        except _engine.Refused as refused:
            raise _refusals.ParameterError(f"{path}: {refused}", key="paramsFile") from None
        self._applyParams(stated, path)

    def loadJSONParams(self, JSON_configuration: str) -> None:
        """Takes settings, image types and features from a text in JSON."""
        try:
            stated = json.loads(JSON_configuration)
        except ValueError as cause:
            raise InputError(f"JSON_configuration is no JSON: {cause}", key="JSON_configuration") from None
        self._applyParams(stated, "JSON_configuration")

    def _applyParams(self, paramsDict: Mapping[str, Any], source: str = "the dict of parameters") -> None:
        _refusals.check_parameters(paramsDict, source, _compute.names, self.featureClassNames)
        self.enabledImagetypes = {name: dict(custom or {}) for name, custom in (paramsDict.get("imageType") or {"Original": {}}).items()}
        features = paramsDict.get("featureClass") or {name: [] for name in self.featureClassNames}
        self.enabledFeatures = {name: list(names or []) for name, names in features.items()}
        self.settings = self._getDefaultSettings()
        self.settings.update(paramsDict.get("setting") or {})
        self.settings.update(paramsDict.get("voxelSetting") or {})

    def addProvenance(self, provenance_on: bool = True) -> None:
        """Whether ``diagnostics_…`` come with the features."""
        self.settings["additionalInfo"] = provenance_on

    def enableAllImageTypes(self) -> None:
        for name in _IMAGE_TYPES:
            self.enabledImagetypes[name] = {}

    def disableAllImageTypes(self) -> None:
        self.enabledImagetypes = {}

    def enableImageTypeByName(self, imageType: str, enabled: bool = True, customArgs: Mapping[str, Any] | None = None) -> None:
        """Enables or disables an image type. Of a name that is not known, the log tells, and nothing is changed."""
        if imageType not in _IMAGE_TYPES:
            logger.warning("Image type %s is not recognized; there are: %s", imageType, ", ".join(_IMAGE_TYPES))
        elif enabled:
            self.enabledImagetypes[imageType] = dict(customArgs or {})
        else:
            self.enabledImagetypes.pop(imageType, None)

    def enableImageTypes(self, **enabledImagetypes: Mapping[str, Any]) -> None:
        self.enabledImagetypes.update({name: dict(custom or {}) for name, custom in enabledImagetypes.items()})

    def enableAllFeatures(self) -> None:
        for name in self.featureClassNames:
            self.enabledFeatures[name] = []

    def disableAllFeatures(self) -> None:
        self.enabledFeatures = {}

    def enableFeatureClassByName(self, featureClass: str, enabled: bool = True) -> None:
        """Enables or disables a class. Of a name that is not known, the log tells, and nothing is changed."""
        if featureClass not in self.featureClassNames:
            logger.warning("Feature class %s is not recognized; there are: %s", featureClass, ", ".join(self.featureClassNames))
        elif enabled:
            self.enabledFeatures[featureClass] = []
        else:
            self.enabledFeatures.pop(featureClass, None)

    def enableFeaturesByName(self, **enabledFeatures: Any) -> None:
        self.enabledFeatures.update({name: list(names or []) for name, names in enabledFeatures.items()})

    def getFeatureNames(self, featureClassName: str) -> list[str]:
        """The features of a class."""
        return _compute.names(featureClassName)

    @staticmethod
    def loadImage(ImageFilePath: Any, MaskFilePath: Any, generalInfo: Any = None, **kwargs: Any) -> tuple[Any, Any]:
        """Image and mask as SimpleITK images, prepared as PyRadiomics prepares them: the image normalised (``normalize``), both resampled
        and cut (``resampledPixelSpacing`` with an ``interpolator``), or both cut to the region (``preCrop``).
        """
        image, mask = _images.load(ImageFilePath, MaskFilePath, kwargs.get("label_channel") or 0)
        return _before.prepare(image, _before.getMask(mask, label=kwargs.get("label", 1)), kwargs)

    def execute(
        self, imageFilepath: Any, maskFilepath: Any, label: int | None = None, label_channel: int | None = None, voxelBased: bool = False
    ) -> collections.OrderedDict:
        """Computes the features of one mask: an OrderedDict with ``diagnostics_…``, then ``original_shape_…`` and the others.

        Image and mask are paths or SimpleITK images. Raises ``ValueError`` where PyRadiomics does: no such label, one voxel, too
        few dimensions, other geometry.

        With ``voxelBased``, each feature but those of shape is a SimpleITK image of float64: a value for each voxel of the region from
        the voxels around it (``kernelRadius``, ``maskedKernel``), ``initValue`` outside, NaN where the feature is not defined. It
        has the box of the region and ``kernelRadius`` voxels around it.
        """
        settings = dict(self.settings)
        if label is not None:
            settings["label"] = label
        if label_channel is not None:
            settings["label_channel"] = label_channel
        if isinstance(settings.get("label"), str):
            raise _refusals.ParameterTypeError(f"label is the text {settings['label']!r}, expected a number", key="label")
        image, mask = _images.load(imageFilepath, maskFilepath, settings.pop("label_channel", None) or 0)
        label = settings.pop("label", None)
        label = 1 if label is None else label
        if not self._takes_mask_as_it_is:
            # First of all, as PyRadiomics does: a mask of 1.4 is one of 1.
            mask = _before.getMask(mask, label=label)
        features = self._known_features()
        result: collections.OrderedDict = collections.OrderedDict()
        image, mask, shape_mask, settings = self._prepared(image, mask, label, settings, result)
        _images.refuse(_images.find(mask, label), label, settings)
        if voxelBased:
            with getProgressReporter(total=1, desc="batch") as bar:
                result.update(self._maps(image, mask, label, settings, features))
                bar.update(1)
            return result
        if "shape" in features and (shape_mask is not mask or not self.enabledImagetypes):
            shape = {"shape": features.pop("shape")}
            result.update(self._segment(image, shape_mask, label, settings, {"Original": {}}, shape))
        result.update(self._segment(image, mask, label, settings, self.enabledImagetypes, features))
        return result

    def _prepared(
        self, image: Any, mask: Any, label: float, settings: dict[str, Any], result: dict[str, Any]
    ) -> tuple[Any, Any, Any, dict[str, Any]]:
        """The image, its mask and that of shape as features see them, and the settings that are left; ``result`` gets what is told of them."""
        told = settings.get("additionalInfo", True)
        if told:
            result.update(self._versions({**settings, "label": label}))
            result.update(_images.diagnostics(image, mask, label))
        if not _before.is_other(settings):
            return image, mask, mask, settings
        # As SimpleITK cuts and resamples: the engine's own grid and splines are IBSI's, and give other numbers.
        image, mask = _before.prepare(image, _before.getMask(mask, label=label), {**settings, "label": label})
        if told and settings.get("resampledPixelSpacing"):
            result.update(_images.diagnostics(image, mask, label, "interpolated"))
        of_shape = mask
        if settings.get("resegmentRange") is not None:
            mask, of_shape = _before.resegment(image, mask, {**settings, "label": label}, depth=5)
            if told:
                result.update(_images.diagnostics(image, mask, label, "resegmented"))
        return image, mask, of_shape, {key: value for key, value in settings.items() if key not in _before.PREPARES}

    def computeShape(self, image: Any, mask: Any, boundingBox: Any, **kwargs: Any) -> collections.OrderedDict:
        """The enabled features of shape, of the mask cut to a box of ``imageoperations.checkMask``."""
        features = {name: wanted for name, wanted in self._known_features().items() if name == "shape"}
        return self._alone(*_before.cropToTumorMask(image, mask, boundingBox), kwargs, features, "original")

    def computeFeatures(self, image: Any, mask: Any, imageTypeName: str, **kwargs: Any) -> collections.OrderedDict:
        """The enabled features but shape of an image as it is, under the name of ``imageTypeName``."""
        features = {name: wanted for name, wanted in self._known_features().items() if name != "shape"}
        return self._alone(image, mask, kwargs, features, imageTypeName)

    def _alone(self, image: Any, mask: Any, settings: dict[str, Any], features: dict[str, Any], named: str) -> collections.OrderedDict:
        """The features of an image that was prepared already."""
        label = settings.get("label", 1)
        left_out = {*_before.PREPARES, "label", "label_channel"}
        of_class = {key: value for key, value in settings.items() if key not in left_out}
        made = self._segment(image, mask, label, of_class, {"Original": {}}, features, depth=5)
        return collections.OrderedDict((f"{named}{name.removeprefix('original')}", value) for name, value in made.items())

    def _known_features(self) -> dict[str, list[str]]:
        """What is enabled, without classes that are not known: they are passed over, as PyRadiomics does, but not in silence."""
        _refusals.check_enabled(self.enabledImagetypes, self.enabledFeatures, _compute.names, self.featureClassNames)
        for name, wanted in self.enabledFeatures.items():
            for feature in wanted or ():
                if feature in _refusals.DEPRECATED.get(name, ()):
                    logger.warning("Feature %s of %s is deprecated: PyRadiomics advises against it", feature, name)
        known = (*self.featureClassNames, *_refusals.NOT_OFFERED)
        for name in self.enabledFeatures:
            if name not in known:
                logger.warning("Feature class %s is not recognized, and left out; there are: %s", name, ", ".join(self.featureClassNames))
        return {name: wanted for name, wanted in self.enabledFeatures.items() if name in known}

    def _segment(
        self, image: Any, mask: Any, label: float, settings: dict[str, Any], image_types: Mapping[str, Any], features: dict[str, list[str]],
        depth: int = 4,
    ) -> collections.OrderedDict:
        """The features of a region by name, in PyRadiomics' order."""
        result: collections.OrderedDict = collections.OrderedDict()
        if not image_types or not features:
            return result
        settings = {key: value for key, value in settings.items() if key not in _compute.VOXEL + _compute.JUDGED}
        experiment, told = _compute.experiment(_compute.parameters(settings, image_types, features))
        _compute.tell(told, depth=depth)
        try:
            found = compute(image, mask, experiment, label=label)
        except CaseError as error:
            raise _images.as_value_error(error, image, mask) from error
        # As in PyRadiomics, what is said of an image goes to the log. What is missing is a warning.
        for text in found.warnings:
            logger.warning(text)
        for stage, region, message in found.faults:
            warn(f"{f'{region}: ' if region else ''}{stage}: {message}", depth=depth)
        for name in self._order(experiment.columns):
            if name in found:
                result[name] = numpy.array(float(found[name]))
        return result

    def _maps(self, image: Any, mask: Any, label: float, settings: dict[str, Any], features: dict[str, list[str]]) -> dict[str, Any]:
        """The maps of a mask by name, in PyRadiomics' order: image by image the classes as they were enabled."""
        voxel = {key: settings.pop(key) for key in _compute.VOXEL if settings.get(key) is not None}
        settings = {key: value for key, value in settings.items() if key not in _compute.JUDGED}
        features = {name: names for name, names in features.items() if not name.startswith("shape")}
        if not features or not self.enabledImagetypes:
            return {}
        experiment, told = _compute.experiment(_compute.parameters(settings, self.enabledImagetypes, features, voxel))
        _compute.tell(told, depth=4)
        try:
            found, regions = _voxels(label).maps(image, mask, experiment, depth=6)
        except CaseError as error:
            raise _images.as_value_error(error, image, mask) from error
        inside = next(iter(regions.values()))
        whole = numpy.zeros(inside.grid.shape, bool)
        whole[inside.box] = inside.intensity
        at = numpy.argwhere(whole)
        radius = int(voxel.get("kernelRadius", 1))
        first = numpy.maximum(at.min(axis=0) - radius, 0)
        last = numpy.minimum(at.max(axis=0) + radius + 1, whole.shape)
        box = tuple(slice(start, end) for start, end in zip(first, last))
        fill, outside = float(voxel.get("initValue", 0)), ~whole[box]

        def as_image(values: numpy.ndarray) -> Any:
            values = values[box].copy()
            values[outside] = fill
            made = _images.sitk().GetImageFromArray(values)
            made.SetSpacing(image.GetSpacing())
            made.SetDirection(image.GetDirection())
            made.SetOrigin(image.TransformIndexToPhysicalPoint([int(n) for n in first[::-1]]))
            return made

        def place(name: str) -> tuple[Any, ...]:
            of_image, of_class, feature = name.rsplit("_", 2)
            listed = features.get(of_class) or []
            at = listed.index(feature) if feature in listed else -1
            return (images.index(of_image), list(features).index(of_class), at, _method(feature))

        images = list(dict.fromkeys(name.rsplit("_", 2)[0] for name in found))
        return {name: as_image(found[name].on_grid()) for name in sorted(found, key=place)}

    def _order(self, columns: Any) -> list[str]:
        """PyRadiomics' order: shape, then image by image the classes as they were enabled; features as their methods are sorted, or as they
        were named.
        """
        images = list(dict.fromkeys(column.image for column in columns))
        classes = list(self.enabledFeatures) or self.featureClassNames

        def place(column: Any) -> tuple[Any, ...]:
            # Features that must be named are a family of their own.
            family = column.family.removesuffix("-deprecated")
            listed = self.enabledFeatures.get(family) or []
            at = listed.index(column.feature) if column.feature in listed else -1
            of_class = classes.index(family) if family in classes else len(classes)
            return (not family.startswith("shape"), images.index(column.image), of_class, at, _method(column.feature))

        return [column.name for column in sorted(columns, key=place)]

    def _versions(self, settings: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "diagnostics_Versions_PyRadiomics": f"{_pyradiomics} (voxomics {_version})",
            "diagnostics_Versions_Numpy": numpy.__version__,
            **_images.versions(),
            "diagnostics_Configuration_Settings": settings,
            "diagnostics_Configuration_EnabledImageTypes": self.enabledImagetypes,
        }


def _method(feature: str) -> str:
    """The name of PyRadiomics' method: MeanAbsoluteDeviation comes before Mean."""
    return f"get{feature}FeatureValue"


def _voxels(label: float) -> Any:
    from ..voxels import _Given

    return _Given(None, None, None, None, label, None, None, None, "case", None)


#: PyRadiomics before 2.0.
RadiomicsFeaturesExtractor = RadiomicsFeatureExtractor

__all__ = ["RadiomicsFeatureExtractor", "logger"]
