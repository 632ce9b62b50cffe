//! Arrays that cross: a name, an element type, dimensions, bytes.

use std::fmt;

/// The type of an array's elements, in the machine's byte order.
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
    /// A cell of a texture matrix: `u32` grey level, `u32` other coordinate, `f64` content.
    Cell,
}

impl Element {
    const ALL: [(Self, &'static str, usize); 11] = [
        (Self::U8, "u8", 1),
        (Self::I8, "i8", 1),
        (Self::U16, "u16", 2),
        (Self::I16, "i16", 2),
        (Self::U32, "u32", 4),
        (Self::I32, "i32", 4),
        (Self::U64, "u64", 8),
        (Self::I64, "i64", 8),
        (Self::F32, "f32", 4),
        (Self::F64, "f64", 8),
        (Self::Cell, "cell", 16),
    ];

    fn entry(self) -> (Self, &'static str, usize) {
        Self::ALL[self as usize]
    }

    /// The word by which frames name it.
    pub fn word(self) -> &'static str {
        self.entry().1
    }

    /// Bytes of one element.
    pub fn size(self) -> usize {
        self.entry().2
    }

    /// The type of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, known, _)| *known == word).map(|(element, ..)| *element)
    }
}

impl fmt::Display for Element {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// An array that is sent; its bytes are borrowed.
#[derive(Debug, Clone)]
pub struct Array<'a> {
    /// Its name within the frame.
    pub name: String,
    /// The type of its elements.
    pub element: Element,
    /// Its dimensions, *x* first.
    pub dims: Vec<u64>,
    /// Its elements, *x* fastest.
    pub bytes: &'a [u8],
}

/// How many bytes an array of these dimensions has; none if that is beyond memory.
pub(crate) fn length(element: Element, dims: &[u64]) -> Option<usize> {
    let bytes = dims.iter().try_fold(element.size() as u64, |bytes, dim| bytes.checked_mul(*dim))?;
    usize::try_from(bytes).ok().filter(|bytes| isize::try_from(*bytes).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_its_own_word_and_size() {
        for (at, (element, word, size)) in Element::ALL.iter().enumerate() {
            assert_eq!(*element as usize, at);
            assert_eq!((Element::from_word(word), element.word(), element.size()), (Some(*element), *word, *size));
        }
        assert_eq!(Element::from_word("bool"), None);
    }

    #[test]
    fn a_length_beyond_memory_is_none() {
        assert_eq!(length(Element::F64, &[2, 3]), Some(48));
        assert_eq!(length(Element::F64, &[u64::MAX, 2]), None);
        assert_eq!(length(Element::U8, &[1 << 63]), None);
    }
}
