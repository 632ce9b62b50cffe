//! `voxomics scan`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::Args;
use voxomics_engine::{
    host::{SearchPath, Services},
    survey::{self, Account, CaseList, Outlined, Outlines, Series, Survey, Surveyed},
};

use crate::{CODE_CASES_FAILED, Refused, interrupt, short, terminal::count};

#[derive(Args)]
pub struct Arguments {
    /// The folder; everything below it is looked at.
    folder: PathBuf,
    /// Write the list of cases for `voxomics run`: a row for each image, mask and region.
    #[arg(long, value_name = "CSV")]
    cases: Option<PathBuf>,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// Tells what a folder holds, as the loaders beside the program and on VOXOMICS_PLUGIN_PATH can tell.
pub fn scan(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let services = Services::default();
    interrupt::give_up_on_ctrl_c(&services, "shown")?;
    let account = survey::folder(&arguments.folder, &SearchPath::new(&[]), &services)?;
    let surveys = || account.surveys.iter().map(|surveyed| &surveyed.survey);
    for message in &account.failed {
        tell!("error: {}", message.trim_start_matches("error: "));
    }
    let is_empty = |survey: &Survey| {
        survey.series.is_empty()
            && survey.outlines.is_empty()
            && survey.unusable.is_empty()
            && survey.aside.is_empty()
            && survey.others.is_empty()
    };
    if surveys().all(is_empty) {
        return Err(Refused(nothing(&arguments.folder, &account)));
    }
    if arguments.json {
        let json = serde_json::to_value(&account)
            .map_err(|cause| Refused(format!("what was found cannot be written as JSON: {cause}")))?;
        say!("{json:#}");
    } else {
        // A loader that found nothing of its own has nothing to tell beside one that did.
        account.surveys.iter().filter(|surveyed| !is_empty(&surveyed.survey)).for_each(print);
    }
    let mut listed = true;
    if let Some(list) = &arguments.cases {
        listed = write_cases(surveys(), list, arguments.json)?;
    }
    let is_refused = |outlines: &Outlines| outlines.regions.iter().any(|region| !region.problems.is_empty());
    let useless = |survey: &Survey| {
        !survey.unusable.is_empty()
            || survey.series.iter().any(|series| series.problem.is_some())
            || survey.outlines.iter().any(|outlines| outlines.series.is_some() && is_refused(outlines))
    };
    let partial = !account.failed.is_empty() || !listed || surveys().any(useless);
    Ok(ExitCode::from(if partial { CODE_CASES_FAILED } else { 0 }))
}

fn nothing(folder: &Path, account: &Account) -> String {
    let looked: Vec<String> = account
        .surveys
        .iter()
        .map(|Surveyed { loader, survey }| format!("{loader} looked at {} and knows none", files(survey.files)))
        .collect();
    format!(
        "there is nothing to read in {}: {} (pictures, as PNG or TIFF, are not told of: write their list by hand)",
        folder.display(),
        looked.join("; ")
    )
}

/// Writes the list and says what is not in it; whether there was anything to write.
fn write_cases<'a>(surveys: impl Iterator<Item = &'a Survey>, list: &Path, quiet: bool) -> Result<bool, Refused> {
    let cases = CaseList::new(surveys, list)?;
    for line in &cases.left_out {
        tell!("left out: {line}");
    }
    for line in &cases.remarks {
        eprintln!("to decide: {line}");
    }
    if cases.rows.is_empty() {
        tell!("no case: {} is not written", list.display());
        return Ok(false);
    }
    cases.write(list)?;
    if !quiet {
        say!("\n{} in {}", count(cases.rows.len(), "case"), list.display());
    }
    Ok(true)
}

