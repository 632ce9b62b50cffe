//! Arrays of NumPy as scans, and voxels as arrays of NumPy: the same memory, not a copy of it.

use pyo3::{
    prelude::*,
    types::{PyDict, PyTuple},
};
use voxomics_engine::scan::Scan;
use voxomics_interface::{Element, OwnedArray, Scaling};

use crate::refused;

/// An array with its place: spacing in mm along *x*, *y*, *z*; the centre of the first voxel, LPS; and the direction as SimpleITK
/// has it, a matrix by rows whose columns are the axes.
#[derive(FromPyObject)]
pub struct Placed<'py>(Bound<'py, PyAny>, [f64; 3], [f64; 3], [f64; 9]);

/// A scan over the memory of an array, which is kept from being freed as long as the scan is there.
pub fn scan(placed: &Placed<'_>) -> PyResult<Scan> {
    let Placed(array, spacing, origin, matrix) = placed;
    let axes = [0, 1, 2].map(|axis| [matrix[axis], matrix[3 + axis], matrix[6 + axis]]);
    let mut geometry = [0.0; 15];
    geometry[..3].copy_from_slice(spacing);
    geometry[3..6].copy_from_slice(origin);
    geometry[6..].copy_from_slice(axes.as_flattened());
    let plain = Scaling { slope: 1.0, intercept: 0.0 };
    Scan::new(voxels(array)?, &geometry, vec![plain]).map_err(|wrong| refused(format!("the array: {wrong}")))
}

/// The voxels of an array in C order, indexed `[z, y, x]`.
fn voxels(array: &Bound<'_, PyAny>) -> PyResult<OwnedArray> {
    let interface = array.getattr("__array_interface__")?.cast_into::<PyDict>()?;
    let of = |key: &str| interface.get_item(key)?.ok_or_else(|| refused(format!("the array does not tell its {key}")));
    if interface.get_item("strides")?.is_some_and(|strides| !strides.is_none()) {
        return Err(refused("the array is not contiguous, expected C order"));
    }
    let element = element(&of("typestr")?.extract::<String>()?)?;
    let shape: [u64; 3] = of("shape")?.extract()?;
    let address: usize = of("data")?.cast_into::<PyTuple>()?.get_item(0)?.extract()?;
    let [z, y, x] = shape;
    let length = [x, y, z].iter().try_fold(element.size() as u64, |bytes, n| bytes.checked_mul(*n));
    let length = length.ok_or_else(|| refused("the array is larger than memory"))?;
    let owner = Box::into_raw(Box::new(array.clone().unbind())).cast();
    let data = std::ptr::with_exposed_provenance::<u8>(address);
    // SAFETY: a contiguous array has as many bytes as its shape says, and they stay where they are while the array, which the
    // owner refers to, is alive. That nobody writes to it meanwhile is what the documentation asks of the caller.
    Ok(unsafe {
        OwnedArray::from_parts("voxels".to_owned().into(), element.code(), &[x, y, z], data, length, owner, release)
    })
}

extern "C" fn release(owner: *mut ()) {
    // SAFETY: `owner` is the box that was leaked above, and comes back once.
    let array = unsafe { Box::from_raw(owner.cast::<Py<PyAny>>()) };
    // Without an interpreter there is nothing to be freed any more.
    if Python::try_attach(|_| ()).is_none() {
        std::mem::forget(array);
        return;
    }
    Python::attach(|_| drop(array));
}

fn element(typestr: &str) -> PyResult<Element> {
    let (order, kind) = typestr.split_at_checked(1).unwrap_or_default();
    let native = if cfg!(target_endian = "little") { "<" } else { ">" };
    let found = match kind {
        // A truth value is a byte of 0 or 1.
        "b1" | "u1" => Some(Element::U8),
        "i1" => Some(Element::I8),
        "u2" => Some(Element::U16),
        "i2" => Some(Element::I16),
        "u4" => Some(Element::U32),
        "i4" => Some(Element::I32),
        "u8" => Some(Element::U64),
        "i8" => Some(Element::I64),
        "f4" => Some(Element::F32),
        "f8" => Some(Element::F64),
        _ => None,
    };
    found.filter(|_| order == "|" || order == native).ok_or_else(|| {
        refused(format!("the array has elements of the type `{typestr}`, expected numbers in the machine's own order"))
    })
}

/// Voxels that were made here, for `numpy.asarray`: indexed `[z, y, x]`, and freed with the last array over them.
#[pyclass(frozen, module = "voxomics._engine")]
pub struct Array {
    /// What `Box::into_raw` gave of the elements. NumPy may write to them; nobody here looks at them any more.
    address: usize,
    element: Element,
    /// Lengths along z, y and x.
    shape: [usize; 3],
}

impl Array {
    /// Marks of a mask, *x* fastest.
    pub fn of_marks(marks: Vec<u8>, [x, y, z]: [usize; 3]) -> Self {
        Self { address: kept(marks), element: Element::U8, shape: [z, y, x] }
    }

    /// Values of an image, *x* fastest.
    pub fn of_values(values: Vec<f64>, [x, y, z]: [usize; 3]) -> Self {
        Self { address: kept(values), element: Element::F64, shape: [z, y, x] }
    }
}

#[pymethods]
impl Array {
    /// What NumPy asks for.
    #[getter]
    fn __array_interface__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let order = if cfg!(target_endian = "little") { "<" } else { ">" };
        let dict = PyDict::new(py);
        dict.set_item("version", 3)?;
        dict.set_item("shape", PyTuple::new(py, self.shape)?)?;
        dict.set_item("typestr", if self.element == Element::U8 { "|u1".to_owned() } else { format!("{order}f8") })?;
        dict.set_item("data", (self.address, false))?;
        Ok(dict)
    }
}

impl Drop for Array {
    fn drop(&mut self) {
        let length = self.shape.iter().product();
        if self.element == Element::U8 { freed::<u8>(self.address, length) } else { freed::<f64>(self.address, length) }
    }
}

/// Elements that stay where they are.
fn kept<T>(elements: Vec<T>) -> usize {
    Box::into_raw(elements.into_boxed_slice()).cast::<T>().expose_provenance()
}

/// The end of elements that were [`kept`].
fn freed<T>(address: usize, length: usize) {
    let elements = std::ptr::slice_from_raw_parts_mut(std::ptr::with_exposed_provenance_mut::<T>(address), length);
    // SAFETY: the address is that of a box of as many elements, which is given back once, by the array that owns it.
    drop(unsafe { Box::from_raw(elements) });
}
