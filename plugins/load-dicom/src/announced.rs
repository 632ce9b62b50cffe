//! What a compressed stream says of itself, held against what its object says.

use crate::format::Format;

/// What the header of a JPEG, JPEG-LS or JPEG 2000 stream says.
#[derive(Debug, PartialEq)]
pub struct Announced {
    /// Rows and columns.
    pub size: [usize; 2],
    /// Values of a pixel.
    pub components: usize,
    /// Bits of a value.
    pub precision: usize,
}

impl Announced {
    /// Holds it against the object.
    ///
    /// # Errors
    /// What differs.
    pub fn check(&self, format: &Format) -> Result<(), String> {
        let Self { size: [rows, columns], components, precision } = *self;
        let wanted = format.samples();
        if self.size != format.size || components != wanted {
            let [wanted_rows, wanted_columns] = format.size;
            return Err(format!(
                "the stream has {rows} × {columns} pixels of {components} components, expected {wanted_rows} × \
                 {wanted_columns} of {wanted}"
            ));
        }
        if precision > format.allocated || precision < format.stored.min(8) {
            let (stored, allocated) = (format.stored, format.allocated);
            return Err(format!("the stream has {precision} bits a pixel, expected {stored} of {allocated}"));
        }
        Ok(())
    }

    /// Streams that know no sign hold signed values as their lowest bits: with too few of them the sign is lost.
    ///
    /// # Errors
    /// How many bits it has, and how many it needs.
    pub fn check_sign(&self, format: &Format) -> Result<(), String> {
        if format.signed && self.precision < format.stored {
            let (found, stored) = (self.precision, format.stored);
            return Err(format!("the stream has unsigned values of {found} bits for signed ones of {stored} bits"));
        }
        Ok(())
    }
}
