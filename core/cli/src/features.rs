//! `voxomics features`.

use std::process::ExitCode;

use clap::Args;
use voxomics_engine::{
    describe::{Kind, Library, Plugin},
    host::{PluginLibrary, SearchPath},
};

use crate::{Refused, plugins::takes};

#[derive(Args)]
pub struct Arguments {
    /// Only this family.
    #[arg(long, value_name = "ID")]
    family: Option<String>,
    /// Print JSON.
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Print the reference page.
    #[arg(long)]
    markdown: bool,
}

/// Prints every feature and setting of the plugins on the search path, from the plugins' own descriptions.
pub fn print(arguments: &Arguments) -> Result<ExitCode, Refused> {
    let mut libraries: Vec<Library> = Vec::new();
    for (name, path) in SearchPath::new(&[]).list() {
        // The name tells the kind: nothing else needs to be loaded.
        if name.starts_with("features-") {
            libraries.push(PluginLibrary::load(&path, None)?.description);
        }
    }
    let families = || libraries.iter().flat_map(|library| &library.plugins).filter(|p| p.kind == Kind::Features);
    let wanted: Vec<&Plugin> =
        families().filter(|plugin| arguments.family.as_ref().is_none_or(|id| *id == plugin.id)).collect();
    if wanted.is_empty() {
        let known: Vec<&str> = families().map(|plugin| plugin.id.as_str()).collect();
        let family = arguments.family.as_deref().unwrap_or("features");
        return Err(Refused(format!("there is no feature family `{family}`; there are {}", known.join(", "))));
    }
    if arguments.json {
        say!("{:#}", serde_json::json!(wanted));
    } else if arguments.markdown {
        say!("{}", page(&wanted));
    } else {
        wanted.iter().for_each(|plugin| print_family(plugin));
    }
    Ok(ExitCode::SUCCESS)
}

fn print_family(plugin: &Plugin) {
    say!("{}: {}", plugin.id, plugin.summary);
    for Row { key, takes, default, unit, meaning } in settings(plugin) {
        let unit = if unit.is_empty() { unit } else { format!("  [{unit}]") };
        let default = match default {
            Default::Is(default) => format!("default {default}"),
            Default::None => "optional".into(),
            Default::Required => "required".into(),
        };
        say!("  setting {key}{unit}  {takes}; {default}");
        say!("      {meaning}");
    }
    for feature in &plugin.features {
        let code = feature.ibsi.as_deref().unwrap_or("-");
        say!("  {}.{}  {code}  [{}]  {}", plugin.id, feature.id, feature.unit, feature.title);
        say!("      {}", feature.meaning);
        say!("      {}", feature.equation);
    }
    say!();
}

/// A setting as a line of a table.
struct Row {
    key: String,
    takes: String,
    default: Default,
    unit: String,
    meaning: String,
}

/// What holds if a setting is left out.
enum Default {
    Is(String),
    None,
    Required,
}

/// The settings of a family in the experiment's table of its name, the aggregation first.
fn settings(plugin: &Plugin) -> Vec<Row> {
    let aggregation = plugin.aggregations.first().map(|first| Row {
        key: "aggregation".into(),
        takes: plugin.aggregations.join(" | "),
        default: Default::Is(format!("\"{first}\"")),
        unit: String::new(),
        meaning: "how slices and directions become one value, in IBSI's words; of a list, each has columns of its own"
            .into(),
    });
    let own = plugin.settings.iter().map(|setting| Row {
        key: setting.key.clone(),
        takes: takes(setting),
        default: match &setting.default {
            Some(default) => Default::Is(default.to_string()),
            None if setting.required => Default::Required,
            None => Default::None,
        },
        unit: setting.unit.clone().unwrap_or_default(),
        meaning: setting.purpose.clone(),
    });
    aggregation.into_iter().chain(own).collect()
}

fn page(families: &[&Plugin]) -> String {
    let mut page = String::from(
        "# Features\n\nEvery feature and setting of the plugins that ship, as the plugins describe themselves: made by \
         `voxomics features --markdown`.\nThe IBSI codes are those of the reference manual of IBSI 1 \
         (arXiv:1612.07003); the unit `intensity` is that of the image.\nSettings stand in the experiment under \
         `[features.NAME]`; what every family takes beside its own (`family`, `discretisation`, `images`, `regions`, \
         `only`)\nis in [experiment.md](experiment.md#featuresname).\n",
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for plugin in families {
        page += &format!("\n## {}\n\n{}\n", plugin.id, plugin.summary);
        let settings = settings(plugin);
        if !settings.is_empty() {
            page += "\n| setting | takes | default | unit | meaning |\n|---|---|---|---|---|\n";
        }
        for Row { key, takes, default, unit, meaning } in settings {
            let default = match default {
                Default::Is(default) => format!("`{default}`"),
                Default::None => String::new(),
                Default::Required => "required".into(),
            };
            page += &format!("| `{key}` | {} | {default} | {unit} | {} |\n", cell(&takes), cell(&meaning));
        }
        page += "\n| feature | IBSI | unit | meaning | equation |\n|---|---|---|---|---|\n";
        for feature in &plugin.features {
            page += &format!(
                "| `{}`<br>{} | {} | {} | {} | {} |\n",
                feature.id,
                cell(&feature.title),
                feature.ibsi.as_deref().unwrap_or(""),
                feature.unit,
                cell(&feature.meaning),
                cell(&feature.equation)
            );
        }
    }
    page
}
