#!/usr/bin/env python3
"""Voxomics beside other radiomics tools: whole processes, in turn (A B A B ...), ratios of medians.

    cargo build --release
    python3 benches/peers.py --inputs FOLDER --reference FOLDER [--peers FOLDER] [--scripts FOLDER] [--runs 5] [TASK ...]

--reference   the folder with ibsi/ibsi1/ct_phantom
--inputs      a folder with big_image.nii.gz, big_mask.nii.gz (a ball of 4 million voxels) and batch/batch.csv (40 cases,
              columns ID, Image, Mask)
--peers       a folder with a Python environment a tool: pyradiomics, pictologics, mirp, nyxus; a tool that is not there is
              left out
--scripts     the folder with run_pyradiomics.py, run_pictologics.py, run_mirp.py, run_nyxus.py, batch_pictologics.py and
              params/, which run the tools
--threads     threads of ours (2)

VOXOMICS in the environment names another program than target/release/voxomics.

Tasks: ct, ct-spatial, ball, ball-spatial, batch, threads, region, scan, profile; all of them by default.
region doubles a ball along each axis in the same scan, scan doubles a scan along each axis around the same ball: what
should grow eightfold with the first, and only with decompression with the second.
"""
import argparse, array, gzip, json, os, random, re, shutil, statistics, struct, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.environ.get("VOXOMICS") or os.path.join(HERE, "..", "target", "release", "voxomics")
FAMILIES = "statistics histogram ivh morphology glcm glrlm glszm gldzm ngtdm ngldm".split()
DIRECTIONAL, ZONAL = "glcm glrlm".split(), "glszm gldzm ngtdm ngldm".split()


def experiment(path, spatial, minimum, width=25, families=FAMILIES):
    """Every 3D family of the original image, matrices 3D merged."""
    names = list(families) + (["local-intensity"] if spatial else [])
    lines = ["[plugins]", "use = [" + ", ".join(f'"{n}"' for n in ["load-nifti"] + ["features-" + n for n in names]) + "]",
             "[regions.roi]", "any = true", "[discretisation]", 'method = "fixed bin size"', f"width = {width}",
             f"minimum = {minimum}"]
    for name in names:
        lines.append(f"[features.{name.replace('-', '_')}]")
        if name in DIRECTIONAL:
            lines.append('aggregation = "3D merged"')
        if name in ZONAL:
            lines.append('aggregation = "3D"')
        if name == "morphology" and not spatial:
            lines.append("autocorrelation = false")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    return path


def case_list(path, image, mask):
    with open(path, "w") as file:
        file.write(f"case,image,mask\ncase,{os.path.abspath(image)},{os.path.abspath(mask)}\n")
    return path


def ours(folder, toml, cases, threads, tag="ours"):
    return [PROGRAM, "run", toml, "--cases", cases, "--out", os.path.join(folder, tag), "--threads", str(threads), "--quiet"]


def measure(command, environment=None):
    """Wall seconds, CPU seconds, peak MB, what it said."""
    if "--out" in command:
        # What an earlier run finished would be found again.
        shutil.rmtree(command[command.index("--out") + 1], ignore_errors=True)
    started = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        said.seek(0)
        text = said.read().decode(errors="replace")
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{' '.join(command)}\nended with {process.returncode}:\n{text}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, text


def warm(text):
    """The best warm call that a tool reports of itself."""
    found = re.search(r'"warm_s": ([0-9.e-]+)', text)
    return float(found.group(1)) if found else None


def beside(title, commands, runs):
    """Runs the commands in turn and prints medians and ratios to the first."""
    results = {name: [] for name in commands}
    for name, command in commands.items():
        measure(command)
    for _ in range(runs):
        for name, command in commands.items():
            results[name].append(measure(command))
    first = next(iter(commands))
    base = statistics.median(r[0] for r in results[first])
    print(f"\n{title} ({runs} runs each, in turn)")
    print(f"  {'':<28} {'wall s':>8} {'min':>8} {'CPU s':>8} {'MB':>7} {'ratio':>7}")
    for name, rows in results.items():
        wall, cpu, memory = (statistics.median(r[i] for r in rows) for i in range(3))
        print(f"  {name:<28} {wall:8.3f} {min(r[0] for r in rows):8.3f} {cpu:8.3f} {memory:7.0f} {wall / base:7.2f}")
        calls = [w for w in (warm(r[3]) for r in rows) if w is not None]
        if calls:
            call = statistics.median(calls)
            print(f"  {name + ', warm call':<28} {call:8.3f} {min(calls):8.3f} {'':8} {'':7} {call / base:7.2f}")
    return results


def peer(arguments, name):
    python = os.path.join(arguments.peers or "", name, "bin", "python")
    return python if arguments.peers and arguments.scripts and os.path.exists(python) else None


