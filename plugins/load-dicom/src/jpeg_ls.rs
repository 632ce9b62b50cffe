//! JPEG-LS, lossless and near-lossless, one component (ISO/IEC 14495-1 | ITU-T T.87); names of variables are those of its
//! annex A. Our own, as the crate `pure_jpegls` 2.0.0 overflows on damaged pixels — it panics where that is checked and goes on
//! with wrong sums where it is not, which no check of the header can keep out — and refuses sound streams, such as those of
//! DCMTK whose end marker is padded. That one reads a MAXVAL below that of the precision otherwise than CharLS, too.

use crate::announced::Announced;

/// Contexts of gradients that are not all flat, and the two of interrupted runs after them.
const REGULAR: usize = 365;
/// Bits of the length of a run, by the index of runs (A.7.1.1).
const J: [u32; 32] =
    [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15];

/// What stands before the coded pixels.
#[derive(Debug)]
pub struct Header {
    /// Size and precision.
    pub announced: Announced,
    parameters: Parameters,
    /// Where the coded pixels begin.
    start: usize,
}

/// MAXVAL, NEAR, the three thresholds of gradients, and RESET.
#[derive(Debug, Clone, Copy)]
struct Parameters {
    most: i32,
    near: i32,
    thresholds: [i32; 3],
    reset: i32,
}

impl Header {
    /// Reads the segments before the coded pixels (annex C).
    ///
    /// # Errors
    /// If they are cut short, or ask for what is not read here.
    pub fn of(bytes: &[u8]) -> Result<Self, String> {
        const SHORT: &str = "the JPEG-LS header is cut short";
        let (mut at, mut announced, mut preset) = (2, None, [0_i32; 5]);
        loop {
            let [0xFF, marker] = *bytes.get(at..at + 2).ok_or(SHORT)? else { return Err(SHORT.into()) };
            if marker == 0xFF {
                at += 1;
                continue;
            }
            let length =
                usize::from(u16::from_be_bytes([*bytes.get(at + 2).ok_or(SHORT)?, *bytes.get(at + 3).ok_or(SHORT)?]));
            let segment = bytes.get(at + 4..at + 2 + length.max(2)).ok_or(SHORT)?;
            let byte = |i: usize| segment.get(i).copied().ok_or(SHORT);
            let word = |i: usize| Ok::<_, &str>(u16::from_be_bytes([byte(i)?, byte(i + 1)?]));
            at += 2 + length.max(2);
            match marker {
                0xF7 => {
                    let size = [usize::from(word(1)?), usize::from(word(3)?)];
                    announced = Some(Announced { size, components: byte(5)?.into(), precision: byte(0)?.into() });
                }
                0xF8 if byte(0)? == 1 => {
                    for (i, value) in preset.iter_mut().enumerate() {
                        *value = word(1 + 2 * i)?.into();
                    }
                }
                0xF8 => {
                    return Err("the JPEG-LS stream has a palette or an extended size, which are not read here".into());
                }
                0xDD if segment.iter().any(|byte| *byte != 0) => {
                    return Err("the JPEG-LS stream has restart intervals, which are not read here".into());
                }
                0xDA => {
                    let announced = announced.ok_or("the JPEG-LS stream has no frame header")?;
                    let [near, transform] = [byte(3)?, byte(5)?];
                    if byte(0)? != 1 || transform != 0 || !(2..=16).contains(&announced.precision) {
                        return Err("the JPEG-LS stream has several components or a point transform".into());
                    }
                    let parameters = Parameters::new(&announced, i32::from(near), preset)?;
                    return Ok(Self { announced, parameters, start: at });
                }
                _ => {}
            }
        }
    }

