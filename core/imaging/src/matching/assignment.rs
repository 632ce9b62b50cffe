//! Assignments of least cost (H. W. Kuhn, Naval Research Logistics Quarterly 2, 1955; J. Munkres, Journal of SIAM 5, 1957).

/// Assigns columns to rows: as many as there can be, and of those the ones whose costs sum up to the least. `None` is a pair that cannot
/// be. Costs are finite and not negative; each row has `columns` of them.
///
/// ```
/// use voxomics_imaging::matching::assign;
///
/// // The first row would take the first column, but the second row has no other.
/// let costs = [vec![Some(1.0), Some(2.0)], vec![Some(1.0), None]];
/// assert_eq!(assign(&costs, 2), [Some(1), Some(0)]);
/// ```
pub fn assign(costs: &[Vec<Option<f64>>], columns: usize) -> Vec<Option<usize>> {
    let rows = costs.len();
    let most = costs.iter().flatten().flatten().copied().fold(0.0, f64::max);
    // One pair that cannot be costs more than all that can.
    let never = (most + 1.0) * (rows.min(columns) as f64 + 1.0);
    let size = rows.max(columns);
    let cost = |row: usize, column: usize| match costs.get(row).and_then(|row| row.get(column)) {
        Some(cost) => cost.unwrap_or(never),
        // Rows and columns that are added to make the table square.
        None => never,
    };
    let of_column = square(size, &cost);
    let mut assigned = vec![None; rows];
    for (column, row) in of_column.into_iter().enumerate() {
        if costs.get(row).is_some_and(|row| row.get(column).is_some_and(Option::is_some)) {
            assigned[row] = Some(column);
        }
    }
    assigned
}

/// For each column of a square table the row, so that the costs sum up to the least: by shortest augmenting paths, in cubic time.
fn square(size: usize, cost: &dyn Fn(usize, usize) -> f64) -> Vec<usize> {
    const NONE: usize = usize::MAX;
    let (mut of_row, mut of_column) = (vec![0.0; size], vec![0.0; size + 1]);
    // The last column stands for the row that is being assigned.
    let mut assigned = vec![NONE; size + 1];
    for row in 0..size {
        assigned[size] = row;
        let mut least = vec![f64::INFINITY; size];
        let mut from = vec![size; size];
        let mut used = vec![false; size + 1];
        let mut column = size;
        while assigned[column] != NONE {
            used[column] = true;
            let at = assigned[column];
            let (mut step, mut next) = (f64::INFINITY, size);
            for other in (0..size).filter(|other| !used[*other]) {
                let reduced = cost(at, other) - of_row[at] - of_column[other];
                if reduced < least[other] {
                    (least[other], from[other]) = (reduced, column);
                }
                if least[other] < step {
                    (step, next) = (least[other], other);
                }
            }
            for other in 0..=size {
                if used[other] {
                    of_row[assigned[other]] += step;
                    of_column[other] -= step;
                } else if other < size {
                    least[other] -= step;
                }
            }
            column = next;
        }
        while column != size {
            let before = from[column];
            assigned[column] = assigned[before];
            column = before;
        }
    }
    assigned.truncate(size);
    assigned
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tables, and the assignments of SciPy (`tests/oracle/assignment.py`).
    const ORACLE: &str = include_str!("../../../../tests/oracle/assignment.csv");

    #[test]
    fn scipy_agrees() {
        let mut tables = 0;
        for line in ORACLE.lines().skip(1) {
            let cells: Vec<&str> = line.split(',').collect();
            let [rows, columns, pairs]: [usize; 3] = [0, 1, 2].map(|at| cells[at].parse().expect("a number"));
            let total: f64 = cells[3].parse().expect("a sum");
            let numbers: Vec<Option<f64>> = cells[4].split_whitespace().map(|cell| cell.parse().ok()).collect();
            let costs: Vec<Vec<Option<f64>>> = numbers.chunks(columns).map(<[_]>::to_vec).collect();
            assert_eq!(costs.len(), rows);
            let found = assign(&costs, columns);
            let taken: Vec<f64> = found.iter().enumerate().filter_map(|(row, at)| costs[row][(*at)?]).collect();
            assert_eq!(taken.len(), pairs, "{line}");
            assert!((taken.iter().sum::<f64>() - total).abs() < 1e-9 * total.max(1.0), "{line}: {found:?}");
            let mut seen: Vec<usize> = found.into_iter().flatten().collect();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!(seen.len(), pairs, "each column once");
            tables += 1;
        }
        assert!(tables >= 40);
        assert_eq!(assign(&[], 3), []);
        assert_eq!(assign(&[vec![], vec![]], 0), [None, None]);
    }
}
