//! The gate of generation 1: what its carriers and its JSON look like, held against a file that is checked in.
//!
//! `tests/generations/1/interface.txt` has three parts: the layouts of the carrier of Rust as abi_stable checks them, those of
//! the table of C, and of each JSON object an example with every key. Whoever changes one of them changes what libraries that
//! are out there rely on.

use std::{collections::BTreeSet, fmt::Write as _, fs, mem::offset_of};

use abi_stable::{StableAbi, type_layout::TypeLayout};
use serde_json::{Map, Value as Json, json};
use voxomics_interface::{
    self as wire, BoxedInstance, CARRIER_C, CARRIER_RUST, ENTRY_SYMBOL, Element, GENERATION, HostRef, PluginModuleRef,
    c,
    calls::{self, *},
    codes,
    describe::{
        self, Card, FITS, Feature, InputRange, Kind, LICENCE, Library, Matrix, Needs, Plugin, Setting, Takes, invariant,
    },
    design::{Design, Folds, Target},
    extensions,
    selection::Selection,
    survey::Survey,
};
use voxomics_tests::workspace;

/// What to do if something differs.
const ADVICE: &str = "\
Libraries that were built for generation 1 rely on this.
- If a layout differs, a method or a code: put it back. What is new goes into JSON, or behind an extension; what cannot be had \
that way is a new generation beside this one (docs/decisions/what-crosses.md, Growth).
- If a key was added to a JSON object: it must have a default, so that who does not send it is understood. Then write the file \
anew with VOXOMICS_FREEZE=write cargo test -p voxomics-tests --test plugins frozen, and say why in the commit.
- If a key is gone or has another type: put it back.";

/// One line for a type: its name, size and alignment; then its fields. What it is made of comes after it.
fn layout(of: &'static TypeLayout, seen: &mut BTreeSet<String>, out: &mut String) {
    let name = of.full_type().to_string();
    if !seen.insert(name.clone()) {
        return;
    }
    let _ = writeln!(out, "{name}: {} bytes, aligned to {}", of.size(), of.alignment());
    let fields: Vec<_> =
        of.get_fields().into_iter().flat_map(|fields| fields.to_vec()).chain(of.phantom_fields().to_vec()).collect();
    for field in &fields {
        let functions: Vec<String> =
            field.function_range().iter().map(|function| function.to_string().replace(['\n', '\t'], " ")).collect();
        let _ = writeln!(out, "  {}: {} {}", field.name(), field.full_type(), functions.join("; "));
    }
    for field in fields {
        layout(field.layout(), seen, out);
    }
}

macro_rules! structs {
    ($out:expr; $($name:ident { $($field:ident),* $(,)? })*) => { $(
        let _ = writeln!($out, "{}: {} bytes, aligned to {}", stringify!($name), size_of::<c::$name>(), align_of::<c::$name>());
        $(let _ = writeln!($out, "  {}: at {}", stringify!($field), offset_of!(c::$name, $field));)*
    )* };
}

fn table_of_c(out: &mut String) {
    structs! { out;
        Text { bytes, length }
        Array { size, name, element, rank, dims, data, bytes }
        Request { size, json, count, arrays }
        Answer { size, state, json, array, hand_over, fail }
        Extension { version, table, state }
        Host { size, state, log, stop, for_each, open, list, seed, extension }
        Library { size, describe, configure, call, drop, extension }
    }
}

fn words(out: &mut String) {
    let _ = writeln!(out, "entry {ENTRY_SYMBOL}, generation {GENERATION}, carriers {CARRIER_RUST} and {CARRIER_C}");
    let kinds: Vec<&str> = Kind::ALL.map(Kind::word).to_vec();
    let _ = writeln!(out, "kinds {}", kinds.join(" "));
    let elements =
        Element::ALL.map(|element| format!("{}={} ({} bytes)", element.word(), element.code(), element.size()));
    let _ = writeln!(out, "elements {}", elements.join(" "));
    let failures = [
        codes::FAILURE_SETTING,
        codes::FAILURE_INPUT,
        codes::FAILURE_UNSUPPORTED,
        codes::FAILURE_CANCELLED,
        codes::FAILURE_PANIC,
        codes::FAILURE_UNKNOWN_ID,
        codes::FAILURE_BROKEN,
    ];
    let _ = writeln!(out, "failures setting input unsupported cancelled panic unknown-id broken {failures:?}");
    let status = [codes::STATUS_OK, codes::STATUS_UNDEFINED, codes::STATUS_MISSING];
    let _ = writeln!(out, "status ok undefined missing {status:?}");
    let levels = [codes::LOG_DEBUG, codes::LOG_INFO, codes::LOG_WARNING];
    let _ = writeln!(out, "log debug info warning {levels:?}");
    let stop = [codes::STOP_NO, codes::STOP_GIVEN_UP, codes::STOP_TIME];
    let _ = writeln!(out, "stop no given-up time {stop:?}");
    let methods = [
        ("load", vec![RECOGNISES, LOAD, SURVEY]),
        ("filter", vec![MAPS, MARGIN, APPLY, OBSERVE, FIT_STATE]),
        ("features", vec![NEEDS, COMPUTE, MAP_FEATURES]),
        ("predict", vec![INPUTS, PREDICT, FIT]),
        ("regions", vec![LABELS, MAKE, OBSERVE, FIT_STATE]),
        ("export", vec![EXPORT_NEEDS, EXPORT]),
    ];
    for (kind, methods) in methods {
        let _ = writeln!(out, "methods of {kind}: {}", methods.join(" "));
    }
    let _ = writeln!(out, "arrays {GRID} {PATH} {SETTINGS}; roles {ROLE_IMAGE} {ROLE_MASK}");
    let _ = writeln!(out, "meanings {MEANING_SCORE} {MEANING_RISK} {MEANING_PROBABILITY}; requirements {FITS}");
    let _ = writeln!(out, "invariant under {}; the setting {LICENCE}", invariant::WORDS.join(", "));
    let _ = writeln!(out, "extension {}: {} bytes", extensions::PROGRESS, size_of::<extensions::Progress>());
}

