#!/usr/bin/env python3
"""The Python package beside the command line, PyRadiomics and Pictologics: in turn (A B A B ...), ratios of medians.

    bash .ci/python && VENV/bin/pip install target/wheels/voxomics-*.whl SimpleITK pandas
    VENV/bin/python benches/python.py --reference FOLDER [--pyradiomics PYTHON] [--pictologics PYTHON] [--runs 7] [--cases 40]

--reference     the folder with ibsi/ibsi1/ct_phantom
--pyradiomics   a Python in which PyRadiomics 3.0.1 is installed
--pictologics   a Python in which Pictologics is installed

One round is: the program as a whole process, PyRadiomics' `execute` and Pictologics' pipeline in processes of their own, and a process of
Python that extracts the same case from arrays in memory, once cold and then warm. Then a list of cases, by command line and from a
DataFrame.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile, time

FAMILIES = "statistics histogram ivh morphology glcm glrlm glszm gldzm ngtdm ngldm".split()
EXPERIMENT = {
    "plugins": {"use": ["load-nifti"] + ["features-" + name for name in FAMILIES]},
    "regions": {"roi": {"any": True}},
    "discretisation": {"method": "fixed bin size", "width": 25, "minimum": -1000},
    "features": {
        **{name: {} for name in FAMILIES}, "morphology": {"autocorrelation": False},
        **{name: {"aggregation": "3D merged"} for name in ("glcm", "glrlm")},
        **{name: {"aggregation": "3D"} for name in ("glszm", "gldzm", "ngtdm", "ngldm")},
    },
}

IN_PYTHON = """
import json, sys, time
import numpy
image, mask, experiment, threads, warm = sys.argv[1], sys.argv[2], json.loads(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5])
import SimpleITK as sitk
image, mask = sitk.ReadImage(image), sitk.ReadImage(mask)
place = dict(spacing=image.GetSpacing(), origin=image.GetOrigin(), direction=image.GetDirection())
image, mask = sitk.GetArrayFromImage(image), sitk.GetArrayFromImage(mask)
started = time.perf_counter()
import voxomics
imported = time.perf_counter()
made = voxomics.Experiment(experiment)
ready = time.perf_counter()
found = made.extract(image, mask, threads=threads, modality="CT", **place)
first = time.perf_counter()
took = []
for _ in range(warm):
    at = time.perf_counter()
    found = made.extract(image, mask, threads=threads, modality="CT", **place)
    took.append(time.perf_counter() - at)
print(json.dumps(dict(import_s=imported - started, plan_s=ready - imported, first_s=first - ready, warm_s=min(took), values={k: float(v) for k, v in found.items()})))
"""

OF_PYRADIOMICS = """
import json, logging, sys, time
from radiomics import featureextractor
import SimpleITK as sitk
logging.getLogger("radiomics").setLevel(logging.ERROR)
image, mask = sitk.ReadImage(sys.argv[1]), sitk.ReadImage(sys.argv[2])
extractor = featureextractor.RadiomicsFeatureExtractor(binWidth=25, additionalInfo=False)
started = time.perf_counter()
extractor.execute(image, mask)
print(json.dumps(dict(execute_s=time.perf_counter() - started)))
"""

OF_PICTOLOGICS = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
from pictologics import RadiomicsPipeline
pipeline = RadiomicsPipeline(load_standard=False)
families = ["intensity", "morphology", "texture", "histogram", "ivh"]
discretise = {"step": "discretise", "params": {"method": "FBS", "bin_width": 25.0, "min_val": -1000.0}}
pipeline.add_config("all", [discretise, {"step": "extract_features", "params": {"families": families}}])
took = []
for _ in range(1 + int(sys.argv[3])):
    at = time.perf_counter()
    pipeline.run(image=sys.argv[1], mask=sys.argv[2], config_names=["all"])
    took.append(time.perf_counter() - at)
print(json.dumps(dict(warm_s=min(took[1:]))))
"""

IMPORT = """
import sys, time, resource
import numpy
peak = lambda: int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2**20
before, started = peak(), time.perf_counter()
import voxomics
print((time.perf_counter() - started) * 1000, peak() - before)
"""

ZERO_COPY = """
import resource, numpy, voxomics
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
image = numpy.random.default_rng(1).normal(0, 100, (256, 512, 512)).astype("float32")
mask = numpy.zeros(image.shape, "uint8")
mask[120:136, 240:270, 240:270] = 1
made = voxomics.Experiment({"features": {"statistics": {}}})
before = peak()
made.extract(image, mask, spacing=(1, 1, 1), axes="zyx")
print(image.nbytes / 2**20, peak() - before)
"""


