"""PyRadiomics' functions that filter an image, by the engine's filters: ``imageoperations.getLoGImage(image, mask, sigma=[1.0])``."""

from __future__ import annotations

from typing import Any, Callable, Iterator

from ..voxels import filtered
from . import _compute, _images

#: Settings of filters; others are handed on to whoever computes features of the image.
_OF_FILTERS = (
    "sigma", "start_level", "level", "wavelet", "gradientUseSpacing", "lbp2DRadius", "lbp2DSamples", "lbp2DMethod",
)
_OF_IMAGES = ("force2D", "force2Ddimension")

#: What a function yields, as PyRadiomics' does: an image, its name in features, and the settings that were handed over.
Yielded = tuple[Any, str, dict[str, Any]]


def _made(image: Any, image_type: str, settings: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The images of a type by name, from edge to edge of the image."""
    custom = {key: settings[key] for key in _OF_FILTERS if settings.get(key) is not None}
    whole = {key: settings[key] for key in _OF_IMAGES if settings.get(key) is not None}
    # A feature must be named, or there is no experiment; it is not computed.
    text = _compute.parameters(whole, {image_type: custom}, {"firstorder": ["Mean"]})
    experiment, told = _compute.experiment(text)
    _compute.tell(told, depth=4)
    for name, made in filtered(image, None, experiment).items():
        yield name, made


def of_type(image_type: str) -> Callable[..., Iterator[Yielded]]:
    """The function of an image type."""

    def images(inputImage: Any, inputMask: Any, **kwargs: Any) -> Iterator[Yielded]:
        if image_type == "Original":
            yield inputImage, "original", kwargs
            return
        if image_type == "LoG" and not len(kwargs.get("sigma", ())):
            return  # as in PyRadiomics: no width, no image
        for name, made in _made(inputImage, image_type, kwargs):
            image = made.to_sitk()
            # To the last bit, so that it lies on the mask's grid.
            image.SetSpacing(inputImage.GetSpacing())
            image.SetOrigin(inputImage.GetOrigin())
            image.SetDirection(inputImage.GetDirection())
            if image.GetSize() != inputImage.GetSize():
                raise _images.mismatch(image, inputImage, f"the image {name} is not on the grid of what it was made of; ")
            yield image, name, kwargs

    images.__name__ = images.__qualname__ = f"get{image_type}Image"
    images.__doc__ = f"Yields the images of the type {image_type}, each with its name in features and the settings; float64, from edge to edge."
    return images
