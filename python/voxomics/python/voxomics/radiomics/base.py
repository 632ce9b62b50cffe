"""PyRadiomics' classes of features, one at a time: ``firstorder.RadiomicsFirstOrder(image, mask, **settings).execute()``."""

from __future__ import annotations

import collections
from typing import Any

import numpy

from . import _compute, _images


#: What PyRadiomics does to image and mask before a class sees them.
_BEFORE = (
    "normalize", "normalizeScale", "removeOutliers", "resampledPixelSpacing", "interpolator", "resegmentRange", "resegmentMode",
    "resegmentShape", "minimumROIDimensions", "minimumROISize", "correctMask", "preCrop", "padDistance",
)


class _WithFeatures(type):
    """A class that has ``getMeanFeatureValue`` and the like, one for each of its features; they are made when they are asked for."""

    def __getattr__(cls, attribute: str) -> Any:
        name = attribute.removeprefix("get").removesuffix("FeatureValue")
        column = _compute.columns(cls._name).get(name) if f"get{name}FeatureValue" == attribute and cls._name else None
        if column is None:
            raise AttributeError(f"type object {cls.__name__!r} has no attribute {attribute!r}")

        def value(self: RadiomicsFeaturesBase) -> Any:
            return self._values([name])[name]

        code = f", IBSI code {column.ibsi}" if column.ibsi else ""
        value.__name__, value.__doc__ = attribute, f"{name} of the class {cls._name}, in the unit {column.unit or '1'}{code}."
        setattr(cls, attribute, value)
        return value


class RadiomicsFeaturesBase(metaclass=_WithFeatures):
    """One class of features of one image and mask."""

    #: Name of the class in results: ``firstorder``.
    _name = ""

    def __init__(self, inputImage: Any, inputMask: Any, **kwargs: Any):
        if inputImage is None or inputMask is None:
            raise ValueError("Missing input image or mask")
        self.inputImage, self.inputMask, self.settings = inputImage, inputMask, dict(kwargs)
        self.voxelBased = bool(self.settings.get("voxelBased", False))
        if self.voxelBased:
            self._check_maps()
        self.enabledFeatures: dict[str, bool] = {}
        self.featureValues: dict[str, Any] = {}

    @classmethod
    def getFeatureNames(cls) -> dict[str, bool]:
        """The features of the class; none of them is deprecated."""
        return {name: False for name in _compute.names(cls._name)}

    def enableAllFeatures(self) -> None:
        self.enabledFeatures = {name: True for name in self.getFeatureNames()}

    def disableAllFeatures(self) -> None:
        self.enabledFeatures, self.featureValues = {}, {}

    def enableFeatureByName(self, feature: str, enable: bool = True) -> None:
        if feature not in self.getFeatureNames():
            raise LookupError(f"Feature not found: {feature}")
        self.enabledFeatures[feature] = enable

    def __getattr__(self, attribute: str) -> Any:
        return getattr(type(self), attribute).__get__(self)

    def _check_maps(self) -> None:
        if self._name.startswith("shape"):
            raise NotImplementedError("Shape features are not available in voxel-based mode")
        if not self.settings.get("maskedKernel", True):
            # PyRadiomics' levels begin at the lowest voxel of the whole image here, and at that of the region's box in its extractor.
            raise NotImplementedError(
                f"maskedKernel=False is not there for a class alone: the levels of {type(self).__name__} would come from the whole image; "
                "use RadiomicsFeatureExtractor.execute(image, mask, voxelBased=True), whose levels come from the box of the region"
            )

    def execute(self) -> dict[str, Any]:
        """Computes the enabled features, or all if none is. With ``voxelBased=True``, each is a SimpleITK image on the grid of the image
        that was given: a value for each voxel of the region, ``initValue`` outside.
        """
        self.featureValues = self._values([name for name, enabled in self.enabledFeatures.items() if enabled])
        return self.featureValues

    def _values(self, wanted: list[str]) -> dict[str, Any]:
        """The values of some features, or of all if none is named."""
        from .featureextractor import RadiomicsFeatureExtractor

        of_class = {key: value for key, value in self.settings.items() if key not in (*_BEFORE, "voxelBased")}
        extractor = RadiomicsFeatureExtractor(**{**of_class, "additionalInfo": False, "minimumROIDimensions": 1})
        # A class of PyRadiomics compares the mask with the label, and casts nothing.
        extractor._takes_mask_as_it_is = True
        extractor.disableAllFeatures()
        extractor.enableFeaturesByName(**{self._name: wanted})
        found = extractor.execute(self.inputImage, self.inputMask, voxelBased=self.voxelBased)
        whole = self._on_grid if self.voxelBased else numpy.array
        return collections.OrderedDict((name.rsplit("_", 1)[1], whole(value)) for name, value in found.items())

    def _on_grid(self, made: Any) -> Any:
        """A map of the region's box, on the grid of the image that was given."""
        image, _ = _images.load(self.inputImage, self.inputMask, 0)
        sitk = _images.sitk()
        whole = sitk.Image(image.GetSize(), sitk.sitkFloat64) + float(self.settings.get("initValue", 0))
        whole.CopyInformation(image)
        start = image.TransformPhysicalPointToIndex(made.GetOrigin())
        return sitk.Paste(whole, made, made.GetSize(), destinationIndex=start)


def _class(python_name: str, name: str) -> type[RadiomicsFeaturesBase]:
    told = f"The features of PyRadiomics' class {name}."
    return type(python_name, (RadiomicsFeaturesBase,), {"_name": name, "__module__": f"{__package__}.{name}", "__doc__": told})


#: By name, in PyRadiomics' order.
CLASSES: dict[str, type[RadiomicsFeaturesBase]] = {
    name: _class(python_name, name)
    for name, python_name in (
        ("firstorder", "RadiomicsFirstOrder"), ("glcm", "RadiomicsGLCM"), ("gldm", "RadiomicsGLDM"), ("glrlm", "RadiomicsGLRLM"),
        ("glszm", "RadiomicsGLSZM"), ("ngtdm", "RadiomicsNGTDM"), ("shape", "RadiomicsShape"),
    )
}
