//! What is inflated: packed bytes, read ahead a buffer at a time.

use std::io::{BufRead, BufReader, ErrorKind, Read};

use crate::Fault;

const INPUT_BYTES: usize = 128 << 10;

/// The packed bytes of a file.
pub(crate) struct Input<R>(BufReader<R>);

impl<R: Read> Input<R> {
    /// Nothing is read yet.
    pub(crate) fn new(input: R) -> Self {
        Self(BufReader::with_capacity(INPUT_BYTES, input))
    }

    /// The bytes at hand: at least one, or none at the end of the file.
    pub(crate) fn ahead(&mut self) -> Result<&[u8], Fault> {
        while let Err(error) = self.0.fill_buf() {
            if error.kind() != ErrorKind::Interrupted {
                return Err(error.into());
            }
        }
        Ok(self.0.buffer())
    }

    /// Passes over bytes that were at hand.
    pub(crate) fn consume(&mut self, count: usize) {
        self.0.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    /// Gives one byte at a time, and is interrupted before each.
    struct Slow(u8, bool);

    impl Read for Slow {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.1 = !self.1;
            match self {
                Self(_, true) => Err(ErrorKind::Interrupted.into()),
                Self(3, _) => Ok(0),
                Self(4, _) => Err(ErrorKind::PermissionDenied.into()),
                Self(count, _) => {
                    *count += 1;
                    buffer[0] = *count;
                    Ok(1)
                }
            }
        }
    }

    #[test]
    fn an_interruption_is_no_end() {
        let mut input = Input::new(Slow(0, false));
        for byte in 1..=3 {
            assert_eq!(input.ahead().expect("readable"), [byte]);
            assert_eq!(input.ahead().expect("readable"), [byte], "it stays until it is consumed");
            input.consume(1);
        }
        assert!(input.ahead().expect("the end").is_empty());
        assert!(matches!(Input::new(Slow(4, false)).ahead(), Err(Fault::PermissionDenied)));
    }
}