fn map(key: &str, value: Json) -> Map<String, Json> {
    Map::from_iter([(key.to_owned(), value)])
}

/// Every object with every key: a literal has no field left out, so a new one must be put here.
fn objects() -> Vec<(&'static str, Json)> {
    let of = |name: &'static str, value: serde_json::Result<Json>| (name, value.expect("JSON"));
    let takes = [
        Takes::Number { min: Some(0.5), max: None },
        Takes::Integer { min: 1, max: 9 },
        Takes::Numbers { length: Some(3) },
        Takes::Flag,
        Takes::Choice(vec!["a".into()]),
        Takes::Text,
        Takes::File,
    ];
    let setting = |takes: Takes| Setting {
        key: "k".into(),
        purpose: "p".into(),
        unit: Some("mm".into()),
        takes,
        default: Some(json!(1)),
        required: true,
    };
    let plugin = Plugin {
        kind: Kind::Filter,
        id: "i".into(),
        summary: "s".into(),
        settings: takes.map(setting).to_vec(),
        features: vec![Feature {
            id: "f".into(),
            title: "t".into(),
            ibsi: Some("C0DE".into()),
            unit: "1".into(),
            meaning: "m".into(),
            equation: "e".into(),
        }],
        aggregations: vec!["3D merged".into()],
        formats: vec!["x".into()],
        surveys: true,
        own_grid: true,
        trains: true,
        fits: true,
        maps: true,
        map_levels: true,
        invariant: vec!["rotation".into()],
        card: Some(Card {
            intended_use: "u".into(),
            population: "p".into(),
            ranges: vec![InputRange { input: "i".into(), min: 0.5, max: 1.5, unit: "1".into() }],
            valid_until: Some("2027-12-31".into()),
            contact: "c".into(),
            needs_licence: true,
        }),
        schema: Some(json!({})),
        requires: vec![FITS.into()],
    };
    let library = Library {
        version: "1".into(),
        vendor: "v".into(),
        licence: "l".into(),
        plugins: vec![plugin],
        requires: vec![FITS.into()],
        skipped: vec![describe::Skipped { name: "n".into(), why: "w".into() }],
    };
    let matrix = Matrix { weighting_norm: Some("Euclidean".into()), ..Matrix::new("glcm", "3D merged") };
    let needs = Needs {
        levels: true,
        matrices: vec![matrix],
        margin_mm: 1.5,
        takes_empty_intensity_mask: true,
        regions: vec!["r".into()],
        features: vec!["f".into()],
    };
    let output = Output {
        name: "n".into(),
        meaning: MEANING_RISK.into(),
        horizon: Some(Horizon { at: 2.0, unit: "years".into() }),
        class: Some("c".into()),
        unit: Some("1".into()),
    };
    let selection = Selection { series: Some("1.2".into()), regions: vec!["r".into()] };
    let design = |target: Target| Design {
        inputs: vec!["a".into()],
        target,
        weights: Some("w".into()),
        groups: Some("g".into()),
        strata: Some("s".into()),
        batches: vec!["b".into()],
        kept: vec!["k".into()],
        unaligned: vec!["u".into()],
        levels: vec![vec!["l".into(), "m".into()]],
        folds: Some(Folds { outer: vec!["o".into()], inner: vec!["i".into()], within: vec![vec!["w".into()]] }),
    };
    let column = || String::from("y");
    let fit = |target| Fit { columns: vec!["a".into()], design: design(target) };
    let export = Export {
        case: "c".into(),
        columns: vec![ExportColumn { name: "n".into(), ibsi: "C0DE".into(), unit: "mm".into() }],
        rows: vec![ExportRow { region: "r".into(), reasons: map("0", json!("why")) }],
        regions: vec![ExportRegion { name: "r".into(), volume_ml: 1.5 }],
        scores: vec![ExportScore {
            model: "m".into(),
            component: Some(1),
            outputs: vec![output.clone()],
            reasons: map("0", json!("why")),
            doubts: vec!["d".into()],
        }],
        metadata: map("KVP", json!(120)),
    };
    use serde_json::to_value as v;
    vec![
        of("Library", v(library)),
        of("Configure", v(Configure { settings: map("k", json!(1)), state: Some("s".into()) })),
        of("Recognise", v(Recognise { path: "p".into() })),
        of("Recognised", v(Recognised { recognises: true })),
        of(
            "Load",
            v(Load { path: "p".into(), role: ROLE_MASK.into(), selection, max_bytes: 1, reference: Some([1, 2, 3]) }),
        ),
        of(
            "Loaded",
            v(Loaded {
                images: vec![calls::Scan { name: "n".into(), unit: "HU".into() }],
                masks: vec![Mask { name: "n".into(), names: vec![(1.0, "r".into())], offset: Some([1, 2, 3]) }],
                metadata: map("KVP", json!(120)),
            }),
        ),
        of("Dims", v(Dims { dims: [1, 2, 3] })),
        of("Whole", v(Whole { whole: true })),
        of("Maps", v(Maps { maps: vec!["m".into()], units: vec!["1".into()], sees_regions: true })),
        of(
            "Seen",
            v(Seen {
                unit: "HU".into(),
                regions: vec!["r".into()],
                images: vec!["i".into()],
                wanted: Some([[1, 2, 3], [4, 5, 6]]),
            }),
        ),
        of("Needs", v(needs)),
        of(
            "Compute",
            v(Compute {
                level_count: 1,
                matrices: vec![calls::MatrixSet { level_count: 1, count: 1 }],
                unit: "HU".into(),
                regions: vec!["r".into()],
            }),
        ),
        of(
            "MapFeatures",
            v(MapFeatures {
                features: vec!["f".into()],
                radius: [1, 2, 3],
                unit: "HU".into(),
                level_count: 9,
                distinct_levels: 8,
            }),
        ),
        of("Reasons", v(Reasons { reasons: map("f", json!("why")) })),
        of("Inputs", v(Inputs { inputs: vec!["a".into()], outputs: vec![output] })),
        of("Fit, gaussian", v(fit(Target::Gaussian { column: column() }))),
        of("Fit, binomial", v(fit(Target::Binomial { column: column() }))),
        of("Fit, cox", v(fit(Target::Cox { time: column(), event: "e".into() }))),
        of("Fitted", v(Fitted { model: "m".into() })),
        of("Observation", v(Observation { observation: "o".into() })),
        of("Observations", v(Observations { observations: vec!["o".into()] })),
        of("State", v(State { state: "s".into() })),
        of("Labels", v(Labels { labels: vec![(1, "r".into())], margin_mm: 1.5, sees_images: true, may_lack: true })),
        of("ExportNeeds", v(ExportNeeds { regions: true, image: true })),
        of("Export", v(export)),
        of("Files", v(Files { files: vec!["f".into()] })),
        of("Survey", v(Survey::default())),
    ]
}

