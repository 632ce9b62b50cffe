//! Sums over slices, in an order that does not depend on the machine.

const LANES: usize = 8;

/// Σ aᵢ·bᵢ over the shorter of both; eight partial sums, so that it runs in vector registers.
///
/// ```
/// assert_eq!(voxomics_learning::algebra::dot(&[1.0, 2.0], &[3.0, 4.0, 9.0]), 11.0);
/// ```
#[inline]
pub fn dot(a: &[f64], b: &[f64]) -> f64 {
    let length = a.len().min(b.len());
    let (a, b) = (&a[..length], &b[..length]);
    let (heads_a, tail_a) = a.as_chunks::<LANES>();
    let (heads_b, tail_b) = b.as_chunks::<LANES>();
    let mut sums = [0.0; LANES];
    for (a, b) in heads_a.iter().zip(heads_b) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let head = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
    tail_a.iter().zip(tail_b).fold(head, |sum, (a, b)| sum + a * b)
}

/// How many products [`dot_each`] makes at once.
pub(crate) const EACH: usize = 4;

/// The products of one slice with several that lie element beside element, each to the bits of [`dot`].
#[inline]
pub(crate) fn dot_each(a: &[f64], of: &[[f64; EACH]]) -> [f64; EACH] {
    const HALF: usize = LANES / 2;
    let of = &of[..a.len()];
    let (heads_a, tail_a) = a.as_chunks::<LANES>();
    let (heads, tail) = of.as_chunks::<LANES>();
    // Half of the partial sums at a time: all of them are more than there are registers.
    let half = |first: usize| {
        let mut sums = [[0.0; EACH]; HALF];
        for (a, of) in heads_a.iter().zip(heads) {
            for lane in 0..HALF {
                for k in 0..EACH {
                    sums[lane][k] += a[first + lane] * of[first + lane][k];
                }
            }
        }
        sums
    };
    let (low, high) = (half(0), half(HALF));
    let head = |k: usize| {
        ((low[0][k] + high[0][k]) + (low[2][k] + high[2][k])) + ((low[1][k] + high[1][k]) + (low[3][k] + high[3][k]))
    };
    let mut all: [f64; EACH] = std::array::from_fn(head);
    for (a, of) in tail_a.iter().zip(tail) {
        for k in 0..EACH {
            all[k] += a * of[k];
        }
    }
    all
}

/// Hands the products of `x` with the first columns of a matrix, one for each target, to `put`; the columns, each as
/// long as `x`, follow one another. Four at a time, so that `x` is read once for all of them.
pub(crate) fn products(x: &[f64], columns: &[f64], targets: &mut [f64], put: impl Fn(&mut f64, f64)) {
    const FOUR: usize = 4;
    let length = x.len();
    let column = |j: usize| &columns[j * length..(j + 1) * length];
    let (heads, tail) = x.as_chunks::<FOUR>();
    let mut done = 0;
    while done + FOUR <= targets.len() {
        let four: [&[f64]; FOUR] = std::array::from_fn(|k| column(done + k));
        let chunks = four.map(|column| column.as_chunks::<FOUR>().0);
        let mut sums = [[0.0; FOUR]; FOUR];
        for (at, x) in heads.iter().enumerate() {
            for k in 0..FOUR {
                for lane in 0..FOUR {
                    sums[k][lane] += x[lane] * chunks[k][at][lane];
                }
            }
        }
        for k in 0..FOUR {
            let head = (sums[k][0] + sums[k][2]) + (sums[k][1] + sums[k][3]);
            let rest = &four[k][length - tail.len()..];
            put(&mut targets[done + k], tail.iter().zip(rest).fold(head, |sum, (a, b)| sum + a * b));
        }
        done += FOUR;
    }
    for (j, target) in targets.iter_mut().enumerate().skip(done) {
        put(target, dot(x, column(j)));
    }
}

/// y ← y + factor·x.
///
/// ```
/// let mut y = [1.0, 2.0];
/// voxomics_learning::algebra::add_scaled(&mut y, 2.0, &[10.0, 20.0]);
/// assert_eq!(y, [21.0, 42.0]);
/// ```
#[inline]
pub fn add_scaled(y: &mut [f64], factor: f64, x: &[f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += factor * x;
    }
}

/// The largest absolute value; 0 for none.
///
/// ```
/// assert_eq!(voxomics_learning::algebra::largest(&[1.0, -3.0, 2.0]), 3.0);
/// ```
pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |largest: f64, value| largest.max(value.abs()))
}

/// Σ wᵢ·xᵢ / Σ wᵢ.
///
/// ```
/// assert_eq!(voxomics_learning::algebra::mean(&[1.0, 5.0], &[3.0, 1.0]), 2.0);
/// ```
pub fn mean(x: &[f64], weights: &[f64]) -> f64 {
    dot(x, weights) / weights.iter().sum::<f64>()
}

/// Σ wᵢ·(xᵢ − mean)² / Σ wᵢ.
///
/// ```
/// // The mean is 2: (3 · 1 + 1 · 9) / 4.
/// assert_eq!(voxomics_learning::algebra::variance(&[1.0, 5.0], &[3.0, 1.0]), 3.0);
/// ```
pub fn variance(x: &[f64], weights: &[f64]) -> f64 {
    let mean = mean(x, weights);
    let squares = x.iter().zip(weights).map(|(x, w)| w * (x - mean) * (x - mean));
    squares.sum::<f64>() / weights.iter().sum::<f64>()
}

/// Whether a column varies by more than the rounding of its values: standard deviation against largest absolute value.
///
/// ```
/// use voxomics_learning::algebra::varies;
///
/// assert!(varies(0.1, 1000.0) && !varies(1e-13, 1000.0));
/// ```
pub fn varies(deviation: f64, largest: f64) -> bool {
    deviation > 1e-13 * largest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_dot_product_takes_every_element_once() {
        for length in [0, 1, 7, 8, 9, 16, 31] {
            let a: Vec<f64> = (1..=length).map(f64::from).collect();
            let expected: f64 = (1..=length).map(|i| f64::from(i * i)).sum();
            assert_eq!(dot(&a, &a), expected);
        }
    }

    #[test]
    fn several_dot_products_have_the_bits_of_each() {
        let sine = |i: usize| (i as f64 * 0.37).sin();
        for length in 0..40 {
            let a: Vec<f64> = (0..length).map(sine).collect();
            let of: Vec<[f64; EACH]> =
                (0..length + 1).map(|i| std::array::from_fn(|k| sine(7 * i + 100 * k))).collect();
            let found = dot_each(&a, &of);
            for (k, found) in found.into_iter().enumerate() {
                let one: Vec<f64> = of.iter().map(|of| of[k]).collect();
                assert_eq!(found.to_bits(), dot(&a, &one).to_bits(), "{length}");
            }
        }
    }

    #[test]
    fn products_are_those_one_by_one() {
        let x: Vec<f64> = (0..11).map(f64::from).collect();
        let columns: Vec<f64> = (0..7 * 11).map(|i| f64::from(i % 5)).collect();
        for count in 0..=7 {
            let mut found = vec![-1.0; count];
            products(&x, &columns, &mut found, |target, product| *target = product);
            let expected: Vec<f64> = (0..count).map(|j| dot(&x, &columns[j * 11..(j + 1) * 11])).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn moments_are_weighted() {
        let (x, weights) = ([1.0, 4.0], [2.0, 1.0]);
        assert_eq!((mean(&x, &weights), variance(&x, &weights)), (2.0, 2.0));
    }
}
