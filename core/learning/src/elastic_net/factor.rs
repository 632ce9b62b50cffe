//! The Cholesky factor of a matrix whose rows come and go.

use crate::algebra::{add_scaled, dot};

/// A pivot below this fraction of its diagonal element is rounding.
const SINGULAR: f64 = 1e-12;

/// L with L·Lᵀ = A, row after row.
#[derive(Debug, Default)]
pub(super) struct Factor {
    size: usize,
    stride: usize,
    rows: Vec<f64>,
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
        let new = &mut rest[..=self.size];
        for i in 0..self.size {
            let row = &done[i * self.stride..i * self.stride + i + 1];
            new[i] = (column[i] - dot(&row[..i], &new[..i])) / row[i];
        }
        let pivot = diagonal - dot(&new[..self.size], &new[..self.size]);
        if pivot.is_nan() || pivot <= SINGULAR * diagonal {
            return false;
        }
        new[self.size] = pivot.sqrt();
        self.size += 1;
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
