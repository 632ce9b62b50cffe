//! From the words of IBSI 2's tests to an experiment's.

use std::{collections::BTreeMap, fmt::Write as _};

/// The settings of a test, by the keys of its list.
pub type Settings = BTreeMap<String, String>;

/// A setting that must be there.
pub fn required<'a>(settings: &'a Settings, key: &str) -> Result<&'a str, String> {
    settings.get(key).map(String::as_str).ok_or_else(|| format!("`{key}` is missing"))
}

/// The settings of a test that is written as JSON, in one table.
pub fn of_json(test: &serde_json::Map<String, serde_json::Value>) -> Settings {
    let mut settings = Settings::new();
    let tables = ["processing", "filter_settings"].iter().filter_map(|key| test.get(*key)?.as_object());
    for (key, value) in test.iter().filter(|(_, value)| value.is_string()).chain(tables.flatten()) {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        settings.insert(key.clone(), text);
    }
    settings
}

/// The id of a filter, empty for none, and its settings as lines of TOML.
///
/// # Errors
/// What of the test is not known.
pub fn filter(settings: &Settings) -> Result<(String, String), String> {
    let name = required(settings, "filter")?;
    let lower = name.to_lowercase();
    let has = |word: &str| lower.contains(word);
    let mut lines = Lines { settings, toml: String::new() };
    let id = if has("none") {
        return Ok((String::new(), String::new()));
    } else if has("riesz") {
        lines.text("base", if has("simoncelli") { "simoncelli" } else { "laplacian-of-gaussian" });
        let order: String = required(settings, "riesz_l")?.chars().filter(char::is_ascii_digit).collect();
        lines.text("orders", &order);
        lines.number("level", "level")?;
        lines.number("sigma_mm", "sigma_mm")?;
        lines.number("cutoff_sigma", "truncate")?;
        lines.number("aligned_by_structure_tensor_sigma_mm", "alignment_sigma_mm")?;
        lines.common(true)?;
        "riesz"
    } else if has("simoncelli") {
        lines.level(name)?;
        // The reference maps were made by transforms, which are periodic, whatever the list calls the boundary.
        lines.common(false)?;
        "simoncelli"
    } else if has("mean") {
        lines.number("support_voxels", "support_voxels")?;
        lines.common(true)?;
        "mean"
    } else if has("log") {
        lines.number("sigma_mm", "sigma_mm")?;
        lines.number("cutoff_sigma", "truncate")?;
        lines.common(true)?;
        "laplacian-of-gaussian"
    } else if has("laws") {
        lines.text("kernels", required(settings, "kernel")?);
        if settings.get("energy_map").is_some_and(|map| !map.eq_ignore_ascii_case("false")) {
            lines.number("energy_distance_voxels", "energy_distance_voxels")?;
        }
        lines.rotation()?;
        lines.common(true)?;
        "laws"
    } else if has("gabor") {
        lines.gabor()?;
        "gabor"
    } else {
        lines.text("wavelet", &wavelet(name)?);
        lines.text("bands", required(settings, "map")?);
        lines.level(name)?;
        lines.rotation()?;
        lines.common(true)?;
        "wavelet"
    };
    Ok((id.into(), lines.toml))
}

/// Interpolation, re-segmentation and statistics as TOML.
///
/// # Errors
/// What of the test is not known.
pub fn processing(settings: &Settings) -> Result<String, String> {
    let mut toml = String::new();
    if required(settings, "interpolation")? != "none" {
        let spacing = required(settings, "voxel_spacing_mm")?;
        let _ = writeln!(toml, "[interpolation]\nspacing_mm = {spacing}\nimage = \"cubic\"\nmask = \"linear\"");
        let _ = writeln!(toml, "round_intensities = true");
    }
    if let Some(range) = settings.get("resegmentation_range_HU") {
        let _ = writeln!(toml, "[resegmentation]\nrange = {range}");
    }
    toml.push_str("[features.statistics]\n");
    Ok(toml)
}

/// Lines of TOML as they are written.
struct Lines<'a> {
    settings: &'a Settings,
    toml: String,
}

