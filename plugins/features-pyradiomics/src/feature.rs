//! What the seven families share: how a feature is described, and the matrices that it is read from.

use voxomics_imaging::texture::Matrix;
use voxomics_sdk::{Feature, MatrixSet};

/// Why a value is none.
pub(crate) type Reason = &'static str;

/// A feature by PyRadiomics' name, which makes its title too; `ibsi` is IBSI's code, or nothing if IBSI has no feature
/// that always is the same number.
pub(crate) fn feature<M>(
    id: &str,
    ibsi: &str,
    unit: &str,
    meaning: &str,
    equation: &str,
    value: fn(&M) -> Result<f64, Reason>,
) -> Feature<M> {
    let feature = Feature::new(id, &title(id)).unit(unit).meaning(meaning).equation(equation).value(value);
    if ibsi.is_empty() { feature } else { feature.ibsi(ibsi) }
}

/// A feature that is a number without unit, as all those of matrices are.
pub(crate) fn number<M>(
    id: &str,
    ibsi: &str,
    meaning: &str,
    equation: &str,
    value: fn(&M) -> Result<f64, Reason>,
) -> Feature<M> {
    feature(id, ibsi, "1", meaning, equation, value)
}

/// `LargeAreaEmphasis` as three words; `3D` is one.
fn title(id: &str) -> String {
    let mut title = String::new();
    let mut before = ' ';
    for (at, c) in id.char_indices() {
        let begins = if before.is_ascii_lowercase() {
            !c.is_ascii_lowercase()
        } else {
            // The last of several capitals begins a word if small letters follow.
            c.is_ascii_uppercase() && id[at + 1..].starts_with(|next: char| next.is_ascii_lowercase())
        };
        if begins && at > 0 {
            title.push(' ');
        }
        title.push(c);
        before = c;
    }
    title
}

/// Voxels that are counted by sorting: few of them may have levels of large numbers.
const FEW: usize = 4096;

/// How many voxels have each level that occurs inside the region, ascending.
pub(crate) fn counts(levels: &[u16]) -> Vec<(u16, u64)> {
    if levels.len() > FEW {
        let mut counts = vec![0u64; usize::from(u16::MAX) + 1];
        levels.iter().for_each(|level| counts[usize::from(*level)] += 1);
        return (0..=u16::MAX).zip(counts).skip(1).filter(|(_, count)| *count > 0).collect();
    }
    let mut inside: Vec<u16> = levels.iter().copied().filter(|level| *level != 0).collect();
    inside.sort_unstable();
    inside.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as u64)).collect()
}

/// The host's matrices as those that the mathematics works on.
pub(crate) fn matrices<'a>(set: MatrixSet<'a>) -> impl Iterator<Item = Matrix> + use<'a> {
    set.matrices().map(|one| Matrix::from_cells(one.voxels, one.triples()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn few_voxels_and_many_are_counted_alike() {
        let few: Vec<u16> = (0..4000u32).map(|i| [0, 7, 3, 60_000, 7][(i * i % 5) as usize]).collect();
        let many: Vec<u16> = few.iter().chain(&few).copied().collect();
        let twice: Vec<_> = super::counts(&few).into_iter().map(|(level, count)| (level, 2 * count)).collect();
        assert_eq!(super::counts(&many), twice);
    }

    #[test]
    fn titles_are_words() {
        assert_eq!(super::title("10Percentile"), "10 Percentile");
        assert_eq!(super::title("MCC"), "MCC");
        assert_eq!(super::title("Imc1"), "Imc 1");
        assert_eq!(super::title("Maximum3DDiameter"), "Maximum 3D Diameter");
        assert_eq!(super::title("Maximum2DDiameterColumn"), "Maximum 2D Diameter Column");
        assert_eq!(super::title("LargeAreaEmphasis"), "Large Area Emphasis");
    }
}
