//! Units as other systems read them.

/// The code of a unit in UCUM, the Unified Code for Units of Measure (version 2.1), as DICOM and FHIR ask for it.
///
/// `unit` is the unit of a column, as tables have it: words with powers, as `HU^2`, `g/ml` or `HU mm^3`. A word that UCUM does not
/// have is an annotation, which counts as 1.
///
/// ```
/// use voxomics_sdk::ucum;
///
/// assert_eq!(ucum("HU^2"), "[hnsf'U]2");
/// assert_eq!(ucum("(g/ml) mm^3"), "g.mm3/ml");
/// assert_eq!(ucum("1/mm"), "mm-1");
/// assert_eq!(ucum("intensity"), "{intensity}");
/// assert_eq!(ucum(""), "1");
/// ```
pub fn ucum(unit: &str) -> String {
    // What was normalised is said in words before the unit, as by `load-dicom`.
    let plain = unit.replace("SUV by body weight, ", "");
    let Some(factors) = factors(&plain, 1) else { return annotation(unit) };
    let mut powers: Vec<(&str, i32)> = Vec::new();
    for (symbol, power) in factors {
        match powers.iter_mut().find(|(known, _)| *known == symbol) {
            Some((_, sum)) => *sum += power,
            None => powers.push((symbol, power)),
        }
    }
    powers.retain(|(_, power)| *power != 0);
    // An annotation cannot have a power.
    if powers.iter().any(|(symbol, power)| symbol.starts_with('{') && *power != 1) {
        return annotation(unit);
    }
    let raised = |symbol: &str, power: i32| match power {
        1 => symbol.to_owned(),
        power => format!("{symbol}{power}"),
    };
    let (above, below): (Vec<_>, Vec<_>) = powers.iter().partition(|(_, power)| *power > 0);
    let above: Vec<String> = above.iter().map(|(symbol, power)| raised(symbol, *power)).collect();
    let below = below.iter();
    match (above.is_empty(), below.len()) {
        (true, 0) => "1".into(),
        (true, _) => below.map(|(symbol, power)| raised(symbol, *power)).collect::<Vec<_>>().join("."),
        (false, _) => {
            let below: String = below.map(|(symbol, power)| format!("/{}", raised(symbol, -power))).collect();
            above.join(".") + &below
        }
    }
}

/// The symbols of a unit and their powers, each times `sign`; nothing if a word is not known.
fn factors(unit: &str, sign: i32) -> Option<Vec<(&'static str, i32)>> {
    let mut all = Vec::new();
    let mut rest = unit.trim();
    while !rest.is_empty() {
        let (word, power, after) = match rest.strip_prefix('(') {
            Some(inside) => {
                let (inside, after) = inside.split_once(')')?;
                let (power, after) = power(after)?;
                (inside, power, after)
            }
            None => {
                let end = rest.find([' ', '^']).unwrap_or(rest.len());
                let (power, after) = power(&rest[end..])?;
                (&rest[..end], power, after)
            }
        };
        let (above, below) = word.split_once('/').map_or((word, None), |(above, below)| (above, Some(below)));
        all.push((above, sign * power));
        all.extend(below.map(|below| (below, -sign * power)));
        rest = after.trim_start();
    }
    let known = all.into_iter().map(|(word, power)| symbol(word).map(|(symbol, own)| (symbol, own * power)));
    known.filter(|found| !matches!(found, Some(("1", _)))).collect()
}

/// The power at the beginning of a text, 1 if there is none, and what follows it.
fn power(text: &str) -> Option<(i32, &str)> {
    let Some(digits) = text.strip_prefix('^') else { return Some((1, text)) };
    let end = digits.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(digits.len());
    Some((digits[..end].parse().ok()?, &digits[end..]))
}

/// The symbol of a word in UCUM, and the power that the word itself has.
fn symbol(word: &str) -> Option<(&'static str, i32)> {
    Some(match word {
        "1" => ("1", 1),
        "HU" => ("[hnsf'U]", 1),
        "um" => ("um", 1),
        "um2" => ("um", 2),
        "mm" => ("mm", 1),
        "mm2" => ("mm", 2),
        "mm3" => ("mm", 3),
        "cm" => ("cm", 1),
        "cm2" => ("cm", 2),
        "ml" | "mL" => ("ml", 1),
        "g" => ("g", 1),
        "kg" => ("kg", 1),
        "s" => ("s", 1),
        "ms" => ("ms", 1),
        "Bq" => ("Bq", 1),
        "kBq" => ("kBq", 1),
        "bit" => ("bit", 1),
        "%" => ("%", 1),
        "deg" => ("deg", 1),
        "counts" => ("{counts}", 1),
        "intensity" => ("{intensity}", 1),
        "voxel" => ("{voxel}", 1),
        _ => return None,
    })
}

/// A unit in words: between braces, in the letters that may stand there.
fn annotation(unit: &str) -> String {
    let unit = unit.trim();
    let plain: String =
        unit.chars().filter(|c| !"{}".contains(*c)).map(|c| if c.is_ascii_graphic() { c } else { '_' }).collect();
    // A code that is one already, as a scan may state it.
    match unit.starts_with('{') && unit.ends_with('}') && unit.len() > 2 {
        true => format!("{{{}}}", plain),
        false if plain.is_empty() => "1".into(),
        false => format!("{{{plain}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::ucum;

    #[test]
    fn units_of_features_have_codes() {
        for (unit, code) in [
            ("1", "1"),
            ("mm", "mm"),
            ("mm^2", "mm2"),
            ("mm^3", "mm3"),
            ("HU", "[hnsf'U]"),
            ("HU mm^3", "[hnsf'U].mm3"),
            ("HU^2 mm^3", "[hnsf'U]2.mm3"),
            ("g/ml", "g/ml"),
            ("(g/ml)^2", "g2/ml2"),
            ("(cm2/ml)^2", "cm4/ml2"),
            ("Bq/ml", "Bq/ml"),
            ("SUV by body weight, g/ml", "g/ml"),
            ("(SUV by body weight, g/ml)^2", "g2/ml2"),
            ("(SUV by body weight, g/ml) mm^3", "g.mm3/ml"),
            // Of diffusion, as scans state it.
            ("um2/s", "um2/s"),
            ("(um2/s)^2", "um4/s2"),
            ("counts/s", "{counts}/s"),
            ("bit", "bit"),
            ("1/mm", "mm-1"),
            ("mm/mm", "1"),
            // Powers of what is no unit are words.
            ("intensity^2", "{intensity^2}"),
            ("intensity mm^3", "{intensity}.mm3"),
            ("a lab's own", "{a_lab's_own}"),
            ("{ratio}", "{ratio}"),
        ] {
            assert_eq!(ucum(unit), code, "{unit}");
        }
    }
}
