"""Elastic nets by scikit-learn and scikit-survival on made tables, ComBat by neuroCombat on made and on real ones.

    python -m venv venv && venv/bin/pip install numpy scipy scikit-learn scikit-survival neuroCombat lifelines pingouin
    venv/bin/python tests/oracle/learning.py            # compares with learning.txt, which the tests compare with
    venv/bin/python tests/oracle/learning.py --check    # the same
    venv/bin/python tests/oracle/learning.py --write    # writes learning.txt

Gaussian: `ElasticNet`, whose result must meet the optimality conditions to 1e-10. Logistic: `LogisticRegression` (saga),
which is not precise enough, so that Newton's method finishes it on the support that it found. Cox: with Breslow's ties,
`CoxnetSurvivalAnalysis`, finished in the same way; with Efron's ties and with weights, which it does not have, a slow
proximal gradient method, finished in the same way. Every finished model must meet the optimality conditions, of plain
derivatives in this file, to 1e-12.
"""

import contextlib
import io
import pathlib
import sys
import warnings

# The folder has a file with the name of a module of the standard library, which must be found first.
HERE = pathlib.Path(__file__).resolve().parent
sys.path = [folder for folder in sys.path if pathlib.Path(folder or ".").resolve() != HERE]

import numpy as np

STORED = HERE / "learning.txt"
SHARES = [0.7, 0.2, 0.05]


# ---------------------------------------------------------------------------------------------------------- data sets


def data_set(seed, rows, columns, hidden, noise, ties):
    """Columns that share hidden factors, and a response of each family; all rounded, so that they are stored exactly."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(rows, hidden)) @ rng.normal(size=(hidden, columns)) + noise * rng.normal(size=(rows, columns))
    x = np.round(x * rng.uniform(0.2, 5, size=columns) + rng.uniform(-3, 3, size=columns), 4)
    standard = (x - x.mean(0)) / x.std(0)
    eta = standard[:, :4] @ np.array([0.9, -0.6, 0.4, 0.3])
    time = rng.exponential(np.exp(-eta) * 6)
    return {
        "x": x,
        "y": np.round(5 + eta + rng.normal(size=rows), 4),
        "class": (rng.uniform(size=rows) < 1 / (1 + np.exp(-eta))).astype(float),
        "time": np.ceil(time) if ties else np.round(time + np.arange(rows) * 1e-3, 4),
        "event": (rng.uniform(size=rows) < 0.65).astype(float),
        "weights": np.round(rng.uniform(0.2, 2, size=rows), 2),
    }


def data_sets():
    return {
        "tall": data_set(1, 70, 10, 8, 1.0, ties=False),
        "wide": data_set(2, 30, 50, 10, 0.5, ties=False),
        "correlated": data_set(3, 60, 16, 3, 0.15, ties=False),
        "tied": data_set(4, 60, 12, 6, 0.7, ties=True),
    }


# --------------------------------------------------------------------- losses with their derivatives, as they are defined


class Gaussian:
    intercept = True

    def __init__(self, data, weights, ties):
        self.y, self.w = data["y"], weights

    def derivatives(self, eta):
        """Value, gradient and Hessian in η."""
        return 0.5 * self.w @ (self.y - eta) ** 2, self.w * (eta - self.y), np.diag(self.w)


class Binomial:
    intercept = True

    def __init__(self, data, weights, ties):
        self.y, self.w = data["class"], weights

    def derivatives(self, eta):
        p = 1 / (1 + np.exp(-eta))
        value = self.w @ (np.logaddexp(0, eta) - self.y * eta)
        return value, self.w * (p - self.y), np.diag(self.w * p * (1 - p))


class Cox:
    intercept = False

    def __init__(self, data, weights, ties):
        self.time, self.event, self.w, self.ties = data["time"], data["event"] == 1, weights, ties

    def derivatives(self, eta):
        value, gradient, hessian = 0.0, np.zeros(len(eta)), np.zeros((len(eta), len(eta)))
        hazard = self.w * np.exp(eta)
        for t in np.unique(self.time[self.event]):
            tied = self.event & (self.time == t)
            count = tied.sum()
            value -= self.w[tied] @ eta[tied]
            gradient[tied] -= self.w[tied]
            for place in range(count):
                fraction = place / count if self.ties == "efron" else 0.0
                part = hazard * (self.time >= t) * (1 - fraction * tied)
                weight = self.w[tied].sum() / count
                share = part / part.sum()
                value += weight * np.log(part.sum())
                gradient += weight * share
                hessian += weight * (np.diag(share) - np.outer(share, share))
        return value, gradient, hessian


LOSSES = {"gaussian": Gaussian, "binomial": Binomial, "cox": Cox}


# ------------------------------------------------------------------------------------------------------------ solvers


def violation(loss, x, b0, b, alpha, lam):
    """Of the optimality conditions."""
    gradient = loss.derivatives(b0 + x @ b)[1]
    pull = -x.T @ gradient
    off = np.where(b == 0, np.abs(pull) - lam * alpha, np.abs(pull - lam * ((1 - alpha) * b + alpha * np.sign(b))))
    return max(off.max(), abs(gradient.sum()) if loss.intercept else 0)


def finish(loss, x, b0, b, alpha, lam):
    """Newton's method at fixed signs, until rounding stops it."""
    b = np.where(np.abs(b) < 1e-9, 0, b)
    kept = np.flatnonzero(b)
    signs = np.sign(b[kept])
    design = np.column_stack([np.ones(len(x)), x[:, kept]]) if loss.intercept else x[:, kept]
    first = 1 if loss.intercept else 0
    theta = np.concatenate([[b0] * first, b[kept]])
    ridge = np.diag([0.0] * first + [lam * (1 - alpha)] * len(kept))
    pull = np.concatenate([[0.0] * first, lam * alpha * signs])
    for _ in range(30):
        _, gradient, hessian = loss.derivatives(design @ theta)
        rest = design.T @ gradient + ridge @ theta + pull
        theta = theta - np.linalg.solve(design.T @ hessian @ design + ridge, rest)
    assert (np.sign(theta[first:]) == signs).all(), "a sign turned: the start was not near enough"
    done = np.zeros(x.shape[1])
    done[kept] = theta[first:]
    b0 = theta[0] if loss.intercept else 0.0
    assert violation(loss, x, b0, done, alpha, lam) < 1e-12, violation(loss, x, b0, done, alpha, lam)
    return b0, done