impl Lines<'_> {
    fn text(&mut self, key: &str, value: &str) {
        // Writing to a text does not fail.
        let _ = writeln!(self.toml, "{key} = \"{value}\"");
    }

    /// The number of the test's key, if it has one, as another key.
    fn number(&mut self, of: &str, key: &str) -> Result<(), String> {
        let Some(text) = self.settings.get(of) else { return Ok(()) };
        let number: f64 = text.parse().map_err(|_| format!("`{of}` is `{text}`, expected a number"))?;
        let _ = writeln!(self.toml, "{key} = {number}");
        Ok(())
    }

    /// Dimension and padding.
    fn common(&mut self, padding: bool) -> Result<(), String> {
        let dimension = self.settings.get("dimension").or_else(|| self.settings.get("approach"));
        let dimension = dimension.ok_or("`dimension` is missing")?;
        self.text("dimension", if dimension.starts_with("2D") { "2D" } else { "3D" });
        if padding { self.padding() } else { Ok(()) }
    }

    fn padding(&mut self) -> Result<(), String> {
        let text =
            self.settings.get("padding").or_else(|| self.settings.get("boundary")).ok_or("`padding` is missing")?;
        let known = ["mirror", "nearest", "zero", "periodic"].into_iter().find(|word| text.starts_with(word));
        let word = known.ok_or_else(|| format!("`padding` is `{text}`, which is not known"))?;
        self.text("padding", word);
        Ok(())
    }

    fn rotation(&mut self) -> Result<(), String> {
        if self.settings.get("rotation_invariance").is_some_and(|of| of.ends_with('D')) {
            self.text("rotation_invariance", required(self.settings, "pooling")?);
        }
        Ok(())
    }

    /// The level, in a setting of its own or in the filter's name.
    fn level(&mut self, name: &str) -> Result<(), String> {
        let of_name = || name.split("level ").nth(1);
        let text = self.settings.get("level").map(String::as_str).or_else(of_name).unwrap_or("1");
        let level: f64 = text.parse().map_err(|_| format!("`level` is `{text}`, expected a number"))?;
        let _ = writeln!(self.toml, "levels = [{level}]");
        Ok(())
    }

    fn gabor(&mut self) -> Result<(), String> {
        for key in ["sigma_mm", "lambda_mm", "gamma"] {
            self.number(key, key)?;
        }
        for (of, key) in [("theta_rad", "theta_deg"), ("delta_theta_rad", "rotation_step_deg")] {
            if let Some(text) = self.settings.get(of) {
                let angle =
                    angle(text).ok_or_else(|| format!("`{of}` is `{text}`, expected an angle such as 3*pi/4"))?;
                let _ = writeln!(self.toml, "{key} = {}", angle.to_degrees());
            }
        }
        if let Some(pooling) = self.settings.get("pooling") {
            self.text("pooling", pooling);
        }
        if self.settings.get("orthogonal_planes").is_some_and(|planes| planes.eq_ignore_ascii_case("true")) {
            let _ = writeln!(self.toml, "orthogonal_planes = true");
        }
        self.padding()
    }
}

/// The name of a wavelet in a test's: `Daubechies 2 (pywt db2)`.
fn wavelet(name: &str) -> Result<String, String> {
    if let Some((_, rest)) = name.split_once("pywt ") {
        return Ok(rest.chars().take_while(char::is_ascii_alphanumeric).collect());
    }
    let families = [("Daubechies ", "db"), ("Coiflet ", "coif"), ("Symlet ", "sym"), ("Haar", "haar")];
    let found = families.iter().find_map(|(word, short)| {
        let (_, rest) = name.split_once(word)?;
        Some(format!("{short}{}", rest.chars().take_while(char::is_ascii_digit).collect::<String>()))
    });
    found.ok_or_else(|| format!("the filter `{name}` is not known"))
}

/// An angle that is written as a product: `pi/3`, `-5*pi/8`, `5pi/4`, `0.5`.
fn angle(text: &str) -> Option<f64> {
    let text = text.replace(' ', "").replace('π', "pi");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.as_str()),
    };
    let (mut product, mut divide) = (sign, false);
    while !rest.is_empty() {
        let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let factor = if let Some(after) = rest.strip_prefix("pi") {
            rest = after;
            std::f64::consts::PI
        } else {
            let number = rest[..length].parse().ok()?;
            rest = &rest[length..];
            number
        };
        product = if divide { product / factor } else { product * factor };
        divide = rest.starts_with('/');
        rest = rest.strip_prefix(['*', '/']).unwrap_or(rest);
    }
    Some(product).filter(|angle| angle.is_finite())
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;

    #[test]
    fn angles_are_products() {
        for (text, expected) in
            [("pi/3", PI / 3.0), ("-5*pi/8", -5.0 * PI / 8.0), ("5pi/4", 5.0 * PI / 4.0), ("0.5", 0.5)]
        {
            assert!(angle(text).is_some_and(|found| (found - expected).abs() < 1e-15), "{text}");
        }
        assert!(angle("a").is_none() && angle("pi/").is_some() && angle("pi/0").is_none());
    }

    #[test]
    fn tests_are_put_into_an_experiments_words() {
        let of = |pairs: &[(&str, &str)]| {
            filter(&pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect())
        };
        let (id, toml) = of(&[
            ("filter", "separable wavelet Daubechies 2 (pywt db2)"),
            ("map", "LHL"),
            ("level", "1"),
            ("dimension", "3D"),
            ("padding", "zero (constant 0)"),
            ("rotation_invariance", "3D"),
            ("pooling", "average"),
        ])
        .expect("known");
        assert_eq!(id, "wavelet");
        let expected = "wavelet = \"db2\"\nbands = \"LHL\"\nlevels = [1]\nrotation_invariance = \"average\"\n\
                        dimension = \"3D\"\npadding = \"zero\"\n";
        assert_eq!(toml, expected);
        assert!(of(&[("filter", "curvelet")]).is_err_and(|wrong| wrong.contains("curvelet")));
        let odd = of(&[("filter", "mean"), ("dimension", "3D"), ("padding", "odd")]);
        assert!(odd.is_err_and(|wrong| wrong.contains("odd")));
    }
}
