//! The Cholesky factor of a matrix whose rows come and go.

use crate::algebra::{EACH, add_scaled, dot, dot_each};

/// A pivot below this fraction of its diagonal element is rounding.
const SINGULAR: f64 = 1e-12;

/// L with L·Lᵀ = A, row after row.
#[derive(Debug, Default)]
pub(super) struct Factor {
    size: usize,
    stride: usize,
    rows: Vec<f64>,
    /// New rows while they are made, element beside element.
    block: Vec<[f64; EACH]>,
}

impl Factor {
    /// Forgets all rows and makes room for some.
    pub(super) fn clear(&mut self, room: usize) {
        self.size = 0;
        self.reserve(room);
    }

    fn reserve(&mut self, room: usize) {
        if room <= self.stride {
            return;
        }
        let stride = room.next_multiple_of(8).max(2 * self.stride).max(16);
        let mut rows = vec![0.0; stride * stride];
        for i in 0..self.size {
            rows[i * stride..i * stride + self.size].copy_from_slice(&self.row(i)[..self.size]);
        }
        (self.rows, self.stride) = (rows, stride);
    }

    fn row(&self, i: usize) -> &[f64] {
        &self.rows[i * self.stride..(i + 1) * self.stride]
    }

    /// Appends a row of A: its elements beside the rows so far, and its diagonal element.
    ///
    /// Returns false, and leaves the factor as it was, if A would be singular.
    pub(super) fn append(&mut self, column: &[f64], diagonal: f64) -> bool {
        self.reserve(self.size + 1);
        let (done, rest) = self.rows.split_at_mut(self.size * self.stride);
        let complete = complete(done, self.stride, &mut rest[..=self.size], column, diagonal, 0);
        self.size += usize::from(complete);
        complete
    }

    /// Appends some rows of A, as [`append`](Self::append) does one after the other, to the same bits: `columns` has their elements beside
    /// the rows so far and beside each other, row after row.
    ///
    /// What the new rows have beside the rows so far does not depend on the other new ones, so that as many as [`EACH`] come at once.
    /// Returns false, and leaves out the first row with which A would be singular and those behind it.
    pub(super) fn append_all(&mut self, columns: &[f64], diagonals: &[f64]) -> bool {
        let width = columns.len() / diagonals.len().max(1);
        let first = self.size;
        self.reserve(first + diagonals.len());
        let stride = self.stride;
        let known = if diagonals.len() == EACH { first } else { 0 };
        let (done, rest) = self.rows.split_at_mut(first * stride);
        self.block.clear();
        for i in 0..known {
            let row = &done[i * stride..=i * stride + i];
            let products = dot_each(&row[..i], &self.block);
            self.block.push(std::array::from_fn(|k| (columns[k * width + i] - products[k]) / row[i]));
        }
        for (k, new) in rest.chunks_exact_mut(stride).take(EACH).enumerate() {
            new.iter_mut().zip(&self.block).for_each(|(new, block)| *new = block[k]);
        }
        for (column, diagonal) in columns.chunks_exact(width).zip(diagonals) {
            let (done, rest) = self.rows.split_at_mut(self.size * stride);
            if !complete(done, stride, &mut rest[..=self.size], column, *diagonal, known) {
                return false;
            }
            self.size += 1;
        }
        true
    }

    /// Removes a row and its column of A, by rotations of the columns behind it.
    pub(super) fn remove(&mut self, place: usize) {
        for i in place + 1..self.size {
            let (before, from) = self.rows.split_at_mut(i * self.stride);
            before[(i - 1) * self.stride..(i - 1) * self.stride + i + 1].copy_from_slice(&from[..=i]);
        }
        self.size -= 1;
        for i in place..self.size {
            let at = i * self.stride + i;
            let (a, b) = (self.rows[at], self.rows[at + 1]);
            let length = a.hypot(b);
            let (cosine, sine) = (a / length, b / length);
            self.rows[at] = length;
            for below in i + 1..self.size {
                let pair = &mut self.rows[below * self.stride + i..below * self.stride + i + 2];
                let (a, b) = (pair[0], pair[1]);
                pair[0] = cosine * a + sine * b;
                pair[1] = cosine * b - sine * a;
            }
        }
    }