    /// Decodes the pixels, row after row.
    ///
    /// # Errors
    /// If the stream ends before them, goes on after them, or is not sound.
    pub fn decode(&self, bytes: &[u8], receive: &mut dyn FnMut(usize, u16)) -> Result<(), String> {
        let [rows, columns] = self.announced.size;
        let mut decoder = Decoder::new(self.parameters, bytes.get(self.start..).unwrap_or_default());
        // One place before the first column and one after the last.
        let (mut above, mut row) = (vec![0; columns + 2], vec![0; columns + 2]);
        for index in 0..rows {
            row[0] = above[1];
            above[columns + 1] = above[columns];
            decoder.row(&above, &mut row)?;
            for (column, value) in row[1..=columns].iter().enumerate() {
                receive(index * columns + column, *value as u16);
            }
            std::mem::swap(&mut above, &mut row);
        }
        decoder.bits.finish()
    }
}

impl Parameters {
    /// `preset`: MAXVAL, T1, T2, T3, RESET; a 0 stands for the default (C.2.4.1.1).
    fn new(announced: &Announced, near: i32, preset: [i32; 5]) -> Result<Self, String> {
        let or = |given: i32, default: i32| if given == 0 { default } else { given };
        let most = (1 << announced.precision) - 1;
        if or(preset[0], most) != most {
            // CharLS 2.4, which most DICOM software is built on, takes no notice of MAXVAL but for the thresholds: what is
            // written with it, and what the standard says of the same bytes, are different values.
            return Err(format!(
                "the JPEG-LS stream has the MAXVAL {}, expected {most}; decompress it first",
                preset[0]
            ));
        }
        let clamp = |x: i32, least: i32| if x > most || x < least { least } else { x };
        let defaults: [i32; 3] = if most >= 128 {
            let factor = (most.min(4095) + 128) / 256;
            [factor + 2 + 3 * near, 4 * factor + 3 + 5 * near, 17 * factor + 4 + 7 * near]
        } else {
            let factor = 256 / (most + 1);
            [(3 / factor + 3 * near).max(2), (7 / factor + 5 * near).max(3), (21 / factor + 7 * near).max(4)]
        };
        let t1 = or(preset[1], clamp(defaults[0], near + 1));
        let t2 = or(preset[2], clamp(defaults[1], t1));
        let t3 = or(preset[3], clamp(defaults[2], t2));
        let reset = or(preset[4], 64);
        let is_sound = near <= most / 2 && near < t1 && t1 <= t2 && t2 <= t3 && t3 <= most;
        if !is_sound || reset < 3 {
            return Err("the JPEG-LS stream has parameters that contradict each other".into());
        }
        Ok(Self { most, near, thresholds: [t1, t2, t3], reset })
    }
}

/// What was learnt about errors of one context: A, B, C and N; of interrupted runs, B is Nn.
#[derive(Debug, Clone, Copy)]
struct Learnt {
    a: i32,
    b: i32,
    c: i32,
    n: i32,
}

struct Decoder<'a> {
    parameters: Parameters,
    bits: Bits<'a>,
    /// 2·NEAR + 1.
    step: i32,
    range: i32,
    qbpp: u32,
    limit: u32,
    learnt: Vec<Learnt>,
    run: usize,
}

impl<'a> Decoder<'a> {
    fn new(parameters: Parameters, bytes: &'a [u8]) -> Self {
        let Parameters { most, near, .. } = parameters;
        let step = 2 * near + 1;
        let range = (most + 2 * near) / step + 1;
        let bits_for = |n: i32| u32::BITS - (n as u32 - 1).leading_zeros();
        let bpp = bits_for(most + 1).max(2);
        let start = Learnt { a: ((range + 32) / 64).max(2), b: 0, c: 0, n: 1 };
        Self {
            parameters,
            bits: Bits { bytes, at: 0, cache: 0, count: 0, after_ff: false },
            step,
            range,
            qbpp: bits_for(range),
            limit: 2 * (bpp + bpp.max(8)),
            learnt: vec![start; REGULAR + 2],
            run: 0,
        }
    }

    /// Decodes a row from the one above it; both have a place before and one after their pixels.
    fn row(&mut self, above: &[i32], row: &mut [i32]) -> Result<(), String> {
        let end = row.len() - 1;
        let mut x = 1;
        while x < end {
            let (a, b, c, d) = (row[x - 1], above[x], above[x - 1], above[x + 1]);
            let gradients = [d - b, b - c, c - a];
            if gradients.iter().all(|gradient| gradient.abs() <= self.parameters.near) {
                x = self.run(above, row, x)?;
            } else {
                row[x] = self.regular(gradients, [a, b, c])?;
                x += 1;
            }
        }
        Ok(())
    }

