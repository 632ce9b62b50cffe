//! The objects of a PDF and the table by which a reader finds them (ISO 32000-1, 7.5).

/// Objects that are being written. Each has a number; one may be referred to before it is written.
#[derive(Debug)]
pub struct Objects {
    bytes: Vec<u8>,
    /// Where each object begins; none of one that is not written yet.
    places: Vec<Option<usize>>,
}

impl Default for Objects {
    fn default() -> Self {
        // The second line tells programs that the file is no text.
        Self { bytes: b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n".to_vec(), places: Vec::new() }
    }
}

impl Objects {
    /// The number of an object that is written later.
    pub fn reserve(&mut self) -> usize {
        self.places.push(None);
        self.places.len()
    }

    /// Writes an object.
    pub fn put(&mut self, number: usize, content: &str) {
        self.begin(number);
        self.bytes.extend(content.as_bytes());
        self.bytes.extend(b"\nendobj\n");
    }

    /// Writes a stream; `keys` is what its dictionary has beside its length.
    pub fn stream(&mut self, number: usize, keys: &str, content: &[u8]) {
        self.begin(number);
        self.bytes.extend(format!("<<{keys} /Length {}>>\nstream\n", content.len()).bytes());
        self.bytes.extend(content);
        self.bytes.extend(b"\nendstream\nendobj\n");
    }

    fn begin(&mut self, number: usize) {
        self.places[number - 1] = Some(self.bytes.len());
        self.bytes.extend(format!("{number} 0 obj\n").bytes());
    }

    /// The file, with the number of its catalogue and of what it says of itself.
    pub fn finish(mut self, catalogue: usize, info: usize) -> Vec<u8> {
        let start = self.bytes.len();
        let size = self.places.len() + 1;
        // Each entry has 20 bytes; what was never written is free.
        let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
        for place in &self.places {
            table.push_str(&match place {
                Some(place) => format!("{place:010} 00000 n \n"),
                None => "0000000000 65535 f \n".to_owned(),
            });
        }
        table.push_str(&format!(
            "trailer\n<</Size {size} /Root {catalogue} 0 R /Info {info} 0 R>>\nstartxref\n{start}\n%%EOF\n"
        ));
        self.bytes.extend(table.bytes());
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_object_is_where_the_table_says() {
        let mut objects = Objects::default();
        let [first, second, third] = std::array::from_fn(|_| objects.reserve());
        objects.put(second, "<</B 1>>");
        objects.stream(first, "/A 1", b"\x00\xff");
        objects.put(third, "<<>>");
        let bytes = objects.finish(second, third);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let at = |number: &str| number.trim().parse::<usize>().expect("a number");
        let table = at(text.split_once("startxref\n").expect("a place").1.split('\n').next().expect("a line"));
        assert!(bytes[table..].starts_with(b"xref\n0 4\n"));
        for (number, line) in String::from_utf8_lossy(&bytes[table..]).lines().skip(2).take(4).enumerate().skip(1) {
            assert_eq!(line.len(), 19, "and the line break: {line:?}");
            assert!(bytes[at(&line[..10])..].starts_with(format!("{number} 0 obj\n").as_bytes()), "{line}");
        }
        assert!(text.contains("<</A 1 /Length 2>>"));
    }
}