    /// Solves A·x = v in place.
    pub(super) fn solve(&self, v: &mut [f64]) {
        for i in 0..self.size {
            let row = self.row(i);
            v[i] = (v[i] - dot(&row[..i], &v[..i])) / row[i];
        }
        for i in (0..self.size).rev() {
            let row = self.row(i);
            v[i] /= row[i];
            let (before, from) = v.split_at_mut(i);
            add_scaled(before, -from[0], &row[..i]);
        }
    }
}

/// Completes a new row of the factor whose first elements are there, from those before it; false if A would be singular.
fn complete(done: &[f64], stride: usize, new: &mut [f64], column: &[f64], diagonal: f64, first: usize) -> bool {
    let size = new.len() - 1;
    for i in first..size {
        let row = &done[i * stride..i * stride + i + 1];
        new[i] = (column[i] - dot(&row[..i], &new[..i])) / row[i];
    }
    let pivot = diagonal - dot(&new[..size], &new[..size]);
    if pivot.is_nan() || pivot <= SINGULAR * diagonal {
        return false;
    }
    new[size] = pivot.sqrt();
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_come_and_go() {
        let a = |i: usize, j: usize| if i == j { 5.0 + i as f64 } else { 1.0 / (1 + i + 2 * j + 2 * i + j) as f64 };
        let mut factor = Factor::default();
        for i in 0..20 {
            let column: Vec<f64> = (0..i).map(|j| a(i, j)).collect();
            assert!(factor.append(&column, a(i, i)));
        }
        let mut left: Vec<usize> = (0..20).collect();
        for place in [19, 0, 7, 7] {
            factor.remove(place);
            left.remove(place);
        }
        let x: Vec<f64> = left.iter().map(|i| *i as f64 - 7.0).collect();
        let mut v: Vec<f64> =
            (left.iter()).map(|i| left.iter().zip(&x).map(|(j, x)| a(*i.max(j), *i.min(j)) * x).sum()).collect();
        factor.solve(&mut v);
        assert!(v.iter().zip(&x).all(|(found, x)| (found - x).abs() < 1e-12), "{v:?}");
    }

    #[test]
    fn rows_that_come_together_have_the_bits_of_those_that_come_alone() {
        let a =
            |i: usize, j: usize| if i == j { 4.0 + (i as f64).sin() } else { (0.7 * (i + j * j) as f64).cos() / 9.0 };
        for (size, singular) in [(37, None), (24, None), (30, Some(26))] {
            let a = |i: usize, j: usize| if singular == Some(i) && i == j { -1.0 } else { a(i.max(j), i.min(j)) };
            let (mut alone, mut together) = (Factor::default(), Factor::default());
            let one = (0..size).all(|i| alone.append(&(0..i).map(|j| a(i, j)).collect::<Vec<_>>(), a(i, i)));
            let all = (0..size).step_by(EACH).all(|first| {
                let until = size.min(first + EACH);
                let columns: Vec<f64> = (first..until).flat_map(|i| (0..until).map(move |j| a(i, j))).collect();
                together.append_all(&columns, &(first..until).map(|i| a(i, i)).collect::<Vec<_>>())
            });
            assert_eq!((one, all, alone.size), (singular.is_none(), singular.is_none(), together.size));
            for i in 0..alone.size {
                let bits = |factor: &Factor| factor.row(i)[..=i].iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(&alone), bits(&together), "{i}");
            }
        }
    }

    #[test]
    fn a_row_that_depends_on_others_is_refused() {
        let mut factor = Factor::default();
        assert!(factor.append(&[], 4.0));
        assert!(!factor.append(&[2.0], 1.0));
        assert!(!factor.append(&[f64::NAN], 1.0));
        let mut v = [8.0];
        factor.solve(&mut v);
        assert_eq!(v, [2.0]);
    }
}