    /// A pixel by its prediction (A.4 and A.5).
    fn regular(&mut self, gradients: [i32; 3], [a, b, c]: [i32; 3]) -> Result<i32, String> {
        let [q1, q2, q3] = gradients.map(|gradient| self.quantised(gradient));
        let context = 81 * q1 + 9 * q2 + q3;
        let sign = if context < 0 { -1 } else { 1 };
        let context = context.unsigned_abs() as usize;
        let Learnt { a: sum, b: bias, c: correction, n } = self.learnt[context];
        let median = if c >= a.max(b) {
            a.min(b)
        } else if c <= a.min(b) {
            a.max(b)
        } else {
            a + b - c
        };
        let predicted = (median + sign * correction).clamp(0, self.parameters.most);
        let k = golomb_parameter(n, sum);
        let mapped = self.golomb(k, self.limit)?;
        let is_turned = self.parameters.near == 0 && k == 0 && 2 * bias <= -n;
        let error = match (mapped & 1 == 1, is_turned) {
            (true, true) => (mapped - 1) / 2,
            (false, true) => -(mapped / 2) - 1,
            (false, false) => mapped / 2,
            (true, false) => -((mapped + 1) / 2),
        };
        self.learn(context, error);
        Ok(self.reconstructed(predicted, sign * error))
    }

    fn quantised(&self, gradient: i32) -> i32 {
        let [t1, t2, t3] = self.parameters.thresholds;
        let size = match gradient.abs() {
            size if size <= self.parameters.near => 0,
            size if size < t1 => 1,
            size if size < t2 => 2,
            size if size < t3 => 3,
            _ => 4,
        };
        size * gradient.signum()
    }

    /// What an error teaches (A.6).
    fn learn(&mut self, context: usize, error: i32) {
        let Learnt { a, b, c, n } = &mut self.learnt[context];
        *b += error * self.step;
        *a = a.saturating_add(error.abs());
        if *n == self.parameters.reset {
            *a >>= 1;
            *b >>= 1;
            *n >>= 1;
        }
        *n += 1;
        if *b <= -*n {
            *b = (*b + *n).max(1 - *n);
            *c = (*c - 1).max(-128);
        } else if *b > 0 {
            *b = (*b - *n).min(0);
            *c = (*c + 1).min(127);
        }
    }

    /// A run of the pixel before it, and the pixel that interrupts it (A.7); returns where it ends.
    fn run(&mut self, above: &[i32], row: &mut [i32], mut x: usize) -> Result<usize, String> {
        let end = row.len() - 1;
        let a = row[x - 1];
        while self.bits.take(1)? == 1 {
            let whole = 1_usize << J[self.run];
            let length = whole.min(end - x);
            row[x..x + length].fill(a);
            x += length;
            if length == whole {
                self.run = (self.run + 1).min(J.len() - 1);
            }
            if x == end {
                return Ok(x);
            }
        }
        let length = self.bits.take(J[self.run])? as usize;
        if length >= end - x {
            return Err("a run is longer than its row".into());
        }
        row[x..x + length].fill(a);
        x += length;
        row[x] = self.interruption(a, above[x])?;
        self.run = self.run.saturating_sub(1);
        Ok(x + 1)
    }

