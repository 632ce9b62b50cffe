//! The images that a region is made of: of the scan at hand, and of others that lie on its grid.

use std::sync::Arc;

use voxomics_imaging::{Grid, IndexBox, comparison};

use super::{
    super::{
        Fault,
        images::{Images, WhichMaps},
        load,
        made::NamedImage,
        once::Once,
        space::Space,
    },
    Found, OfCase, STAGE, find,
};
use crate::plan::Maker;

/// What makers see of images, made once for all components of a case.
#[derive(Default)]
pub struct Sources {
    /// The regions that the images of a maker look at, by the first region of that maker.
    looked_at: Once<Vec<Found>>,
    /// Other scans of the case, by the first image of the plan that is of them.
    scans: Once<load::Image>,
}

impl Sources {
    /// The images of a maker in a box of the grid, in the order in which the experiment names them.
    ///
    /// # Errors
    /// If one of them cannot be had, or lies on another grid.
    pub fn images(&self, of: OfCase<'_>, maker: &Maker, part: IndexBox) -> Result<Vec<NamedImage>, Fault> {
        let plan = of.plan;
        let (mut made, mut scans): (Vec<Option<NamedImage>>, Vec<Option<&str>>) = (Vec::new(), Vec::new());
        made.resize_with(maker.images.len(), || None);
        for map in &maker.images {
            let scan = plan.images[plan.maps[*map].image].scan.as_deref();
            if !scans.contains(&scan) {
                scans.push(scan);
            }
        }
        for scan in scans {
            let is_of = |map: &usize| plan.images[plan.maps[*map].image].scan.as_deref() == scan;
            let maps: Vec<usize> = maker.images.iter().copied().filter(is_of).collect();
            let loaded = if scan == of.scan { None } else { Some(self.loaded(of, scan)?) };
            let other = loaded.as_ref().map(|image| on_grid(of, scan, image)).transpose()?;
            let space = other.as_ref().unwrap_or(of.space);
            for (map, image) in maps.iter().zip(self.of_scan(of, maker, scan, space, &maps, part)?) {
                let place = maker.images.iter().position(|other| other == map).unwrap_or_default();
                made[place] = Some(image);
            }
        }
        Ok(made.into_iter().flatten().collect())
    }

    /// Maps of one scan, in a box.
    fn of_scan(
        &self,
        of: OfCase<'_>,
        maker: &Maker,
        scan: Option<&str>,
        space: &Space<'_>,
        maps: &[usize],
        part: IndexBox,
    ) -> Result<Vec<NamedImage>, Fault> {
        let plan = of.plan;
        let images: Vec<usize> = maps.iter().map(|map| plan.maps[*map].image).collect();
        let looked_at = self.looked_at(of, maker)?;
        let seen: Vec<&Found> = looked_at.iter().collect();
        let made = Images::new(plan, scan, space, &seen, part, WhichMaps::These(&images), of.host)?;
        let named = |map: &usize| {
            let voxels = made.crop(plan, *map, part)?.into_owned();
            let map = &plan.maps[*map];
            let (name, unit) = (map.name.clone(), plan.unit_of(map, &space.unit).to_owned());
            Ok(NamedImage { name, unit, voxels, has_gaps: plan.is_of_map(map.image) })
        };
        maps.iter().map(named).collect()
    }

    /// The regions that the filters and maps of a maker's images look at. The plan has made sure that none of them is made by it.
    fn looked_at(&self, of: OfCase<'_>, maker: &Maker) -> Result<Arc<Vec<Found>>, Fault> {
        self.looked_at.get(maker.first, || {
            let images: Vec<usize> = maker.images.iter().map(|map| of.plan.maps[*map].image).collect();
            let sought = of.plan.regions_of_images(&images);
            let looked = find(of, &|region| sought.contains(&region));
            match looked.faults.into_iter().next() {
                Some(fault) => Err(fault),
                None => Ok(looked.found),
            }
        })
    }

    /// Another scan of the case.
    fn loaded(&self, of: OfCase<'_>, scan: Option<&str>) -> Result<Arc<load::Image>, Fault> {
        let first = of.plan.images.iter().position(|image| image.scan.as_deref() == scan).unwrap_or_default();
        self.scans.get(first, || load::image(of.plan, scan, of.case, of.host))
    }
}

/// Another scan on the grid of the features, if that is the grid of the scan at hand.
fn on_grid<'a>(of: OfCase<'_>, scan: Option<&str>, image: &'a load::Image) -> Result<Space<'a>, Fault> {
    if of.plan.prepare.is_some() {
        let message = "it is made of several scans, and [prepare] is for one: take one of them away";
        return Err(Fault::new(STAGE, message));
    }
    let space = Space::new(&image.scan, image.modality(of.case), of.plan.interpolation)?.in_unit(image.unit());
    let space = match of.moved {
        Some(moved) => moved.space(scan, space)?,
        None => space,
    };
    if comparison::compare(&of.space.grid, &space.grid).is_empty() {
        return Ok(space);
    }
    let name = |scan: Option<&str>| scan.map_or("`image`".to_owned(), |scan| format!("`image.{scan}`"));
    let shown = |scan: Option<&str>, grid: &Grid| {
        let Grid { dims: [nx, ny, nz], spacing, origin, direction } = grid;
        format!("{} has {nx} × {ny} × {nz} voxels of {spacing:?} mm from {origin:?} along {direction:?}", name(scan))
    };
    Err(Fault::new(
        STAGE,
        format!(
            "it is made of several scans, which must lie on one grid: {}, and {}; resample them to one grid first",
            shown(of.scan, &of.space.grid),
            shown(scan, &space.grid)
        ),
    ))
}
