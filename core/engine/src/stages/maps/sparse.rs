//! The values of a map: those of the voxels of its regions, and nothing beside them.

use std::sync::Arc;

use voxomics_imaging::IndexBox;

/// A region of a map.
#[derive(PartialEq)]
pub struct Place {
    /// Index of the region in the plan.
    pub region: usize,
    /// Number of the component, where each is a region of its own.
    pub component: Option<usize>,
    /// The box of all neighbourhoods.
    pub part: IndexBox,
    /// In that box 1 where a value is wanted, *x* fastest.
    pub mask: Vec<u8>,
}

/// A map of one feature.
pub struct Sparse {
    places: Arc<Vec<Place>>,
    /// For each region the values of the voxels of its mask, in their order; NaN where the feature is not defined.
    values: Vec<Vec<f64>>,
}

impl Sparse {
    /// A map of so many values in each region as its mask has voxels.
    pub fn new(places: Arc<Vec<Place>>, values: Vec<Vec<f64>>) -> Self {
        Self { places, values }
    }

    /// Has the places of another map, if they are the same: a mask is held once, however many maps there are.
    pub fn share_places(&mut self, others: &[&Self]) {
        if let Some(other) = others.iter().find(|other| other.places == self.places) {
            self.places = other.places.clone();
        }
    }

    /// The voxels of a box; `fill` where there is no value.
    pub fn crop(&self, part: IndexBox, fill: f64) -> Vec<f64> {
        let mut voxels = vec![fill; part.dims().iter().product()];
        for (place, values) in self.places.iter().zip(&self.values) {
            put(place, values, &mut voxels, part);
        }
        voxels
    }

    /// One region, with its values in the order of the voxels of its mask.
    pub fn region(&self, region: usize, component: Option<usize>) -> Option<(&Place, &[f64])> {
        let at = self.places.iter().position(|place| place.region == region && place.component == component)?;
        Some((&self.places[at], &self.values[at]))
    }
}

/// Puts the values of a region into a box; one that is not defined leaves what is there.
fn put(place: &Place, values: &[f64], voxels: &mut [f64], part: IndexBox) {
    let ([nx, ny, _], [wide, high, _]) = (place.part.dims(), part.dims());
    let mut values = values.iter();
    for (row, mask) in place.mask.chunks_exact(nx.max(1)).enumerate() {
        let (y, z) = (place.part.start[1] + row % ny, place.part.start[2] + row / ny);
        let is_inside = (part.start[1]..part.end[1]).contains(&y) && (part.start[2]..part.end[2]).contains(&z);
        for (column, inside) in mask.iter().enumerate() {
            if *inside == 0 {
                continue;
            }
            let Some(value) = values.next() else { return };
            let x = place.part.start[0] + column;
            if is_inside && (part.start[0]..part.end[0]).contains(&x) && !value.is_nan() {
                let at = ((z - part.start[2]) * high + y - part.start[1]) * wide + x - part.start[0];
                voxels[at] = *value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_has_the_values_that_lie_in_it() {
        let part = IndexBox { start: [2, 1, 0], end: [5, 3, 1] };
        let place = Place { region: 0, component: None, part, mask: vec![1, 0, 1, 0, 1, 1] };
        let sparse = Sparse::new(Arc::new(vec![place]), vec![vec![1.0, 2.0, f64::NAN, 4.0]]);
        let all = sparse.crop(IndexBox { start: [1, 1, 0], end: [5, 3, 1] }, -1.0);
        assert_eq!(all, [-1.0, 1.0, -1.0, 2.0, -1.0, -1.0, -1.0, 4.0]);
        assert_eq!(sparse.crop(IndexBox { start: [4, 0, 0], end: [6, 2, 1] }, 0.0), [0.0, 0.0, 2.0, 0.0]);
        let (place, values) = sparse.region(0, None).expect("the region is there");
        assert_eq!((place.part, values.len(), values[3]), (part, 4, 4.0));
        assert!(sparse.region(1, None).is_none());
    }
}