/// Each value as its path and its type: `plugins[].id text`.
fn paths(at: &str, value: &Json, out: &mut String) {
    match value {
        Json::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort();
            for key in keys {
                paths(&format!("{at}.{key}"), &object[key], out);
            }
            if object.is_empty() {
                let _ = writeln!(out, "  {at} object");
            }
        }
        Json::Array(list) if list.is_empty() => {
            let _ = writeln!(out, "  {at} list");
        }
        Json::Array(list) => list.iter().for_each(|value| paths(&format!("{at}[]"), value, out)),
        Json::String(word) => {
            let _ = writeln!(out, "  {at} text ({word})");
        }
        Json::Number(_) => {
            let _ = writeln!(out, "  {at} number");
        }
        Json::Bool(_) => {
            let _ = writeln!(out, "  {at} flag");
        }
        Json::Null => {
            let _ = writeln!(out, "  {at} null");
        }
    }
}

fn rendered() -> String {
    let mut out = String::from(
        "# Generation 1 of the interface. tests/plugins/frozen.rs writes and compares this file.\n\n## Words\n\n",
    );
    words(&mut out);
    out.push_str("\n## The carrier of Rust, with a pointer of 8 bytes\n\n");
    let mut seen = BTreeSet::new();
    let roots = [
        <PluginModuleRef as StableAbi>::LAYOUT,
        <BoxedInstance as StableAbi>::LAYOUT,
        <HostRef<'static> as StableAbi>::LAYOUT,
        <wire::Text<'static> as StableAbi>::LAYOUT,
        <wire::OwnedText as StableAbi>::LAYOUT,
        <wire::Array<'static> as StableAbi>::LAYOUT,
        <wire::OwnedArray as StableAbi>::LAYOUT,
        <wire::Request<'static> as StableAbi>::LAYOUT,
        <wire::Answer as StableAbi>::LAYOUT,
        <wire::Failure as StableAbi>::LAYOUT,
        <wire::Extension as StableAbi>::LAYOUT,
        <wire::Chunk as StableAbi>::LAYOUT,
        <wire::OpenFile as StableAbi>::LAYOUT,
        <wire::Block as StableAbi>::LAYOUT,
    ];
    for root in roots {
        layout(root, &mut seen, &mut out);
    }
    out.push_str("\n## The table of C, with a pointer of 8 bytes\n\n");
    table_of_c(&mut out);
    out.push_str("\n## JSON, an example of each object\n\n");
    for (name, object) in objects() {
        let _ = writeln!(out, "{name}");
        paths("", &object, &mut out);
    }
    out
}

