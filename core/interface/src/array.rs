//! Arrays that cross: a name, an element type, dimensions and bytes. No element is converted and none is copied.

use std::fmt;

use abi_stable::{
    StableAbi,
    std_types::{RSlice, RVec},
};

use crate::{Cell, OwnedText, Text, codes};

/// What the elements of an array are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Element {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
    F32,
    F64,
    /// A [`Cell`] of a texture matrix: `u32`, `u32`, `f64`.
    Cell,
}

impl Element {
    /// Every element type, in the order of the codes.
    pub const ALL: [Self; 11] = [
        Self::U8,
        Self::I8,
        Self::U16,
        Self::I16,
        Self::U32,
        Self::I32,
        Self::U64,
        Self::I64,
        Self::F32,
        Self::F64,
        Self::Cell,
    ];

    /// The number by which it crosses: `codes::ELEMENT_…`.
    pub fn code(self) -> u32 {
        match self {
            Self::U8 => codes::ELEMENT_U8,
            Self::I8 => codes::ELEMENT_I8,
            Self::U16 => codes::ELEMENT_U16,
            Self::I16 => codes::ELEMENT_I16,
            Self::U32 => codes::ELEMENT_U32,
            Self::I32 => codes::ELEMENT_I32,
            Self::U64 => codes::ELEMENT_U64,
            Self::I64 => codes::ELEMENT_I64,
            Self::F32 => codes::ELEMENT_F32,
            Self::F64 => codes::ELEMENT_F64,
            Self::Cell => codes::ELEMENT_CELL,
        }
    }

    /// The element type of a number that has crossed, if there is one.
    pub fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|element| element.code() == code)
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::U16 | Self::I16 => 2,
            Self::U32 | Self::I32 | Self::F32 => 4,
            Self::U64 | Self::I64 | Self::F64 => 8,
            Self::Cell => 16,
        }
    }

    /// Its word, as Rust spells it: `u8`, `f32`, …, or `cell`.
    pub fn word(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::U64 => "u64",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::Cell => "cell",
        }
    }
}

/// A type that an array can have as its elements.
///
/// # Safety
/// Every pattern of bits is a value of the type, it has no padding, and it is laid out as `ELEMENT` says.
pub unsafe trait Bulk: Copy + Send + Sync + 'static {
    /// What it crosses as.
    const ELEMENT: Element;
}

macro_rules! bulk {
    ($($T:ty => $element:ident),* $(,)?) => {
        // SAFETY: numbers have no padding and any bits; a `Cell` is two `u32` and an `f64`, without a gap.
        $(unsafe impl Bulk for $T { const ELEMENT: Element = Element::$element; })*
    };
}

bulk! {
    u8 => U8, i8 => I8, u16 => U16, i16 => I16, u32 => U32, i32 => I32, u64 => U64, i64 => I64, f32 => F32, f64 => F64,
    Cell => Cell,
}

/// An array that is lent for the length of a call.
#[repr(C)]
#[derive(StableAbi, Clone, Copy)]
pub struct Array<'a> {
    name: Text<'a>,
    element: u32,
    dims: RSlice<'a, u64>,
    bytes: RSlice<'a, u8>,
}

impl<'a> Array<'a> {
    /// An array of these elements; the first dimension is the fastest.
    pub fn new<T: Bulk>(name: &'a str, dims: &'a [u64], elements: &'a [T]) -> Self {
        // SAFETY: elements without padding are as many bytes as they have, and live as long as the slice.
        let bytes = unsafe { std::slice::from_raw_parts(elements.as_ptr().cast::<u8>(), size_of_val(elements)) };
        Self { name: name.into(), element: T::ELEMENT.code(), dims: dims.into(), bytes: bytes.into() }
    }

    /// An array as it came over another carrier, to be verified by whoever reads it.
    pub fn from_parts(name: Text<'a>, element: u32, dims: &'a [u64], bytes: &'a [u8]) -> Self {
        Self { name, element, dims: dims.into(), bytes: bytes.into() }
    }