    fn interruption(&mut self, a: i32, b: i32) -> Result<i32, String> {
        let is_flat = (a - b).abs() <= self.parameters.near;
        let kind = i32::from(is_flat);
        let Learnt { a: sum, b: negative, n, .. } = self.learnt[REGULAR + kind as usize];
        let k = golomb_parameter(n, if is_flat { sum.saturating_add(n >> 1) } else { sum });
        let mapped = self.golomb(k, self.limit - J[self.run] - 1)?;
        let map = (mapped + kind) & 1;
        let size = (mapped + kind + map) / 2;
        let is_negative = (k != 0 || 2 * negative >= n) == (map == 1);
        let error = if is_negative { -size } else { size };
        let learnt = &mut self.learnt[REGULAR + kind as usize];
        learnt.b += i32::from(error < 0);
        learnt.a = learnt.a.saturating_add((mapped + 1 - kind) >> 1);
        if learnt.n == self.parameters.reset {
            learnt.a >>= 1;
            learnt.b >>= 1;
            learnt.n >>= 1;
        }
        learnt.n += 1;
        let sign = if !is_flat && a > b { -1 } else { 1 };
        Ok(self.reconstructed(if is_flat { a } else { b }, sign * error))
    }

    fn reconstructed(&self, predicted: i32, error: i32) -> i32 {
        let Parameters { most, near, .. } = self.parameters;
        let value = predicted + error * self.step;
        let value = match value {
            value if value < -near => value + self.range * self.step,
            value if value > most + near => value - self.range * self.step,
            value => value,
        };
        value.clamp(0, most)
    }

    /// A number in the Golomb code of limited length (A.5.3).
    fn golomb(&mut self, k: u32, limit: u32) -> Result<i32, String> {
        let most = limit - self.qbpp - 1;
        let zeros = self.bits.zeros(most)?;
        let value = match zeros < most {
            true => zeros << k | self.bits.take(k)?,
            false => self.bits.take(self.qbpp)? + 1,
        };
        // No error is greater than half of the range (A.4.5): that holds all sums far from overflow.
        i32::try_from(value)
            .ok()
            .filter(|value| *value <= self.range)
            .ok_or_else(|| "a difference that is greater than the range of the pixels".into())
    }
}

/// The smallest k of N·2ᵏ ≥ A.
fn golomb_parameter(n: i32, a: i32) -> u32 {
    (0..16).find(|k| i64::from(n) << k >= i64::from(a)).unwrap_or(16)
}

/// Bits, the highest of a byte first; after a byte of ones the next has one less (A.1).
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
    /// The next bits, from the highest on.
    cache: u64,
    count: u32,
    after_ff: bool,
}

impl Bits<'_> {
    fn fill(&mut self) {
        while self.count <= 56 {
            let Some(byte) = self.bytes.get(self.at).copied() else { return };
            // Of coded pixels, the bit after a byte of ones is 0; else that byte begins a marker, and they end here.
            if byte == 0xFF && self.bytes.get(self.at + 1).is_none_or(|next| *next >= 0x80) {
                return;
            }
            let width = if self.after_ff { 7 } else { 8 };
            self.cache |= u64::from(byte) << (64 - width - self.count);
            self.count += width;
            self.after_ff = byte == 0xFF;
            self.at += 1;
        }
    }

    /// The next bits, no more than 32, as a number.
    fn take(&mut self, bits: u32) -> Result<u32, String> {
        if self.count < bits {
            self.fill();
        }
        if self.count < bits {
            return Err("truncated: the coded pixels end before the last of the frame".into());
        }
        let value = self.cache.checked_shr(64 - bits).unwrap_or(0);
        self.cache <<= bits;
        self.count -= bits;
        Ok(value as u32)
    }

    /// Makes sure that nothing is left but the zeros that fill the last byte and the end marker: damage seldom ends where the
    /// pixels do.
    fn finish(&mut self) -> Result<(), String> {
        self.fill();
        match self.bytes.get(self.at..) {
            Some([fill @ .., 0xD9]) if self.count < 8 && self.cache == 0 && fill.iter().all(|byte| *byte == 0xFF) => {
                Ok(())
            }
            _ => Err("the coded pixels go on after the last of the frame".into()),
        }
    }

    /// How many zeros come before the next one, which is taken as well.
    fn zeros(&mut self, most: u32) -> Result<u32, String> {
        let mut zeros = 0;
        while self.take(1)? == 0 {
            zeros += 1;
            if zeros > most {
                return Err("a code that is longer than any can be".into());
            }
        }
        Ok(zeros)
    }
}