def proximal_gradient(loss, x, alpha, lam):
    """Accelerated, with restarts; step lengths from the curvature at 0, halved where they are too long."""
    b, momentum, t = np.zeros(x.shape[1]), np.zeros(x.shape[1]), 1.0
    step = 1 / (np.linalg.eigvalsh(x.T @ loss.derivatives(np.zeros(len(x)))[2] @ x).max() * 1.5)

    def objective(b):
        return loss.derivatives(x @ b)[0] + lam * (alpha * np.abs(b).sum() + 0.5 * (1 - alpha) * b @ b)

    last = objective(b)
    for iteration in range(200_000):
        to = momentum - step * (x.T @ loss.derivatives(x @ momentum)[1])
        new = np.sign(to) * np.maximum(np.abs(to) - step * lam * alpha, 0) / (1 + step * lam * (1 - alpha))
        value = objective(new)
        if value > last + 1e-15:
            if t == 1.0:
                step /= 2
            momentum, t = b, 1.0
            continue
        after = (1 + np.sqrt(1 + 4 * t * t)) / 2
        b, momentum, t, last = new, new + (t - 1) / after * (new - b), after, value
        if iteration % 50 == 0 and violation(loss, x, 0.0, b, alpha, lam) < 1e-9:
            return b
    raise AssertionError("the proximal gradient method did not arrive")


def library(family, data, x, weights, alpha, lam, ties):
    """The model of a library, where one has it."""
    if family == "gaussian":
        from sklearn.linear_model import ElasticNet

        net = ElasticNet(alpha=lam, l1_ratio=alpha, tol=1e-15, max_iter=10_000_000)
        net.fit(x, data["y"], sample_weight=weights * len(x))
        return net.intercept_, net.coef_
    if family == "binomial":
        from sklearn.linear_model import LogisticRegression

        net = LogisticRegression(
            C=1 / (len(x) * lam), l1_ratio=alpha, solver="saga", tol=1e-12, max_iter=200_000, random_state=0
        )
        net.fit(x, data["class"], sample_weight=weights * len(x))
        return net.intercept_[0], net.coef_[0]
    even = np.allclose(weights, weights[0])
    if family == "cox" and ties == "breslow" and even:
        from sksurv.linear_model import CoxnetSurvivalAnalysis

        net = CoxnetSurvivalAnalysis(alphas=[lam], l1_ratio=alpha, tol=1e-14, max_iter=1_000_000)
        net.fit(x, np.array(list(zip(data["event"] == 1, data["time"])), dtype=[("e", bool), ("t", float)]))
        return 0.0, net.coef_[:, 0]
    return None


