//! The largest distance between two of many points.

use crate::Executor;
use crate::executor::map;

type Point = [f64; 3];

/// About how many points share a cell.
const CELL_POINTS: usize = 32;

/// Pairs of cells that are looked into before it is asked again whether the others are worth it.
const ROUND: usize = 64;

/// Points close together, and the box around them.
struct Cell {
    points: Vec<Point>,
    low: Point,
    high: Point,
}

/// The largest distance between two points; 0 for fewer than two.
///
/// Points are sorted into cells; of two cells, only those are looked into whose farthest corners are farther apart than
/// the farthest points so far.
pub(super) fn diameter(points: &[Point], executor: &dyn Executor) -> f64 {
    let cells = cells(points);
    let mut pairs: Vec<(f64, usize, usize)> = Vec::with_capacity(cells.len() * (cells.len() + 1) / 2);
    for (i, a) in cells.iter().enumerate() {
        pairs.extend(cells[i..].iter().zip(i..).map(|(b, j)| (a.reach(b), i, j)));
    }
    pairs.sort_unstable_by(|a, b| b.0.total_cmp(&a.0));
    let mut largest = 0.0;
    for round in pairs.chunks(ROUND) {
        if round[0].0 < largest {
            break;
        }
        let found = map(executor, round.len(), &|pair| {
            let (reach, i, j) = round[pair];
            if reach < largest { 0.0 } else { cells[i].largest(&cells[j]) }
        });
        largest = found.into_iter().fold(largest, f64::max);
    }
    largest.sqrt()
}

/// The points by cells of a grid over the box around them; cells without points are left out.
fn cells(points: &[Point]) -> Vec<Cell> {
    let bound = |least: fn(f64, f64) -> f64| {
        points.iter().copied().reduce(|a, b| std::array::from_fn(|i| least(a[i], b[i]))).unwrap_or([0.0; 3])
    };
    let (low, high) = (bound(f64::min), bound(f64::max));
    // The corners of a body lie on its surface: the cells that it fills grow with the square of their number a side.
    let side = ((points.len() / CELL_POINTS) as f64 / 3.0).sqrt().ceil().clamp(1.0, 32.0);
    let place = |p: &Point| {
        let [x, y, z] = std::array::from_fn(|i| {
            let length = high[i] - low[i];
            let share = if length > 0.0 { (p[i] - low[i]) / length } else { 0.0 };
            (share * side).floor().min(side - 1.0)
        });
        ((z * side + y) * side + x) as usize
    };
    let mut placed: Vec<(usize, Point)> = points.iter().map(|p| (place(p), *p)).collect();
    placed.sort_by_key(|(place, _)| *place);
    placed.chunk_by(|a, b| a.0 == b.0).map(|part| Cell::new(part.iter().map(|(_, p)| *p).collect())).collect()
}

impl Cell {
    fn new(points: Vec<Point>) -> Self {
        let (mut low, mut high) = ([f64::INFINITY; 3], [f64::NEG_INFINITY; 3]);
        for p in &points {
            low = std::array::from_fn(|i| low[i].min(p[i]));
            high = std::array::from_fn(|i| high[i].max(p[i]));
        }
        Self { points, low, high }
    }

    /// The squared distance that no two points of both cells exceed: rounding keeps the order of the differences, the
    /// squares and the sums.
    fn reach(&self, other: &Self) -> f64 {
        (0..3)
            .map(|i| (self.high[i] - other.low[i]).max(other.high[i] - self.low[i]))
            .map(|difference| difference * difference)
            .sum()
    }

    /// The largest squared distance between a point of each.
    fn largest(&self, other: &Self) -> f64 {
        let from = |a: &Point| {
            let squared = other.points.iter().map(|b| squared_distance(a, b));
            squared.fold(0.0, |largest, squared| if squared > largest { squared } else { largest })
        };
        self.points.iter().map(from).fold(0.0, f64::max)
    }
}

fn squared_distance(a: &Point, b: &Point) -> f64 {
    (0..3).map(|i| (a[i] - b[i]) * (a[i] - b[i])).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Backwards, Random};

    #[test]
    fn the_diameter_is_that_of_all_pairs() {
        let mut random = Random::new(11);
        for round in 0..40 {
            let count = [0, 1, 2, 3, 31, 200, 900][round % 7];
            let mut number = || random.below(2001) as f64 - 1000.0;
            let mut points: Vec<Point> = (0..count).map(|_| [number(), number() * 0.3, number() * 1.7]).collect();
            if round % 3 == 0 {
                // On a ball nearly all opposite points compete.
                for p in &mut points {
                    let length = p.iter().map(|x| x * x).sum::<f64>().sqrt().max(1.0);
                    *p = p.map(|x| x / length);
                }
            }
            if round % 5 == 4 {
                points.iter_mut().for_each(|p| p[1] = 2.5);
            }
            let all = points.iter().flat_map(|a| points.iter().map(move |b| squared_distance(a, b)));
            assert_eq!(diameter(&points, &Backwards), all.fold(0.0, f64::max).sqrt());
        }
    }
}
