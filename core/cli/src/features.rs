//! `voxomics features`.

use std::process::ExitCode;

use clap::Args;
use voxomics_engine::{
    describe::{Kind, Library, Plugin},
    host::{PluginLibrary, SearchPath},
};

use crate::Refused;

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

/// Prints every feature of the plugins on the search path, from the plugins' own descriptions.
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
    for feature in &plugin.features {
        let code = feature.ibsi.as_deref().unwrap_or("-");
        say!("  {}.{}  {code}  [{}]  {}", plugin.id, feature.id, feature.unit, feature.title);
        say!("      {}", feature.meaning);
        say!("      {}", feature.equation);
    }
    say!();
}

fn page(families: &[&Plugin]) -> String {
    let mut page = String::from(
        "# Features\n\nEvery feature of the plugins that ship, as the plugins describe themselves: made by \
         `voxomics features --markdown`.\nThe IBSI codes are those of the reference manual of IBSI 1 \
         (arXiv:1612.07003); the unit `intensity` is that of the image.\n",
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for plugin in families {
        page += &format!("\n## {}\n\n{}\n", plugin.id, plugin.summary);
        if !plugin.aggregations.is_empty() {
            page += &format!("\nAggregations, the default first: {}.\n", plugin.aggregations.join(", "));
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