def fit(family, data, weights, alpha, share, standardise, ties):
    """λ, intercept and coefficients per unit of the columns."""
    weights = weights / weights.sum()
    mean = weights @ data["x"]
    scale = np.sqrt(weights @ (data["x"] - mean) ** 2) if standardise else np.ones(len(mean))
    x = (data["x"] - mean) / scale
    loss = LOSSES[family](data, weights, ties)
    if family == "gaussian":
        null = weights @ data["y"]
    elif family == "binomial":
        null = np.log(weights @ data["class"] / (1 - weights @ data["class"]))
    else:
        null = 0.0
    lam = share * np.abs(x.T @ loss.derivatives(np.full(len(x), null))[1]).max() / alpha
    lam = float(f"{lam:.6g}")
    start = library(family, data, x, weights, alpha, lam, ties)
    known = start is not None
    b0, b = start if known else (0.0, proximal_gradient(loss, x, alpha, lam))
    if family == "gaussian":
        assert violation(loss, x, b0, b, alpha, lam) < 1e-10, violation(loss, x, b0, b, alpha, lam)
    else:
        b0, done = finish(loss, x, b0, b, alpha, lam)
        moved = np.abs(done - b).max() / np.abs(b).max()
        assert moved < 1e-4, (family, ties, alpha, share, standardise, moved)
        b = done
    b = b / scale
    return lam, (b0 - mean @ b if loss.intercept else 0.0), b


# ------------------------------------------------------------------------------------------------------------- ComBat


def made_batches():
    """Inputs of three batches, and covariates that differ between batches and that half of the columns follow."""
    rng = np.random.default_rng(5)
    batch = np.repeat([0, 1, 2], [14, 9, 20])
    shift, stretch = rng.normal(size=(3, 12)), rng.uniform(0.5, 2, size=(3, 12))
    x = rng.normal(size=(43, 12)) * stretch[batch] + shift[batch]
    x = np.round(x * rng.uniform(0.5, 20, size=12) + rng.uniform(-50, 50, size=12), 4)
    x, batch = x[(order := rng.permutation(43))], batch[order]
    # An age, and a stage of three levels. In halves, as neuroCombat 0.2.12 takes the numbers of covariates as float32.
    age = np.round(2 * (60 + 8 * batch + rng.normal(scale=6, size=43))) / 2
    stage = rng.choice(3, size=43, p=[0.5, 0.3, 0.2])
    levels = np.eye(3)[stage][:, 1:]
    driven = np.round(x + np.where(np.arange(12) % 2, 0, 1) * (0.4 * age[:, None] + levels @ [[3], [-2]]), 4)
    return x, driven, batch, age, stage


def hospitals():
    """Patients with lung cancer of the hospitals that treated five or more (Loprinzi 1994), as lifelines carries them."""
    from lifelines.datasets import load_lung

    table = load_lung()[["inst", "age", "sex", "ph.karno", "pat.karno", "wt.loss"]].dropna()
    table = table[table.groupby("inst")["inst"].transform("size") >= 5]
    batch = table["inst"].rank(method="dense").to_numpy(int) - 1
    return table[["age", "ph.karno", "pat.karno", "wt.loss"]].to_numpy(float), batch, table["sex"].to_numpy(int) - 1


def islands():
    """Penguins of three islands (Gorman 2014), as pingouin carries them."""
    import pingouin

    table = pingouin.read_dataset("penguins").dropna()
    batch = table["island"].rank(method="dense").to_numpy(int) - 1
    measured = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g"]
    return table[measured].to_numpy(float), batch, (table["sex"] == "male").to_numpy(int)


