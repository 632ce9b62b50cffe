//! The header that Siemens' MR scanners keep in a private attribute, the "CSA header" (0029,1010).
//!
//! There is no public standard for it; its layout is as NiBabel and dcm2niix document it. In both versions it is a list of
//! tags: a name of 64 bytes, how many values it has, and items of text with their lengths. The second version begins with `SV10`.
//! Every length is held against the bytes that are there.

/// A tag's name, and six numbers of 4 bytes: how many values, their kind, and so on.
const NAME: usize = 64;
const TAG: usize = NAME + 20;
/// Four numbers before each item.
const ITEM: usize = 16;
/// No header has more tags, or a tag more items.
const MOST: usize = 4096;

/// A header's bytes, read from the start on.
struct Reader<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let end = self.at.checked_add(count)?;
        let taken = self.bytes.get(self.at..end)?;
        self.at = end;
        Some(taken)
    }

    fn number(&mut self) -> Option<usize> {
        let bytes: [u8; 4] = self.take(4)?.try_into().ok()?;
        usize::try_from(i32::from_le_bytes(bytes)).ok()
    }
}

/// The texts of the values of a tag; nothing if it is not there, or if the header is damaged before it.
pub fn values(bytes: &[u8], wanted: &str) -> Option<Vec<String>> {
    let is_second = bytes.starts_with(b"SV10");
    let mut reader = Reader { bytes, at: if is_second { 8 } else { 0 } };
    let count = reader.number().filter(|count| *count <= MOST)?;
    reader.take(4)?;
    let mut first_items = None;
    for _ in 0..count {
        let start = reader.at;
        let name = reader.take(NAME)?;
        let name = name.split(|byte| *byte == 0).next().unwrap_or_default();
        let values = reader.number()?;
        reader.take(8)?;
        let items = reader.number().filter(|items| *items <= MOST)?;
        reader.take(4)?;
        debug_assert_eq!(reader.at - start, TAG);
        let of_first = *first_items.get_or_insert(items);
        let mut texts = Vec::new();
        for _ in 0..items {
            let mut header = Reader { bytes: reader.take(ITEM)?, at: 0 };
            let length = header.number()?;
            // The first version adds the number of the first tag's items to every length.
            let length = if is_second { length } else { length.checked_sub(of_first)? };
            let text = reader.take(length)?;
            let padding = length.next_multiple_of(4) - length;
            reader.take(padding.min(reader.bytes.len() - reader.at))?;
            texts.push(String::from_utf8_lossy(text).trim_matches(['\0', ' ']).to_owned());
        }
        if name == wanted.as_bytes() {
            // Tags have as many items as there is room for, values or not.
            if values > 0 {
                texts.truncate(values);
            }
            texts.retain(|text| !text.is_empty());
            return Some(texts);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(tags: &[(&str, &[&str])]) -> Vec<u8> {
        let mut bytes =
            [&b"SV10"[..], &[4, 3, 2, 1], &(tags.len() as u32).to_le_bytes(), &77_u32.to_le_bytes()].concat();
        for (name, values) in tags {
            let mut field = name.as_bytes().to_vec();
            field.resize(NAME, 0);
            bytes.extend(field);
            for number in [values.len() as u32, u32::from_le_bytes(*b"FD\0\0"), 4, values.len() as u32, 77] {
                bytes.extend(number.to_le_bytes());
            }
            for value in *values {
                let mut text = value.as_bytes().to_vec();
                text.push(0);
                for number in [text.len() as u32; 4] {
                    bytes.extend(number.to_le_bytes());
                }
                text.resize(text.len().next_multiple_of(4), 0);
                bytes.extend(text);
            }
        }
        bytes
    }

    #[test]
    fn values_are_found_by_name() {
        let bytes = header(&[("EchoTime", &["1.5"]), ("Empty", &[]), ("SliceNormalVector", &["0.0", "0.5", "-0.25"])]);
        assert_eq!(values(&bytes, "SliceNormalVector"), Some(vec!["0.0".into(), "0.5".into(), "-0.25".into()]));
        assert_eq!((values(&bytes, "Empty"), values(&bytes, "Other")), (Some(Vec::new()), None));
    }

    #[test]
    fn a_damaged_header_is_none() {
        let bytes = header(&[("EchoTime", &["1.5"]), ("SliceNormalVector", &["0.0", "0.5", "-0.25"])]);
        for end in 0..bytes.len() {
            // No panic; and whatever is found before the cut is whole.
            if let Some(found) = values(&bytes[..end], "SliceNormalVector") {
                assert_eq!(found.len(), 3, "{end}");
            }
            let mut large = bytes.clone();
            large[end] = 0xFF;
            let _any_answer = values(&large, "SliceNormalVector");
        }
    }
}
