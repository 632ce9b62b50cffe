"""A loader: edit the functions. Files begin with RAW8, then three bytes of size, then one byte per voxel."""

import numpy as np

from voxomics_plugin import Failure, Grid, Loaded, Mask, Scan, loader

__vendor__ = "Your laboratory"
__version__ = "0.1.0"
__licence__ = "MIT OR Apache-2.0"


@loader(formats=["RAW8"], recognises=lambda path, head: head.startswith(b"RAW8"), own_grid=True)
def NAME_SNAKE(request):
    """A small format of our own."""
    with request.host.open(request.path) as file:
        scan = read(request.path, file.read(), request.max_bytes)
    return Loaded(images=[scan]) if request.role == "image" else Loaded(masks=[Mask(scan)])


def read(path, data, max_bytes):
    dims = tuple(data[4:7])
    voxels = np.frombuffer(data, dtype=np.uint8, offset=min(7, len(data)))
    if len(dims) < 3 or voxels.size != dims[0] * dims[1] * dims[2]:
        raise Failure(f"{path} has {voxels.size} voxels, and its size says {dims}")
    if voxels.nbytes > max_bytes:
        raise Failure(f"{path} has {voxels.nbytes} bytes of voxels, above the limit of {max_bytes}")
    grid = Grid(dims)
    return Scan(voxels.reshape(grid.shape), grid)