def of(python, code, *words):
    done = subprocess.run([python, "-c", code, *words], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return done.stdout


def timed(command):
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        sys.exit(f"{command}\n{done.stderr}")
    return time.perf_counter() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--reference", required=True)
    parser.add_argument("--pyradiomics")
    parser.add_argument("--pictologics")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--cases", type=int, default=40)
    parser.add_argument("--threads", type=int, default=2)
    stated = parser.parse_args()
    import voxomics
    from voxomics._home import program

    phantom = os.path.join(os.path.abspath(stated.reference), "ibsi", "ibsi1", "ct_phantom")
    image, mask = (os.path.join(phantom, f"{name}.nii.gz") for name in ("image", "mask"))
    with tempfile.TemporaryDirectory() as folder:
        toml = str(voxomics.Experiment(EXPERIMENT).save(f"{folder}/all.toml"))
        rows = [{"case": f"case {n}", "image": image, "mask": mask, "modality": "CT"} for n in range(stated.cases)]

        def listed(path, rows):
            with open(path, "w") as file:
                file.write("case,image,mask,modality\n" + "".join(",".join(row.values()) + "\n" for row in rows))
            return path

        one, many = listed(f"{folder}/one.csv", rows[:1]), listed(f"{folder}/many.csv", rows)
        run = lambda cases, out: [str(program()), "run", toml, "--cases", cases, "--out", out, "--threads", str(stated.threads), "--quiet"]
        taken = {}
        note = lambda name, seconds: taken.setdefault(name, []).append(seconds)
        for number in range(stated.runs):
            out = f"{folder}/one-{number}"
            note("program, whole process", timed(run(one, out)))
            (case,) = json.load(open(f"{out}/run.json"))["cases"]
            note("program, less start-up and reading", sum(took for stage, took in case["seconds"].items() if stage != "load"))
            told = json.loads(of(sys.executable, IN_PYTHON, image, mask, json.dumps(EXPERIMENT), str(stated.threads), "10"))
            note("Python, plan", told["plan_s"])
            note("Python, first call from arrays", told["first_s"])
            note("Python, warm call from arrays", told["warm_s"])
            by_program = dict(zip(*[line.rstrip("\n").split(",") for line in open(f"{out}/features.csv")]))
            differs = [k for k, v in told["values"].items() if v == v and float(by_program[k]) != v]
            assert not differs, differs
            if stated.pyradiomics:
                note("PyRadiomics, execute", json.loads(of(stated.pyradiomics, OF_PYRADIOMICS, image, mask))["execute_s"])
            if stated.pictologics:
                told = of(stated.pictologics, OF_PICTOLOGICS, image, mask, "10")
                note("Pictologics, warm call with reading", json.loads(told.splitlines()[-1])["warm_s"])
        for number in range(max(stated.runs // 2, 3)):
            note(f"{stated.cases} cases, command line", timed(run(many, f"{folder}/cli-{number}")))
            try:
                import pandas
                frame = pandas.DataFrame(rows)
            except ImportError:
                frame = rows
            started = time.perf_counter()
            voxomics.run(toml, frame, f"{folder}/frame-{number}", threads=stated.threads, progress=False)
            note(f"{stated.cases} cases, DataFrame", time.perf_counter() - started)
        medians = {name: statistics.median(seconds) for name, seconds in taken.items()}
        for name, seconds in taken.items():
            print(f"{name:40} {medians[name]:8.3f} s   ({min(seconds):.3f} to {max(seconds):.3f})")
        ratio = lambda a, b: print(f"{a} / {b}: {medians[a] / medians[b]:.2f}") if a in medians and b in medians else None
        ratio("Python, first call from arrays", "program, less start-up and reading")
        ratio("Python, warm call from arrays", "program, less start-up and reading")
        ratio(f"{stated.cases} cases, DataFrame", f"{stated.cases} cases, command line")
        ratio("Python, warm call from arrays", "Pictologics, warm call with reading")
        ratio("PyRadiomics, execute", "Python, warm call from arrays")
        ratio("PyRadiomics, execute", "Python, first call from arrays")
    imports = [tuple(map(float, of(sys.executable, IMPORT).split())) for _ in range(9)]
    print("import voxomics after numpy: {:.0f} ms, {:.1f} MB".format(*(statistics.median(x) for x in zip(*imports))))
    print("image of {:.0f} MB: the peak grows by {:.1f} MB".format(*map(float, of(sys.executable, ZERO_COPY).split())))


if __name__ == "__main__":
    main()
