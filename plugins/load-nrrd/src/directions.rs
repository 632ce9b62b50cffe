//! The field `space directions`, and vectors as NRRD writes them.

use crate::error::{Fault, value};
use crate::header::Header;

/// The step along each of the header's axes; `None` for an axis that is not one of space.
///
/// # Errors
/// If there are not as many as axes, or if they do not have three numbers each.
pub fn directions(header: &Header, axes: usize) -> Result<Option<Vec<Option<[f64; 3]>>>, Fault> {
    let Some(text) = header.get("space directions") else { return Ok(None) };
    vectors(text).filter(|directions| directions.len() == axes).map(Some).ok_or_else(|| {
        value("space directions", text, &format!("{axes} times \"none\" or three numbers such as (1,0,0)"))
    })
}

/// Vectors of three numbers such as `(1,0,0)`, or `none`.
pub fn vectors(text: &str) -> Option<Vec<Option<[f64; 3]>>> {
    let mut rest = text.trim();
    let mut all = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("none") {
            all.push(None);
            rest = after.trim_start();
            continue;
        }
        let (inside, after) = rest.strip_prefix('(')?.split_once(')')?;
        let numbers: Option<Vec<f64>> = inside.split(',').map(|number| number.trim().parse().ok()).collect();
        let vector = <[f64; 3]>::try_from(numbers?).ok()?;
        // Some writers spell "none" as three times "nan".
        all.push(if vector.iter().all(|x| x.is_nan()) { None } else { Some(vector) });
        rest = after.trim_start();
    }
    Some(all)
}
