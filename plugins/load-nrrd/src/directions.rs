//! The field `space directions`, and vectors as NRRD writes them.

use crate::error::{Fault, value};
use crate::header::Header;

/// The step along each of the header's axes; `None` for an axis that is not one of space.
///
/// # Errors
/// If there are not as many as axes, or if they do not have a number for each axis of space.
pub fn directions(header: &Header, axes: usize) -> Result<Option<Vec<Option<[f64; 3]>>>, Fault> {
    let Some(text) = header.get("space directions") else { return Ok(None) };
    let (numbers, example) = if space(header) == 2 { ("two", "(1,0)") } else { ("three", "(1,0,0)") };
    vectors(text, space(header)).filter(|directions| directions.len() == axes).map(Some).ok_or_else(|| {
        value("space directions", text, &format!("{axes} times \"none\" or {numbers} numbers such as {example}"))
    })
}

/// How many numbers a place in space has: three, but for planes that programs write in a space of their own.
pub fn space(header: &Header) -> usize {
    if header.get("space dimension") == Some("2") { 2 } else { 3 }
}

/// Vectors of as many numbers, such as `(1,0,0)`, or `none`; a third number that there is not is 0.
pub fn vectors(text: &str, count: usize) -> Option<Vec<Option<[f64; 3]>>> {
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
        let mut numbers = numbers.filter(|numbers| numbers.len() == count)?;
        // Some writers spell "none" as three times "nan".
        let is_none = numbers.iter().all(|x| x.is_nan());
        numbers.resize(3, 0.0);
        let vector = <[f64; 3]>::try_from(numbers).ok()?;
        all.push((!is_none).then_some(vector));
        rest = after.trim_start();
    }
    Some(all)
}