fn print(Surveyed { loader, survey }: &Surveyed) {
    let mut patients: BTreeMap<&str, BTreeMap<&str, Vec<&Series>>> = BTreeMap::new();
    for series in &survey.series {
        patients.entry(&series.patient).or_default().entry(&series.study).or_default().push(series);
    }
    for (patient, studies) in patients {
        say!("patient {}", if patient.is_empty() { "without an ID" } else { patient });
        for (study, series) in studies {
            if !series.iter().all(|series| survey::is_file(series)) {
                say!("  study {}", if study.is_empty() { "without a UID" } else { study });
            }
            for series in series {
                print_series(series, survey);
            }
        }
    }
    let homeless: Vec<(&Outlines, String)> =
        survey.outlines.iter().filter_map(|outlines| Some((outlines, survey::homeless(outlines, survey)?))).collect();
    if !homeless.is_empty() {
        say!("outlines without their image");
        for (outlines, why) in homeless {
            print_outlines(outlines, "  ");
            let fitting = survey.series.iter().filter(|series| survey::may_belong(outlines, series)).count();
            let fitting = if fitting > 0 {
                format!("; it fits {} of the folder", count(fitting, "image"))
            } else {
                String::new()
            };
            say!("    {why}{fitting}");
        }
    }
    for aside in &survey.aside {
        let description =
            if aside.description.is_empty() { "without a description" } else { aside.description.as_str() };
        say!(
            "left out: {} {description} of {}: {}, {}, in {}",
            aside.modality,
            patient_of(&aside.patient),
            files(aside.files),
            aside.reason,
            aside.folder.display()
        );
    }
    if !survey.unusable.is_empty() {
        say!("not usable");
        for file in &survey.unusable {
            say!("  {}: {}", file.path.display(), file.problem);
        }
    }
    let series: BTreeSet<&str> = survey.series.iter().map(|series| survey::base(&series.uid)).collect();
    // A file is told of once for each series or volume that it has outlines of.
    let outlines: BTreeSet<&Path> = survey.outlines.iter().map(|outlines| outlines.path.as_path()).collect();
    let volumes = match survey.series.len() {
        several if several > series.len() => format!(" of {several} volumes"),
        _ => String::new(),
    };
    let found = match survey.series.iter().any(survey::is_file)
        || survey.outlines.iter().any(|one| one.modality == survey::MASK)
    {
        true => format!("{}, {}", count(series.len(), "image"), count(outlines.len(), "mask")),
        false => format!("{} series{volumes}, {} of outlines", series.len(), files(outlines.len() as u64)),
    };
    say!(
        "{loader}: {}; {found}, {} not usable, {} of other formats",
        files(survey.files),
        survey.unusable.len(),
        survey.foreign
    );
    if !survey.others.is_empty() {
        let others: Vec<String> = survey.others.iter().map(|(name, count)| format!("{count} {name}")).collect();
        say!("also there: {}", others.join(", "));
    }
}

fn patient_of(id: &str) -> String {
    if id.is_empty() { "a patient without an ID".to_owned() } else { format!("patient {id}") }
}

fn files(number: u64) -> String {
    count(usize::try_from(number).unwrap_or(usize::MAX), "file")
}

fn print_series(series: &Series, survey: &Survey) {
    let mut words = vec![files(series.files)];
    let times = |list: Vec<String>| list.join(" × ");
    words.extend(series.dims.map(|dims| times(dims.iter().map(u64::to_string).collect())));
    words.extend(series.spacing.map(|mm| format!("{} mm", times(mm.iter().copied().map(short).collect()))));
    let known = [("KVP", " kV"), ("ConvolutionKernel", ""), ("ContrastBolusAgent", "")];
    for (name, unit) in known {
        let title = match name {
            "ConvolutionKernel" => "kernel ",
            "ContrastBolusAgent" => "contrast ",
            _ => "",
        };
        words.extend(survey::attribute(series, name).map(|value| format!("{title}{value}{unit}")));
    }
    if survey::is_file(series) {
        say!("    image {}: {}", series.folder.display(), words[1..].join(", "));
    } else {
        let description = if series.description.is_empty() { "without a description" } else { &series.description };
        say!("    {} {description}: {}", series.modality, words.join(", "));
        say!("      series {} in {}", series.uid, series.folder.display());
    }
    if let Some(problem) = &series.problem {
        say!("      it cannot be loaded: {problem}");
    }
    for warning in &series.warnings {
        say!("      warning: {warning}");
    }
    let own = survey.outlines.iter().filter(|outlines| survey::belongs(outlines, series, survey));
    own.for_each(|outlines| print_outlines(outlines, "      "));
}

fn print_outlines(outlines: &Outlines, indent: &str) {
    say!("{indent}{} {}", outlines.modality, outlines.path.display());
    let told = |region: &Outlined| match region.empty {
        true => format!("{} (nothing drawn)", survey::shown(region)),
        false => survey::shown(region),
    };
    // The same reason is said once, whatever the number of regions and volumes.
    let mut problems: BTreeMap<&String, BTreeSet<u32>> = BTreeMap::new();
    for region in &outlines.regions {
        for why in region.problems.values() {
            problems.entry(why).or_default().insert(region.number);
        }
    }
    let regions: Vec<String> = outlines.regions.iter().map(told).collect();
    say!("{indent}  {}", if regions.is_empty() { "no regions".to_owned() } else { regions.join(", ") });
    // They name their region.
    let warnings: BTreeSet<&String> = outlines.regions.iter().flat_map(|region| &region.warnings).collect();
    for warning in warnings {
        say!("{indent}  warning: {warning}");
    }
    for (why, numbers) in problems {
        let numbers: Vec<String> = numbers.iter().map(|number| format!("#{number}")).collect();
        say!("{indent}  {} cannot be read: {why}", numbers.join(", "));
    }
}
