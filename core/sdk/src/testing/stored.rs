//! Tables of other people's values, as tests keep them.

/// Columns of a CSV of numbers, by name; NaN where a cell is none.
///
/// ```
/// use voxomics_sdk::testing::stored::columns;
///
/// assert_eq!(columns("a,b,c\n1,2,3\n4,5,6\n", &["c", "a"]), [[3.0, 6.0], [1.0, 4.0]]);
/// ```
///
/// # Panics
/// If there is no such column.
pub fn columns(table: &str, names: &[&str]) -> Vec<Vec<f64>> {
    let mut lines = table.lines();
    let header: Vec<&str> = lines.next().expect("a header").split(',').collect();
    let rows: Vec<Vec<f64>> =
        lines.map(|line| line.split(',').map(|cell| cell.parse().unwrap_or(f64::NAN)).collect()).collect();
    let place = |name: &&str| header.iter().position(|column| column == name).expect("the column is there");
    names.iter().map(|name| rows.iter().map(|row| row[place(name)]).collect()).collect()
}

/// The last cells of the lines that begin with these words, in their order.
///
/// ```
/// use voxomics_sdk::testing::stored::figures;
///
/// assert_eq!(figures("mean,ct,40.5\nmean,pet,5\nsum,ct,81\n", &["mean"]), [40.5, 5.0]);
/// ```
///
/// # Panics
/// If one of them is no number.
pub fn figures(table: &str, words: &[&str]) -> Vec<f64> {
    let start = format!("{},", words.join(","));
    let value = |line: &str| line.rsplit(',').next().and_then(|cell| cell.parse().ok()).expect("a number");
    table.lines().filter(|line| line.starts_with(&start)).map(value).collect()
}
