#!/usr/bin/env python3
"""How fast a series is read: 134 slices of 512 x 512, beside merely decoding their pixels. By hand, on a machine with nothing else
to do.

    cargo build --release --workspace
    cargo build --release -p voxomics-tests --example dicom_series
    python3 benches/reading.py [--runs 9] [--most 1.4] [--folder FOLDER]

Reading is `voxomics check --cases`, which opens the case and draws a region, less the same without a case, which starts the program and
its plugins. Decoding is `dicom_series read`, which takes the pixels out of each file and adds them up. They run in turn; the figure is
the ratio of medians. Exit code 1: it is above --most.

VOXOMICS and SERIES in the environment name other programs than target/release/voxomics and
target/release/examples/dicom_series. The series is made in --folder, or in a folder that goes with the script.
"""
import argparse, os, statistics, subprocess, sys, tempfile, time

HERE = os.path.dirname(os.path.abspath(__file__))
RELEASE = os.path.join(HERE, "..", "target", "release")
PROGRAM = os.environ.get("VOXOMICS") or os.path.join(RELEASE, "voxomics")
SERIES = os.environ.get("SERIES") or os.path.join(RELEASE, "examples", "dicom_series")
EXPERIMENT = """[plugins]
use = ["load-dicom", "features-statistics"]
[regions.roi]
name = "region 1"
[features.statistics]
"""


def seconds(command):
    """Wall seconds of a process that must succeed."""
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True)
    took = time.perf_counter() - began
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
    return took


def measure(folder, runs):
    """Median seconds of starting, of opening the case, and of decoding."""
    experiment, cases = os.path.join(folder, "experiment.toml"), os.path.join(folder, "cases.csv")
    with open(experiment, "w") as file:
        file.write(EXPERIMENT)
    with open(cases, "w") as file:
        file.write("case,image,mask\na,ct,rs.dcm\n")
    commands = {
        "start": [PROGRAM, "check", experiment],
        "open": [PROGRAM, "check", experiment, "--cases", cases],
        "decode": [SERIES, "read", os.path.join(folder, "ct")],
    }
    for command in commands.values():
        seconds(command)  # The files are in memory from here on, for all of them.
    taken = {name: [] for name in commands}
    for _ in range(runs):
        for name, command in commands.items():
            taken[name].append(seconds(command))
    return {name: statistics.median(times) for name, times in taken.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--most", type=float, default=1.4)
    parser.add_argument("--folder")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as own:
        folder = given.folder or own
        if not os.path.isdir(os.path.join(folder, "ct")):
            seconds([SERIES, "make", folder])
        medians = measure(folder, given.runs)
    reading = medians["open"] - medians["start"]
    ratio = reading / medians["decode"]
    print(f"reading {reading:.3f} s, decoding {medians['decode']:.3f} s, ratio {ratio:.2f} (at most {given.most}), "
          f"{given.runs} runs of each")
    return 0 if ratio <= given.most else 1


if __name__ == "__main__":
    sys.exit(main())