    /// Its name.
    pub fn name(&self) -> Text<'a> {
        self.name
    }

    /// The code of its element type.
    pub fn element(&self) -> u32 {
        self.element
    }

    /// Its dimensions, the fastest first.
    pub fn dims(&self) -> &'a [u64] {
        self.dims.as_slice()
    }

    /// Its bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes.as_slice()
    }

    /// Its elements.
    ///
    /// # Errors
    /// If they are of another type, too few or too many for the dimensions, or not aligned.
    pub fn read<T: Bulk>(&self) -> Result<&'a [T], String> {
        check(self.element, self.dims(), self.bytes())?;
        elements(self.element, self.bytes())
    }
}

/// An array that is handed over. It belongs to whoever made it, and is given back by the maker's own function.
#[repr(C)]
#[derive(StableAbi)]
pub struct OwnedArray {
    name: OwnedText,
    element: u32,
    dims: RVec<u64>,
    data: *const u8,
    length: u64,
    owner: *mut (),
    release: extern "C" fn(*mut ()),
}

// SAFETY: the bytes are not changed by anybody from the moment the array is made, and the maker's contract is that `release`
// may be called on any thread.
unsafe impl Send for OwnedArray {}
// SAFETY: as above; shared access only reads.
unsafe impl Sync for OwnedArray {}

impl OwnedArray {
    /// An array of these elements, which are not copied; the first dimension is the fastest.
    pub fn new<T: Bulk>(name: impl Into<String>, dims: &[u64], elements: Vec<T>) -> Self {
        let length = size_of_val(elements.as_slice());
        Self::owned(name.into(), T::ELEMENT.code(), dims, elements, length)
    }

    /// An array whose elements are given as bytes in the machine's order. They are copied only if they are not aligned.
    pub fn from_bytes(name: impl Into<String>, element: Element, dims: &[u64], bytes: Vec<u8>) -> Self {
        let length = bytes.len();
        if bytes.as_ptr().addr().is_multiple_of(element.size()) {
            return Self::owned(name.into(), element.code(), dims, bytes, length);
        }
        // Of 16 bytes each: aligned for every element type.
        let mut aligned = vec![0_u128; length.div_ceil(16)];
        // SAFETY: the new elements have at least as many bytes, and are nobody else's.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), aligned.as_mut_ptr().cast(), length) };
        Self::owned(name.into(), element.code(), dims, aligned, length)
    }

    /// An array of another maker.
    ///
    /// # Safety
    /// `data` points to `length` bytes (or is null and `length` 0) that nobody changes until `release` is called with
    /// `owner`, once, on any thread.
    pub unsafe fn from_parts(
        name: OwnedText,
        element: u32,
        dims: &[u64],
        data: *const u8,
        length: u64,
        owner: *mut (),
        release: extern "C" fn(*mut ()),
    ) -> Self {
        Self { name, element, dims: dims.iter().copied().collect(), data, length, owner, release }
    }

    fn owned<T>(name: String, element: u32, dims: &[u64], elements: Vec<T>, length: usize) -> Self {
        extern "C" fn release<T>(owner: *mut ()) {
            // SAFETY: `owner` is the box that was leaked below, and comes back once.
            drop(unsafe { Box::from_raw(owner.cast::<Vec<T>>()) });
        }
        let data = elements.as_ptr().cast();
        let owner = Box::into_raw(Box::new(elements)).cast();
        let dims = dims.iter().copied().collect();
        Self { name: name.into(), element, dims, data, length: length as u64, owner, release: release::<T> }
    }

    /// Its name.
    pub fn name(&self) -> &OwnedText {
        &self.name
    }

    /// What its elements are, if that is known here.
    pub fn element(&self) -> Option<Element> {
        Element::from_code(self.element)
    }

    /// Its dimensions, the fastest first.
    pub fn dims(&self) -> &[u64] {
        self.dims.as_slice()
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        match usize::try_from(self.length) {
            // SAFETY: whoever made the array promised that so many bytes lie there until it is released.
            Ok(length) if length > 0 && !self.data.is_null() => unsafe {
                std::slice::from_raw_parts(self.data, length)
            },
            _ => &[],
        }
    }

    /// Whether element type, dimensions and bytes belong together.
    ///
    /// # Errors
    /// How they contradict each other.
    pub fn check(&self) -> Result<(), String> {
        check(self.element, self.dims(), self.bytes())
    }