def rivals(arguments, folder, image, mask, minimum, spatial, names):
    """The commands of the other tools on one case."""
    script = lambda name: os.path.join(arguments.scripts, name)
    commands = {}
    if "pictologics" in names and (python := peer(arguments, "pictologics")):
        command = [python, script("run_pictologics.py"), image, mask, f"{folder}/pictologics.csv", "25", str(minimum), "5"]
        commands["pictologics"] = command + (["spatial"] if spatial else [])
    if "pyradiomics" in names and (python := peer(arguments, "pyradiomics")):
        yaml = script("params/pyrad_original_bw25.yaml")
        commands["pyradiomics"] = [python, script("run_pyradiomics.py"), image, mask, yaml, f"{folder}/pyradiomics.csv"]
    if "nyxus" in names and (python := peer(arguments, "nyxus")):
        parameters = script("params/nyxus_3d_radiomics64.json" if minimum == 0 else "params/nyxus_3d_radiomics69.json")
        if os.path.exists(parameters):
            commands["nyxus"] = [python, script("run_nyxus.py"), image, mask, parameters, f"{folder}/nyxus.csv"]
    if "mirp" in names and (python := peer(arguments, "mirp")):
        parameters = script("params/mirp_original_bw25.json")
        if os.path.exists(parameters):
            commands["mirp"] = [python, script("run_mirp.py"), image, mask, parameters, f"{folder}/mirp.csv"]
    return commands


def one_case(arguments, folder, title, image, mask, minimum, spatial, names):
    toml = experiment(f"{folder}/all.toml", spatial, minimum)
    cases = case_list(f"{folder}/case.csv", image, mask)
    commands = {"voxomics": ours(folder, toml, cases, arguments.threads)}
    commands.update(rivals(arguments, folder, image, mask, minimum, spatial, names))
    return beside(title, commands, arguments.runs)


def batch(arguments, folder):
    listing = f"{arguments.inputs}/batch/batch.csv"
    with open(listing) as file:
        rows = [line.strip().split(",") for line in file][1:]
    cases = f"{folder}/batch.csv"
    with open(cases, "w") as file:
        file.write("case,image,mask\n" + "".join(",".join(row) + "\n" for row in rows))
    toml = experiment(f"{folder}/all.toml", False, -1000)
    commands = {"voxomics": ours(folder, toml, cases, arguments.threads)}
    if python := peer(arguments, "pictologics"):
        script = os.path.join(arguments.scripts, "batch_pictologics.py")
        commands["pictologics"] = [python, script, listing, f"{folder}/pictologics", str(arguments.threads)]
    if arguments.peers and os.path.exists(program := f"{arguments.peers}/pyradiomics/bin/pyradiomics"):
        yaml = os.path.join(arguments.scripts, "params/pyrad_original_bw25.yaml")
        commands["pyradiomics"] = [program, listing, "-o", f"{folder}/pyradiomics.csv", "-f", "csv", "--param", yaml,
                                   "--jobs", str(arguments.threads)]
    beside(f"batch of {len(rows)}", commands, arguments.runs)
    beside("batch, threads", {f"{n} threads": ours(folder, toml, cases, n, f"t{n}") for n in (1, 2)}, arguments.runs)


def threads(arguments, folder, ball):
    toml = experiment(f"{folder}/all.toml", False, 0)
    cases = case_list(f"{folder}/ball.csv", *ball)
    beside("ball, threads", {f"{n} threads": ours(folder, toml, cases, n, f"t{n}") for n in (1, 2)}, arguments.runs)


def nifti(path, side, code, bits, slices):
    """A cube of voxels of 1 mm; `slices` gives the bytes of one slice after the other."""
    header = bytearray(352)
    struct.pack_into("<i", header, 0, 348)
    struct.pack_into("<8h", header, 40, 3, side, side, side, 1, 1, 1, 1)
    struct.pack_into("<2h", header, 70, code, bits)
    struct.pack_into("<8f", header, 76, 1, 1, 1, 1, 1, 1, 1, 1)
    struct.pack_into("<3f", header, 108, 352, 1, 0)
    struct.pack_into("<2h", header, 252, 0, 1)
    for row in range(3):
        struct.pack_into("<4f", header, 280 + 16 * row, *(float(row == column) for column in range(4)))
    header[344:348] = b"n+1\0"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(header)
        for part in slices:
            file.write(part)


