#!/usr/bin/env python3
"""Filters and banks of filters beside Pictologics and PyRadiomics: in turn (A B A B ...), medians and ratios.

    cargo build --release
    bash .ci/python WHEELS && VENV/bin/pip install WHEELS/voxomics-*.whl
    VENV/bin/python benches/filters.py --reference FOLDER --peers FOLDER [--scripts FOLDER] [--runs 5] [TASK ...]

--reference   the folder with ibsi/ibsi1/ct_phantom
--peers       a folder with a Python environment for each tool: pictologics, pyradiomics; a tool that is not there is left out
--scripts     the folder with run_pyradiomics.py and params/, which run PyRadiomics
--threads     threads of ours (2)

VOXOMICS in the environment names another program than target/release/voxomics. `voxomics` must be importable for the task `filters`.

Tasks: bank (12 images, 1 mm: original, LoG 1/3/5 mm, coif1; our whole process beside a warm call), bank-pyradiomics (17 images, 1 mm;
whole processes), bank-threads (40 cases of the first, 1 thread and 2), filters (one filter on an array of 200 x 197 x 180 in memory,
ours beside a warm call). All of them by default.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

from peers import PROGRAM, beside, case_list, measure, ours, peer

HERE = os.path.dirname(os.path.abspath(__file__))
#: Voxels along z, y, x of the array of `filters`: the CT phantom at 1 mm.
SHAPE = (180, 197, 200)

#: The same filter here and there: our name and settings, their function and arguments.
FILTERS = {
    "LoG 3 mm": (
        ("laplacian-of-gaussian", {"sigma_mm": 3, "padding": "zero"}),
        ("log.laplacian_of_gaussian", {"sigma_mm": 3.0, "spacing_mm": 1.0}),
    ),
    "coif1 LLH, 24 rotations": (
        ("wavelet", {"wavelet": "coif1", "bands": "LLH", "rotation_invariance": "average", "padding": "zero"}),
        ("wavelets.wavelet_transform", {"wavelet": "coif1", "decomposition": "LLH", "rotation_invariant": True}),
    ),
    "Laws E5W5R5, 24 rotations, energy": (
        ("laws", {"kernels": "E5W5R5", "rotation_invariance": "max", "energy_distance_voxels": 7, "padding": "zero"}),
        ("laws.laws_filter", {"kernels": "E5W5R5", "rotation_invariant": True, "pooling": "max", "compute_energy": True, "energy_distance": 7}),
    ),
    "Gabor 10 mm": (
        ("gabor", {"sigma_mm": 10, "lambda_mm": 4, "gamma": 0.5, "theta_deg": 45, "padding": "zero"}),
        ("gabor.gabor_filter", {"sigma_mm": 10.0, "lambda_mm": 4.0, "gamma": 0.5, "theta": 0.7853981633974483, "spacing_mm": 1.0}),
    ),
    "Simoncelli 1": (
        ("simoncelli", {"levels": [1]}),
        ("wavelets.simoncelli_wavelet", {"level": 1}),
    ),
    "Riesz 110 of Simoncelli 1": (
        ("riesz", {"orders": "110", "base": "simoncelli", "level": 1, "padding": "periodic"}),
        ("riesz.riesz_simoncelli", {"level": 1, "order": (1, 1, 0)}),
    ),
}

BANDS = [a + b + c for a in "LH" for b in "LH" for c in "LH"]
FAMILIES = "statistics histogram ivh glcm glrlm glszm gldzm ngtdm ngldm".split()


def bank(path):
    """Original, LoG and coif1 at 1 mm: every family of each image, morphology of the region."""
    families = FAMILIES + ["morphology"]
    plugins = ["load-nifti", "filter-laplacian-of-gaussian", "filter-wavelet", *("features-" + name for name in families)]
    lines = ["[plugins]", f"use = {json.dumps(plugins)}", "[regions.roi]", "any = true", "[interpolation]", "spacing_mm = [1, 1, 1]",
             "[discretisation]", 'method = "fixed bin number"', "bins = 32", "[images.original]"]
    for sigma in [1, 3, 5]:
        lines += [f"[images.log_{sigma}]", 'filter = "laplacian-of-gaussian"', f"sigma_mm = {sigma}"]
    lines += ["[images.coif1]", 'filter = "wavelet"', 'wavelet = "coif1"', f'bands = "{" ".join(BANDS)}"']
    for name in families:
        lines.append(f"[features.{name}]")
        if name in ("glcm", "glrlm"):
            lines.append('aggregation = "3D merged"')
        elif name in ("glszm", "gldzm", "ngtdm", "ngldm"):
            lines.append('aggregation = "3D"')
        elif name == "morphology":
            lines += ["autocorrelation = false", 'images = ["original"]']
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def pictologics_bank(image, mask, repeats):
    """Runs in Pictologics' environment: the bank, and the best warm call."""
    from pictologics import RadiomicsPipeline

    pipeline = RadiomicsPipeline(load_standard=False)
    steps = {"original": None}
    steps.update({f"log_{sigma}": {"type": "log", "sigma_mm": float(sigma)} for sigma in [1, 3, 5]})
    steps.update({band: {"type": "wavelet", "wavelet": "coif1", "decomposition": band} for band in BANDS})
    for name, chosen in steps.items():
        families = ["intensity", "texture", "histogram", "ivh"] + (["morphology"] if chosen is None else [])
        chain = [{"step": "resample", "params": {"new_spacing": (1.0, 1.0, 1.0)}}]
        chain += [] if chosen is None else [{"step": "filter", "params": chosen}]
        chain += [{"step": "discretise", "params": {"method": "FBN", "n_bins": 32}},
                  {"step": "extract_features", "params": {"families": families}}]
        pipeline.add_config(name, chain)
    names = list(steps)
    taken = []
    for _ in range(repeats + 1):
        began = time.perf_counter()
        result = pipeline.run(image=image, mask=mask, config_names=names)
        taken.append(time.perf_counter() - began)
    count = sum(len(values) for values in result.values())
    print(json.dumps({"first_s": taken[0], "warm_s": min(taken[1:]), "n_features": count}), file=sys.stderr)