    /// Its elements.
    ///
    /// # Errors
    /// If they are of another type, too few or too many for the dimensions, or not aligned.
    pub fn read<T: Bulk>(&self) -> Result<&[T], String> {
        self.check()?;
        elements(self.element, self.bytes())
    }
}

impl Drop for OwnedArray {
    fn drop(&mut self) {
        (self.release)(self.owner);
    }
}

impl fmt::Debug for OwnedArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let element = self.element().map_or("?", Element::word);
        write!(f, "{}: {element}{:?}, {} bytes", self.name.shown(), self.dims(), self.length)
    }
}

fn check(element: u32, dims: &[u64], bytes: &[u8]) -> Result<(), String> {
    let Some(element) = Element::from_code(element) else {
        return Err(format!("its elements are of the unknown type {element}"));
    };
    let size = element.size() as u64;
    let wanted = dims.iter().try_fold(size, |bytes, n| bytes.checked_mul(*n));
    if wanted != Some(bytes.len() as u64) {
        return Err(format!(
            "its {dims:?} elements of {size} bytes ({}) do not match its {} bytes",
            element.word(),
            bytes.len()
        ));
    }
    Ok(())
}

fn elements<T: Bulk>(element: u32, bytes: &[u8]) -> Result<&[T], String> {
    if element != T::ELEMENT.code() {
        let found = Element::from_code(element).map_or("?", Element::word);
        return Err(format!("it is an array of {found}, expected one of {}", T::ELEMENT.word()));
    }
    if bytes.is_empty() {
        return Ok(&[]);
    }
    // SAFETY: every pattern of bits is a `T`.
    let (before, elements, after) = unsafe { bytes.align_to::<T>() };
    if !before.is_empty() || !after.is_empty() {
        return Err(format!("its elements are not aligned to {} bytes", align_of::<T>()));
    }
    Ok(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crosses_is_the_same_memory() {
        let voxels = vec![1.5_f32, 2.5, -0.0, f32::NAN];
        let address = voxels.as_ptr().addr();
        let array = OwnedArray::new("voxels", &[2, 2], voxels);
        assert_eq!(array.read::<f32>().expect("floats").as_ptr().addr(), address);
        assert_eq!(array.read::<f32>().expect("floats")[2].to_bits(), (-0.0_f32).to_bits());
        let lent = Array::new("voxels", &[3], &[7_u16, 8, 9]);
        assert_eq!(lent.read::<u16>(), Ok(&[7_u16, 8, 9][..]));
    }

    #[test]
    fn an_array_that_contradicts_itself_is_found_out() {
        let of = |element, dims: &[u64], bytes: &[u8]| {
            Array::from_parts("a".into(), element, dims, bytes).read::<u16>().map(|_| ())
        };
        assert!(of(codes::ELEMENT_U16, &[3], &[0; 4]).expect_err("too few").contains("do not match its 4 bytes"));
        assert!(of(codes::ELEMENT_U16, &[1 << 62, 4], &[]).expect_err("overflow").contains("0 bytes"));
        assert!(of(99, &[2], &[0; 2]).expect_err("no type").contains("unknown type 99"));
        assert!(
            of(codes::ELEMENT_I16, &[2], &[0; 4])
                .expect_err("another type")
                .contains("array of i16, expected one of u16")
        );
        let words = [0_u64; 2];
        // SAFETY: bytes of an array that lives here.
        let odd = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>().add(1), 4) };
        assert!(of(codes::ELEMENT_U16, &[2], odd).expect_err("odd").contains("not aligned"));
    }

    #[test]
    fn every_element_type_has_a_code_of_its_own() {
        for (index, element) in Element::ALL.into_iter().enumerate() {
            assert_eq!((element.code() as usize, Element::from_code(element.code())), (index, Some(element)));
        }
        assert_eq!((Element::from_code(11), size_of::<Cell>()), (None, Element::Cell.size()));
    }

    #[test]
    fn bytes_that_are_not_aligned_are_copied_to_where_they_are() {
        for bytes in [vec![1, 2, 3, 4, 5, 6, 7, 8], Vec::new()] {
            let array = OwnedArray::from_bytes("a", Element::F64, &[bytes.len() as u64 / 8], bytes.clone());
            assert_eq!(array.bytes(), bytes);
            assert_eq!(array.read::<f64>().expect("aligned").len() * 8, bytes.len());
        }
    }
}
