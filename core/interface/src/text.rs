//! Texts that cross: bytes that say they are UTF-8, which the receiver verifies.

use std::fmt;

use abi_stable::{
    StableAbi,
    std_types::{RSlice, RVec},
};

/// A text that is lent for the length of a call.
#[repr(transparent)]
#[derive(StableAbi, Debug, Clone, Copy)]
pub struct Text<'a>(RSlice<'a, u8>);

/// A text that is handed over.
#[repr(transparent)]
#[derive(StableAbi, Debug, Clone, Default)]
pub struct OwnedText(RVec<u8>);

/// A text that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotUtf8 {
    /// The first byte that is not UTF-8.
    pub at: usize,
}

impl fmt::Display for NotUtf8 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it is not UTF-8: byte {} fits no character", self.at)
    }
}

impl std::error::Error for NotUtf8 {}

impl<'a> Text<'a> {
    /// A text of bytes that need not be UTF-8: whoever receives them finds out.
    pub fn from_bytes(bytes: &'a [u8]) -> Self {
        Self(bytes.into())
    }

    /// Its bytes.
    pub fn bytes(self) -> &'a [u8] {
        self.0.as_slice()
    }

    /// The text, once it is known to be one.
    ///
    /// # Errors
    /// Where it is not UTF-8.
    pub fn verified(self) -> Result<&'a str, NotUtf8> {
        verified(self.bytes())
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(text.as_bytes().into())
    }
}

impl OwnedText {
    /// A text of bytes that need not be UTF-8: whoever receives them finds out.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes.into())
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        self.0.as_slice()
    }

    /// The text, once it is known to be one.
    ///
    /// # Errors
    /// Where it is not UTF-8.
    pub fn verified(&self) -> Result<&str, NotUtf8> {
        verified(self.bytes())
    }

    /// The text for a person to read: what is not UTF-8 shows as `\u{FFFD}`.
    pub fn shown(&self) -> String {
        String::from_utf8_lossy(self.bytes()).into_owned()
    }
}

impl<T: Into<String>> From<T> for OwnedText {
    fn from(text: T) -> Self {
        Self(text.into().into_bytes().into())
    }
}

fn verified(bytes: &[u8]) -> Result<&str, NotUtf8> {
    std::str::from_utf8(bytes).map_err(|cause| NotUtf8 { at: cause.valid_up_to() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_one_only_if_it_is_utf_8() {
        assert_eq!(Text::from("Zürich").verified(), Ok("Zürich"));
        assert_eq!(Text::from_bytes(b"Z\xfcrich").verified(), Err(NotUtf8 { at: 1 }));
        assert_eq!(OwnedText::from_bytes(b"Z\xfcrich".to_vec()).shown(), "Z\u{fffd}rich");
    }
}