def combat():
    """What neuroCombat makes of batches when it iterates to the end: inputs, batches, covariates that it keeps, aligned inputs."""
    import neuroCombat  # noqa: F401 (whose function of the same name hides the module)
    import pandas

    reference = sys.modules["neuroCombat.neuroCombat"]

    def aligned(x, batch, **kept):
        covariates = pandas.DataFrame({"batch": batch, **kept})
        words = [name for name in kept if name != "age"]
        with contextlib.redirect_stdout(io.StringIO()):
            made = reference.neuroCombat(
                x.T, covariates, "batch", categorical_cols=words or None, continuous_cols=["age"] if "age" in kept else None
            )
        return made["data"].T

    iterate = reference.it_sol.__defaults__
    reference.it_sol.__defaults__ = (1e-13,)
    try:
        x, driven, batch, age, stage = made_batches()
        yield "combat", x, batch, [], aligned(x, batch)
        levels = np.eye(3)[stage][:, 1:]
        yield "combat that keeps", driven, batch, [age, *levels.T], aligned(driven, batch, stage=stage, age=age)
        for name, (x, batch, sex) in (("lung", hospitals()), ("penguins", islands())):
            yield f"combat {name}", x, batch, [], aligned(x, batch)
            yield f"combat {name} that keeps", x, batch, [sex.astype(float)], aligned(x, batch, sex=sex)
    finally:
        reference.it_sol.__defaults__ = iterate


# -------------------------------------------------------------------------------------------------------------- files


def numbers(values):
    return " ".join(repr(float(value)).removesuffix(".0") for value in values)


def cases(name, data):
    even = np.ones(len(data["y"]))
    for family in LOSSES:
        for alpha, weighted, standardise in [(1.0, False, True), (0.5, True, True), (0.2, False, False)]:
            if family == "binomial" and not standardise:
                continue  # saga takes too long where columns differ in scale
            for ties in ["breslow", "efron"] if family == "cox" else ["-"]:
                weights = data["weights"] if weighted else even
                for share in SHARES:
                    yield family, alpha, weighted, standardise, ties, share, weights


def text():
    lines = []
    for name, data in data_sets().items():
        lines.append(f"data {name}")
        lines += [f"x {numbers(column)}" for column in data["x"].T]
        lines += [f"{key} {numbers(data[key])}" for key in ["y", "class", "time", "event", "weights"]]
        for family, alpha, weighted, standardise, ties, share, weights in cases(name, data):
            lam, b0, b = fit(family, data, weights, alpha, share, standardise, ties)
            key = f"{family} {ties} {alpha} {lam!r} {int(weighted)} {int(standardise)}"
            lines.append(f"fit {key} {numbers([b0, *b])}")
    for name, x, batch, kept, aligned in combat():
        lines.append(f"data {name}")
        lines += [f"x {numbers(column)}" for column in x.T]
        lines.append(f"batch {numbers(batch)}")
        lines += [f"kept {numbers(column)}" for column in kept]
        lines += [f"aligned {numbers(column)}" for column in aligned.T]
    return "\n".join(lines) + "\n"


def differences(stored, made):
    """Lines that differ by more than 1e-9 of their largest number."""
    old, new = stored.splitlines(), made.splitlines()
    if len(old) != len(new):
        return [f"{len(old)} lines are stored, {len(new)} were made"]
    found = []
    for at, (a, b) in enumerate(zip(old, new), 1):
        words = [(p, q) for p, q in zip(a.split(), b.split(), strict=True) if p != q]
        try:
            # A zero has another sign on another processor.
            apart = [(float(p), float(q)) for p, q in words if float(p) != float(q)]
            largest = max(abs(float(word)) for word in b.split()[-12:]) if apart else 0.0
            far = [abs(p - q) / max(largest, abs(p), abs(q)) for p, q in apart]
        except ValueError:
            far = [1.0]
        if far and max(far) > 1e-9:
            found.append(f"line {at} differs by {max(far):.1e}: {b[:60]} …")
    return found


def main():
    warnings.simplefilter("ignore", FutureWarning)
    # Its tolerance is out of reach on purpose; what it returns is held against the optimality conditions.
    warnings.filterwarnings("ignore", message="Objective did not converge")
    made = text()
    if "--write" in sys.argv:
        STORED.write_text(made)
        return
    found = differences(STORED.read_text(), made)
    print("\n".join(found) or f"{made.count(chr(10) + 'fit ')} models and ComBat: as stored")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