#[test]
#[cfg(target_pointer_width = "64")]
fn generation_1_is_as_it_was_frozen() {
    let path = workspace().join("tests/generations/1/interface.txt");
    let found = rendered();
    if std::env::var_os("VOXOMICS_FREEZE").is_some_and(|word| word == "write") {
        fs::write(&path, &found).expect("the file of generation 1");
    }
    let frozen = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (now, then) = (lines(&found), lines(&frozen));
    let gone: Vec<&String> = then.iter().filter(|line| !now.contains(line)).collect();
    let new: Vec<&String> = now.iter().filter(|line| !then.contains(line)).collect();
    assert!(
        now == then,
        "generation 1 of the interface is not as {} has it.\ngone: {gone:#?}\nnew: {new:#?}\n{ADVICE}",
        path.display()
    );
}

#[test]
fn what_is_left_out_has_the_default_that_it_had() {
    // The least that generation 1 lets a sender say. A newer reader must go on understanding it.
    let read = |what: &str, json: Json| -> Result<(), String> {
        fn of<T: serde::de::DeserializeOwned>(json: Json) -> Result<(), String> {
            serde_json::from_value::<T>(json).map(|_| ()).map_err(|cause| cause.to_string())
        }
        match what {
            "Library" => Library::read(&json.to_string()).map(|_| ()),
            "Configure" => of::<Configure>(json),
            "Load" => of::<Load>(json),
            "Loaded" => of::<Loaded>(json),
            "Maps" => of::<Maps>(json),
            "Whole" => of::<Whole>(json),
            "Seen" => of::<Seen>(json),
            "Needs" => of::<Needs>(json),
            "Compute" => of::<Compute>(json),
            "Reasons" => of::<Reasons>(json),
            "Inputs" => of::<Inputs>(json),
            "Labels" => of::<Labels>(json),
            "ExportNeeds" => of::<ExportNeeds>(json),
            "Export" => of::<Export>(json),
            "Files" => of::<Files>(json),
            other => Err(format!("no such object {other}")),
        }
    };
    let least_plugin = json!({ "kind": "features", "id": "x", "summary": "s",
        "settings": [{ "key": "k", "purpose": "p", "takes": "flag" }],
        "features": [{ "id": "f", "title": "t", "unit": "1", "meaning": "", "equation": "" }] });
    let least_card = json!({ "kind": "predict", "id": "x", "summary": "s",
        "card": { "ranges": [{ "input": "i", "min": 0, "max": 1 }] } });
    for (what, json) in [
        ("Library", json!({ "version": "1", "vendor": "v", "licence": "l", "plugins": [least_plugin, least_card] })),
        ("Configure", json!({ "settings": {} })),
        ("Load", json!({ "path": "p", "role": "image", "max_bytes": 1 })),
        ("Loaded", json!({ "images": [{}], "masks": [{}] })),
        ("Maps", json!({ "maps": [""] })),
        ("Whole", json!({})),
        ("Seen", json!({})),
        ("Needs", json!({ "matrices": [{ "kind": "glcm", "aggregation": "3D merged" }] })),
        ("Compute", json!({})),
        ("Reasons", json!({})),
        ("Inputs", json!({ "inputs": ["a"] })),
        ("Labels", json!({ "labels": [[1, "r"]] })),
        ("ExportNeeds", json!({})),
        (
            "Export",
            json!({ "case": "c", "columns": [{ "name": "n" }], "rows": [{ "region": "r" }],
            "scores": [{ "model": "m", "outputs": [{ "meaning": "score" }] }] }),
        ),
        ("Files", json!({ "files": [] })),
    ] {
        assert_eq!(read(what, json), Ok(()), "{what}");
    }
}