def timed(call, repeats):
    call()
    taken = []
    for _ in range(repeats):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return min(taken)


def array():
    import numpy as np

    noise = np.random.default_rng(0).normal(0, 100, SHAPE)
    return noise


def filters_there(name):
    """Runs in Pictologics' environment: the best warm call of one filter."""
    import importlib

    module, function = FILTERS[name][1][0].split(".")
    call = getattr(importlib.import_module(f"pictologics.filters.{module}"), function)
    image = array().astype("float32")
    print(json.dumps({"warm_s": timed(lambda: call(image, **FILTERS[name][1][1]), 3)}), file=sys.stderr)


def filters_here(name):
    """The best call of one of our filters, on an array in memory."""
    import voxomics

    (which, settings), image = FILTERS[name][0], array()
    call = lambda: voxomics.filtered(image, filter=which, settings=settings, spacing=(1, 1, 1), threads=2)
    print(json.dumps({"warm_s": timed(call, 3)}), file=sys.stderr)


def inner(python, *words):
    return [python, os.path.abspath(__file__), "--inner", *map(str, words)]


def filters(arguments):
    there = peer(arguments, "pictologics")
    print(f"\none filter on {SHAPE[2]} x {SHAPE[1]} x {SHAPE[0]} voxels, best warm call of each process ({arguments.runs} in turn, medians)")
    print(f"  {'':<36} {'here s':>8} {'there s':>8} {'ratio':>7} {'here MB':>8} {'there MB':>8}")
    for name in FILTERS:
        commands = {"here": inner(sys.executable, "here", name)} | ({"there": inner(there, "there", name)} if there else {})
        told = {which: [] for which in commands}
        for _ in range(arguments.runs):
            for which, command in commands.items():
                _, _, memory, text = measure(command)
                told[which].append((json.loads(text.strip().splitlines()[-1])["warm_s"], memory))
        median = lambda which, at: statistics.median(row[at] for row in told[which]) if which in told else float("nan")
        here, other = median("here", 0), median("there", 0)
        print(f"  {name:<36} {here:8.3f} {other:8.3f} {other / here:7.2f} {median('here', 1):8.0f} {median('there', 1):8.0f}")


def main():
    if "--inner" in sys.argv:
        task, *words = sys.argv[sys.argv.index("--inner") + 1:]
        return {"here": filters_here, "there": filters_there, "bank": lambda a, b: pictologics_bank(a, b, 3)}[task](*words)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("reference", "peers", "scripts"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("task", nargs="*")
    arguments = parser.parse_args()
    arguments.scripts = arguments.scripts or HERE
    tasks = arguments.task or ["bank", "bank-pyradiomics", "bank-threads", "filters"]
    phantom = f"{arguments.reference}/ibsi/ibsi1/ct_phantom"
    image, mask = f"{phantom}/image.nii.gz", f"{phantom}/mask.nii.gz"
    with tempfile.TemporaryDirectory() as folder:
        cases = case_list(f"{folder}/case.csv", image, mask)
        if "bank" in tasks:
            commands = {"voxomics": ours(folder, bank(f"{folder}/bank.toml"), cases, arguments.threads)}
            if there := peer(arguments, "pictologics"):
                commands["pictologics"] = inner(there, "bank", image, mask)
            beside("CT phantom at 1 mm, 12 images", commands, arguments.runs)
        if "bank-pyradiomics" in tasks:
            toml, yaml = f"{folder}/pyradiomics.toml", os.path.join(arguments.scripts, "params/pyrad_bank_1mm_nolbp.yaml")
            subprocess.run([PROGRAM, "import", "pyradiomics", yaml, "--out", toml], check=False)  # exit code 3: something has other numbers
            commands = {"voxomics": ours(folder, toml, cases, arguments.threads)}
            if there := peer(arguments, "pyradiomics"):
                script = os.path.join(arguments.scripts, "run_pyradiomics.py")
                commands["pyradiomics"] = [there, script, image, mask, yaml, f"{folder}/pyradiomics.csv"]
            beside("CT phantom, PyRadiomics' bank at 1 mm, 17 images", commands, arguments.runs)
        if "bank-threads" in tasks:
            many = f"{folder}/many.csv"
            with open(many, "w") as file:
                file.write("case,image,mask\n" + "".join(f"c{n},{image},{mask}\n" for n in range(40)))
            toml = bank(f"{folder}/bank.toml")
            commands = {f"{count} threads": ours(folder, toml, many, count, f"t{count}") for count in (2, 1)}
            commands["one case"] = ours(folder, toml, cases, 1, "one")
            beside("40 cases of the 12 images", commands, arguments.runs)
        if "filters" in tasks:
            filters(arguments)


main()