def made_ball(folder, side, radius):
    """A scan of `side` voxels a side, 64 levels of noise on a slope, and a ball in its middle."""
    middle, noise = side // 2, random.Random(7)
    table = array.array("h", (noise.randrange(400) for _ in range(1 << 16))).tobytes()
    def image():
        for z in range(side):
            rows = (bytearray(table[2 * (start := noise.randrange((1 << 16) - side)):2 * (start + side)]) for _ in range(side))
            slice_ = array.array("h", b"".join(rows))
            yield array.array("h", (x + 1100 * z // side for x in slice_)).tobytes()
    def mask():
        for z in range(side):
            rows = []
            for y in range(side):
                rest = radius**2 - (y - middle) ** 2 - (z - middle) ** 2
                half = int(rest**0.5) if rest >= 0 else -1
                row = bytearray(side)
                row[middle - half:middle + half + 1] = b"\1" * (2 * half + 1)
                rows.append(bytes(row))
            yield b"".join(rows)
    paths = [f"{folder}/{name}-{side}-{radius}.nii.gz" for name in ("image", "mask")]
    nifti(paths[0], side, 4, 16, image())
    nifti(paths[1], side, 2, 8, mask())
    return case_list(f"{folder}/made-{side}-{radius}.csv", *paths)


def growth(arguments, folder, title, sizes):
    """Ours on balls of growing radius or in growing scans, the smallest first."""
    toml = experiment(f"{folder}/all.toml", False, 0)
    commands = {}
    for side, radius in sizes:
        name = f"scan {side}, ball {radius}"
        commands[name] = ours(folder, toml, made_ball(folder, side, radius), arguments.threads, f"g{side}-{radius}")
    beside(title, commands, arguments.runs)
    for side, radius in sizes:
        with open(f"{folder}/g{side}-{radius}/run.json") as file:
            seconds = json.load(file)["cases"][0]["seconds"]
        print(f"  scan {side}, ball {radius}:", ", ".join(f"{stage} {s:.3f} s" for stage, s in seconds.items()))


def profile(arguments, folder, pairs):
    """Where the time goes: each family alone, and the floor of loading only."""
    for title, (image, mask), minimum in pairs:
        cases = case_list(f"{folder}/case.csv", image, mask)
        commands = {}
        for name in ["none"] + FAMILIES + ["local-intensity"]:
            families = ["histogram"] if name == "none" else [name]
            toml = experiment(f"{folder}/{name}.toml", False, minimum, families=families)
            commands["loading + histogram" if name == "none" else name] = ours(folder, toml, cases, arguments.threads, name)
        toml = experiment(f"{folder}/moran.toml", False, minimum, families=["morphology"])
        with open(toml) as file:
            text = file.read().replace("autocorrelation = false", "autocorrelation = true")
        with open(toml, "w") as file:
            file.write(text)
        commands["morphology + Moran, Geary"] = ours(folder, toml, cases, arguments.threads, "moran")
        beside(f"{title}: each family alone, with loading", commands, arguments.runs)
        with open(f"{folder}/moran/run.json") as file:
            print("  stages of the last:", json.load(file)["cases"][0]["seconds"])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("inputs", "reference", "peers", "scripts"):
        parser.add_argument(f"--{name}")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("task", nargs="*")
    arguments = parser.parse_args()
    tasks = arguments.task or ["ct", "ct-spatial", "ball", "ball-spatial", "batch", "threads", "region", "scan", "profile"]
    phantom = f"{arguments.reference}/ibsi/ibsi1/ct_phantom"
    ct = (f"{phantom}/image.nii.gz", f"{phantom}/mask.nii.gz")
    ball = (f"{arguments.inputs}/big_image.nii.gz", f"{arguments.inputs}/big_mask.nii.gz")
    with tempfile.TemporaryDirectory() as folder:
        if "ct" in tasks:
            one_case(arguments, folder, "CT phantom, all 3D families", *ct, -1000, False, ["pictologics", "pyradiomics", "mirp"])
        if "ct-spatial" in tasks:
            one_case(arguments, folder, "CT phantom, with Moran, Geary, peaks", *ct, -1000, True, ["pictologics"])
        if "ball" in tasks:
            one_case(arguments, folder, "ball, all 3D families", *ball, 0, False, ["pictologics", "nyxus", "pyradiomics"])
        if "ball-spatial" in tasks:
            one_case(arguments, folder, "ball, with Moran, Geary, peaks", *ball, 0, True, ["pictologics"])
        if "batch" in tasks:
            batch(arguments, folder)
        if "threads" in tasks:
            threads(arguments, folder, ball)
        if "region" in tasks:
            growth(arguments, folder, "region x 8 in the same scan", [(256, 49), (256, 98)])
        if "scan" in tasks:
            growth(arguments, folder, "scan x 8 around the same region", [(128, 49), (256, 49)])
        if "profile" in tasks:
            profile(arguments, folder, [("CT phantom", ct, -1000), ("ball", ball, 0)])


if __name__ == "__main__":
    main()
