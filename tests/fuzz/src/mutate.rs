//! Reproducible damage.

/// Numbers that look random (splitmix64: Steele, Lea, Flood, 2014).
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// The numbers of an execution: any of them can be repeated without the others.
    pub fn new(seed: u64, reader: &str, execution: u64) -> Self {
        let name = reader.bytes().fold(seed, |hash, byte| mixed(hash ^ u64::from(byte)));
        Self(mixed(name ^ execution))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed(self.0)
    }

    /// A number below a bound; 0 if the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        if bound == 0 { 0 } else { (self.next() % bound as u64) as usize }
    }

    /// One of several.
    pub fn one<'a, T: ?Sized>(&mut self, of: &'a [&'a T]) -> &'a T {
        of[self.below(of.len())]
    }
}

fn mixed(z: u64) -> u64 {
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Values at which arithmetic goes wrong.
const BYTES: [u8; 12] = [0, 1, 2, 7, 0x0A, 0x20, 0x2D, 0x30, 0x7F, 0x80, 0xFE, 0xFF];
const WORDS: [u64; 16] = [
    0,
    1,
    2,
    16,
    0x7F,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFE,
    0xFFFF_FFFF,
    0x7FFF_FFFF_FFFF_FFFF,
    0x8000_0000_0000_0000,
    u64::MAX,
];
const FLOATS: [f64; 12] = [
    0.0,
    -0.0,
    1e-300,
    1e300,
    -1e300,
    0.5,
    f64::MIN_POSITIVE,
    f64::MAX,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    1e20,
];
const NUMBERS: [&str; 24] = [
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "1e9",
    "65535",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967295",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551615",
    "99999999999999999999",
    "1e308",
    "-1e308",
    "1e-320",
    "nan",
    "inf",
    "-inf",
    "0.5",
    "1e400",
];

/// The most bytes that damage makes of a file.
const LONGEST: usize = 1 << 16;

/// Damages a file in one to eight places; `words` are those that its format knows.
pub fn damage(bytes: &mut Vec<u8>, words: &[&str], random: &mut Random) {
    let times = 1 << random.below(4);
    for _ in 0..1 + random.below(times) {
        once(bytes, words, random);
        bytes.truncate(LONGEST);
    }
}

fn once(bytes: &mut Vec<u8>, words: &[&str], random: &mut Random) {
    let length = bytes.len();
    let at = random.below(length);
    match random.below(if words.is_empty() { 9 } else { 12 }) {
        _ if length == 0 => bytes.extend(BYTES),
        0 => bytes[at] ^= 1 << random.below(8),
        1 => bytes[at] = BYTES[random.below(BYTES.len())],
        2 => bytes.truncate(at),
        3 => {
            let block = block(bytes, random);
            let to = at.min(length - block.len());
            bytes[to..to + block.len()].copy_from_slice(&block);
        }
        4 => {
            let block = block(bytes, random);
            drop(bytes.splice(at..at, block));
        }
        5 => drop(bytes.drain(at..length.min(at + 1 + random.below(64)))),
        6 => {
            let word = WORDS[random.below(WORDS.len())].wrapping_add(random.below(3) as u64).wrapping_sub(1);
            let size = 1 << random.below(4);
            put(bytes, at, &word.to_le_bytes()[..size], random);
        }
        7 => {
            let float = FLOATS[random.below(FLOATS.len())];
            match random.below(2) {
                0 => put(bytes, at, &float.to_le_bytes(), random),
                _ => put(bytes, at, &(float as f32).to_le_bytes(), random),
            }
        }
        8 | 9 => number(bytes, at, random),
        10 => {
            let word = random.one(words).bytes();
            drop(bytes.splice(at..at, word));
        }
        _ => {
            let word = random.one(words).as_bytes();
            let end = length.min(at + word.len());
            drop(bytes.splice(at..end, word.iter().copied()));
        }
    }
}

fn block(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let from = random.below(bytes.len());
    let longest = if random.below(16) == 0 { 4096 } else { 32 };
    bytes[from..bytes.len().min(from + 1 + random.below(longest))].to_vec()
}

/// Overwrites a number, mostly where numbers are: at even places; in either byte order.
fn put(bytes: &mut [u8], at: usize, number: &[u8], random: &mut Random) {
    let at = if random.below(4) == 0 { at } else { at & !1 };
    let reversed = random.below(4) == 0;
    for (i, byte) in number.iter().enumerate() {
        let index = at + if reversed { number.len() - 1 - i } else { i };
        if let Some(place) = bytes.get_mut(index) {
            *place = *byte;
        }
    }
}

/// Puts an extreme number in the place of the next one that is written in digits.
fn number(bytes: &mut Vec<u8>, at: usize, random: &mut Random) {
    let is_part = |byte: &u8| byte.is_ascii_digit() || *byte == b'.';
    let Some(start) = bytes[at..].iter().position(u8::is_ascii_digit).map(|i| at + i) else { return };
    let end = bytes[start..].iter().position(|byte| !is_part(byte)).map_or(bytes.len(), |i| start + i);
    let number = random.one(&NUMBERS).bytes();
    drop(bytes.splice(start..end, number));
}
