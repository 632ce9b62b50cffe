"""Validation statistics by others: lifelines, scikit-survival, scikit-learn, SciPy, statsmodels; and by definition.

    python -m venv venv && venv/bin/pip install lifelines scikit-survival scikit-learn scipy statsmodels numpy pandas
    venv/bin/python tests/oracle/statistics.py --check    # compares with statistics.csv, which the crate's tests read
    venv/bin/python tests/oracle/statistics.py --write    # writes statistics.csv

Seven tables, stored with the figures:

- `leukaemia`: weeks in remission of 42 patients with or without 6-mercaptopurine (Freireich et al., Blood 21:699, 1963),
  with their log white blood cell count, as the lifelines package carries them;
- `breast`: mean texture and mean smoothness of 569 breast masses (Breast Cancer Wisconsin (Diagnostic), Wolberg et al.,
  UCI Machine Learning Repository, doi:10.24432/C5DW2B, CC BY 4.0), as the scikit-learn package carries them;
- `pima`: plasma glucose and body mass index of 200 women, of whom 68 have diabetes (Smith et al., Proc. Symp. Computer Applications
  in Medical Care 261, 1988), as r/pima.csv of glmnet.R has them;
- `diabetes` and `swiss`: the progression of diabetes in 442 patients (Efron et al., Ann. Stat. 32:407, 2004) and fertility in 47
  provinces (Mosteller and Tukey 1977), as diabetes.csv and r/swiss.csv have them, beside numbers that a formula predicts;
- `veteran`: survival of 137 men with lung cancer in days (Kalbfleisch and Prentice 1980), as r/veteran.csv of glmnet.R has them;
- `cohort`: 160 patients of three centres, drawn here. Months and scores are rounded, so that many are equal.

No package has a figure for some statistics. Those are computed from their definition, by loops over all pairs or times that
share nothing with the program: `statistics_by_definition.py`.
"""

import csv
import itertools
import math
import pathlib
import sys
import warnings

# This file has the name of a module of the standard library, which must be found first.
HERE = pathlib.Path(__file__).resolve().parent
sys.path = [folder for folder in sys.path if pathlib.Path(folder or ".").resolve() != HERE] + [str(HERE)]

import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_leukemia
from lifelines.statistics import multivariate_logrank_test
from lifelines.utils import concordance_index, median_survival_times, restricted_mean_survival_time
from scipy import stats
from sklearn.calibration import calibration_curve
from sklearn.datasets import load_breast_cancer
from sklearn.metrics import (
    brier_score_loss,
    confusion_matrix,
    mean_absolute_error,
    mean_squared_error,
    r2_score,
    roc_auc_score,
    roc_curve,
)
from sksurv.linear_model import CoxPHSurvivalAnalysis
from sksurv.metrics import concordance_index_censored, cumulative_dynamic_auc
from sksurv.util import Surv
from statsmodels.stats.multitest import multipletests
from statistics_by_definition import (
    slow_concordance_error,
    slow_delong,
    slow_expected,
    slow_resample,
    slow_restricted_mean_error,
)
from statsmodels.stats.proportion import proportion_confint

STORED = pathlib.Path(__file__).with_name("statistics.csv")
Z = stats.norm.ppf(0.975)
# By default lifelines stops about 1e-7 from the maximum.
EXACT = dict(precision=1e-22, r_precision=0, max_steps=100)
ROWS = {}


def put(key, *values):
    assert key not in ROWS, key
    ROWS[key] = np.concatenate([np.ravel(np.asarray(value, float)) for value in values])


# ---------------------------------------------------------------- tables


def uniform(seed):
    """SplitMix64 (Steele et al., 2014): the same numbers everywhere."""
    state = seed
    while True:
        state = (state + 0x9E3779B97F4A7C15) % 2**64
        z = state
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9 % 2**64
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB % 2**64
        yield ((z ^ (z >> 31)) >> 11) / 2**53


def cohort():
    u = uniform(20)
    rows = []
    for i in range(160):
        normal = sum(next(u) for _ in range(12)) - 6
        other = sum(next(u) for _ in range(12)) - 6
        risk = round(normal, 1)
        rival = round(0.5 * normal + other, 1)
        age = 40 + int(40 * next(u))
        stage = int(next(u) < 0.4)
        centre = i % 3
        rate = 0.03 * math.exp(0.6 * normal + 0.02 * (age - 60) + 0.5 * stage + 0.3 * centre)
        event = math.ceil(-math.log(1 - next(u)) / rate)
        censored = 1 + int(60 * next(u))
        outcome = int(next(u) < 1 / (1 + math.exp(0.4 - normal)))
        predicted = round(1 / (1 + math.exp(-1.4 * risk)), 2)
        rows.append(
            dict(
                time=min(event, censored),
                event=int(event <= censored),
                risk=risk,
                rival=rival,
                age=age,
                stage=stage,
                centre=centre,
                outcome=outcome,
                predicted=min(max(predicted, 0.02), 0.98),
            )
        )
    return pd.DataFrame(rows)


def leukaemia():
    table = load_leukemia()
    return pd.DataFrame(
        dict(time=table["t"], event=table["status"], log_white=table["logWBC"], control=table["Rx"], sex=table["sex"])
    )


def breast():
    found = load_breast_cancer()
    texture, smoothness = (found.data[:, list(found.feature_names).index(f"mean {name}")] for name in ("texture", "smoothness"))
    predicted = np.round(1 / (1 + np.exp(-0.3 * (texture - 21))), 3)
    return pd.DataFrame(dict(texture=texture, smoothness=smoothness, malignant=1 - found.target, predicted=predicted))


def pima():
    table = pd.read_csv(HERE / "r" / "pima.csv")
    predicted = np.round(1 / (1 + np.exp(-0.05 * (table["glu"] - 135))), 3)
    return pd.DataFrame(dict(glucose=table["glu"], bmi=table["bmi"], diabetes=table["diabetes"], predicted=predicted))


def progressions():
    table = pd.read_csv(HERE / "diabetes.csv")
    predicted = np.round(152 + 9 * (table["bmi"] - 26) + 0.8 * (table["bp"] - 95), 1)
    return pd.DataFrame(dict(predicted=predicted, observed=table["progression"]))


def fertilities():
    table = pd.read_csv(HERE / "r" / "swiss.csv")
    predicted = np.round(84 - 0.7 * table["Education"] - 0.3 * table["Examination"], 1)
    return pd.DataFrame(dict(predicted=predicted, observed=table["Fertility"]))


def veteran():
    table = pd.read_csv(HERE / "r" / "veteran.csv")
    return pd.DataFrame(
        dict(
            time=table["time"],
            event=table["status"],
            frailty=100 - table["karno"],
            age=table["age"],
            tested=table["trt"] - 1,
            prior=table["prior"] // 10,
        )
    )


# ---------------------------------------------------------------- figures


def discrimination(name, score, rival, outcome):
    fpr, tpr, thresholds = roc_curve(outcome, score, drop_intermediate=False)
    put(f"roc.{name}.cut_offs", thresholds[1:])
    put(f"roc.{name}.sensitivity", tpr)
    put(f"roc.{name}.false_positive_rate", fpr)
    best = np.flatnonzero(tpr - fpr >= (tpr - fpr).max() - 1e-12)[0]
    put(f"roc.{name}.youden", thresholds[best], (tpr - fpr)[best])
    aucs, covariance = slow_delong([score, rival], outcome)
    assert abs(aucs[0] - roc_auc_score(outcome, score)) < 1e-12
    assert abs(aucs[1] - roc_auc_score(outcome, rival)) < 1e-12
    auc, se = aucs[0], math.sqrt(covariance[0, 0])
    logit, half = math.log(auc / (1 - auc)), Z * se / (auc * (1 - auc))
    put(f"auc.{name}", roc_auc_score(outcome, score), se, auc - Z * se, auc + Z * se)
    put(f"auc.{name}.logit", 1 / (1 + math.exp(half - logit)), 1 / (1 + math.exp(-half - logit)))
    put(f"auc.{name}.p", 2 * stats.norm.sf(abs(auc - 0.5) / se))
    difference = aucs[0] - aucs[1]
    se = math.sqrt(covariance[0, 0] + covariance[1, 1] - 2 * covariance[0, 1])
    put(f"auc.{name}.compared", aucs[1], difference, se, difference - Z * se, difference + Z * se)
    put(f"auc.{name}.compared.test", difference / se, 2 * stats.norm.sf(abs(difference / se)))
    cut_off = np.quantile(score, 0.6)
    tn, fp, fn, tp = confusion_matrix(outcome, score >= cut_off).ravel()
    put(f"classification.{name}.counts", cut_off, tp, fp, tn, fn)
    pairs = dict(sensitivity=(tp, tp + fn), specificity=(tn, tn + fp), ppv=(tp, tp + fp), npv=(tn, tn + fn), accuracy=(tp + tn, len(score)))
    for figure, (count, total) in pairs.items():
        limits = [proportion_confint(count, total, method=method) for method in ("wilson", "beta")]
        put(f"classification.{name}.{figure}", count / total, limits)


def calibration(name, predicted, outcome):
    logit = np.log(predicted / (1 - predicted))
    fit = dict(tol=1e-14, maxiter=100)
    family = sm.families.Binomial()
    large = sm.GLM(outcome, np.ones(len(outcome)), family=family, offset=logit).fit(**fit)
    both = sm.GLM(outcome, sm.add_constant(logit), family=family).fit(**fit)
    put(f"calibration.{name}.intercept", large.params[0], large.bse[0], large.conf_int()[0], large.pvalues[0])
    slope = both.params[1], both.bse[1]
    put(f"calibration.{name}.slope", slope, both.conf_int()[1], 2 * stats.norm.sf(abs(slope[0] - 1) / slope[1]))
    put(f"calibration.{name}.beside", both.params[0])
    brier = brier_score_loss(outcome, predicted)
    put(f"calibration.{name}.brier", brier, 1 - brier / (outcome.mean() * (1 - outcome.mean())))
    for groups in (5, 10):
        observed, mean = calibration_curve(outcome, predicted, n_bins=groups, strategy="quantile")
        put(f"calibration.{name}.curve_{groups}", mean, observed)
    edges = np.quantile(predicted, np.linspace(0, 1, 11))
    group = np.searchsorted(edges[1:-1], predicted)
    tables = [(outcome[group == g], predicted[group == g]) for g in np.unique(group)]
    chi = sum(((o - p).sum()) ** 2 / (len(p) * p.mean() * (1 - p.mean())) for o, p in tables)
    put(f"calibration.{name}.hosmer_lemeshow", chi, stats.chi2.sf(chi, len(tables) - 2), stats.chi2.sf(chi, len(tables)))
    for t in (0.05, 0.2, 0.5, 0.8):
        tn, fp, _, tp = confusion_matrix(outcome, predicted >= t).ravel()
        every = outcome.mean() - (1 - outcome.mean()) * t / (1 - t)
        put(f"decision.{name}.{t}", tp / len(outcome) - fp / len(outcome) * t / (1 - t), every)


def numbers(name, predicted, observed, at):
    fit = sm.OLS(observed, sm.add_constant(predicted)).fit()
    for place, figure, ideal in ((0, "intercept", 0), (1, "slope", 1)):
        tested = fit.t_test(([1 - place, place], ideal))
        put(f"numbers.{name}.{figure}", fit.params[place], fit.bse[place], fit.conf_int()[place], tested.pvalue)
    apart = stats.ttest_1samp(observed - predicted, 0)
    put(f"numbers.{name}.difference", np.mean(observed - predicted), stats.sem(observed - predicted), apart.confidence_interval(), apart.pvalue)
    squared = mean_squared_error(observed, predicted)
    put(f"numbers.{name}.shares", r2_score(observed, predicted), fit.rsquared, math.sqrt(squared), mean_absolute_error(observed, predicted))
    line = fit.get_prediction(sm.add_constant(np.array(at, float))).summary_frame()
    put(f"numbers.{name}.line", at, line["mean"], line["mean_ci_lower"], line["mean_ci_upper"])


def ranks(table, sugar, sick):
    texture, smoothness = table["texture"].to_numpy(), table["smoothness"].to_numpy()
    score, rival = sick["risk"].to_numpy(), sick["rival"].to_numpy()
    glucose, bmi = sugar["glucose"].to_numpy(float), sugar["bmi"].to_numpy()
    for name, x, y in (("breast", texture, smoothness), ("pima", glucose, bmi), ("cohort", score, rival)):
        interval = stats.pearsonr(x, y).confidence_interval(0.95)
        put(f"pearson.{name}", stats.pearsonr(x, y).statistic, interval.low, interval.high, stats.pearsonr(x, y).pvalue)
        rho = stats.spearmanr(x, y)
        half = Z * math.sqrt((1 + rho.statistic**2 / 2) / (len(x) - 3))
        limits = np.tanh(np.arctanh(rho.statistic) + half * np.array([-1, 1]))
        put(f"spearman.{name}", rho.statistic, limits, rho.pvalue)
        probabilities = [0, 0.025, 0.1, 1 / 3, 0.5, 0.77, 1]
        put(f"quantiles.{name}", np.quantile(x, probabilities))
    tables = (("breast", texture, table["malignant"]), ("pima", glucose, sugar["diabetes"]), ("cohort", score, sick["outcome"]))
    for name, x, group in tables:
        with_, without = x[group == 1], x[group == 0]
        found = stats.mannwhitneyu(with_, without)
        put(f"mann_whitney.{name}", found.statistic, found.pvalue)
        welch = stats.ttest_ind(with_, without, equal_var=False)
        put(f"welch.{name}", welch.statistic, welch.df, welch.pvalue)
    # Few enough for the exact distribution: no two values are equal.
    small = np.unique(np.round(smoothness, 4))
    for m, n in ((3, 4), (8, 8), (6, 40), (8, 60)):
        first, second = small[3 : 3 + 2 * m : 2], small[: 3 * n]
        second = np.setdiff1d(second, first)[:n]
        found = stats.mannwhitneyu(first, second, method="exact")
        put(f"mann_whitney.exact_{m}_{n}", found.statistic, found.pvalue)
        put(f"data.exact_{m}_{n}.first", first)
        put(f"data.exact_{m}_{n}.second", second)
    samples = [score[sick["centre"] == centre] for centre in range(3)]
    put("kruskal_wallis.cohort", stats.kruskal(*samples))
    put("kruskal_wallis.breast", stats.kruskal(texture[:200], texture[200:400], texture[400:], smoothness[:50] * 200))


# Few pairs, some of them with equal values; the last but one on a line.
FEW_PAIRS = {
    "line_3": ([1.0, 2.0, 3.0], [0.2, 0.3, 0.9]),
    "plain_4": ([1.0, 2.0, 3.0, 4.0], [0.2, 0.9, 0.3, 0.4]),
    "tied_6": ([1.0, 1.0, 2.0, 3.0, 5.0, 5.0], [4.0, 2.0, 2.0, 1.0, 1.5, 0.0]),
    "line_7": ([1.0, 2.0, 2.0, 4.0, 5.0, 6.0, 7.0], [9.0, 8.0, 8.0, 4.0, 3.0, 2.0, 1.0]),
    "plain_8": ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], [2.0, 1.0, 4.0, 3.0, 8.0, 5.0, 6.0, 7.0]),
}
FEW_OF_EACH = {
    "tied_3_3": ([2.0, 2.0, 2.0], [1.0, 1.0, 1.0]),
    "tied_4_7": ([1.0, 3.0, 3.0, 8.0], [1.0, 1.0, 2.0, 3.0, 3.0, 4.0, 0.5]),
    "tied_9_3": ([1.0, 3.0, 3.0, 8.0, 8.0, 9.0, 9.0, 9.0, 4.0], [1.0, 1.0, 3.0]),
}
# Times, events, groups.
FEW_OVER_TIME = {
    "apart_6": ([1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 1], [1, 1, 1, 0, 0, 0]),
    "tied_9": ([2, 2, 3, 5, 5, 6, 8, 9, 9], [1, 0, 1, 1, 1, 0, 1, 1, 0], [0, 1, 0, 0, 1, 1, 0, 1, 1]),
    "three": ([3, 5, 7], [1, 1, 0], [1, 0, 0]),
}


def few():
    """Exact p values of so few cases that no distribution of the textbooks is near."""
    every = dict(n_resamples=np.inf, rng=1)
    for name, (x, y) in FEW_PAIRS.items():
        found = stats.permutation_test((x,), lambda x: stats.spearmanr(x, y).statistic, permutation_type="pairings", **every)
        put(f"data.few.{name}", x, y)
        put(f"spearman.few.{name}", found.statistic, found.pvalue)
    for name, (first, second) in FEW_OF_EACH.items():
        u = lambda x, y, axis=-1: stats.mannwhitneyu(x, y, axis=axis, method="asymptotic").statistic
        found = stats.permutation_test((first, second), u, vectorized=True, **every)
        put(f"data.few.{name}.first", first)
        put(f"data.few.{name}.second", second)
        put(f"mann_whitney.few.{name}", found.statistic, found.pvalue)
    for name, (time, event, group) in FEW_OVER_TIME.items():
        statistic = lambda chosen: multivariate_logrank_test(time, [case in chosen for case in range(len(time))], event).test_statistic
        observed = statistic({case for case, one in enumerate(group) if one})
        dealt = [statistic(set(chosen)) for chosen in itertools.combinations(range(len(time)), sum(group))]
        put(f"data.few.{name}", time, event, group)
        put(f"log_rank.few.{name}", observed, np.mean(np.array(dealt) >= observed * (1 - 1e-9)))


def survival(name, table, group, horizon):
    time, event = table["time"].to_numpy(float), table["event"].to_numpy()
    groups = table[group].to_numpy()
    curve = KaplanMeierFitter().fit(time, event)
    frame = curve.survival_function_.join(curve.confidence_interval_).join(curve.event_table[["at_risk", "observed", "censored"]])
    frame = frame[(frame.index > 0) & (frame["KM_estimate"] > 0)]
    put(f"km.{name}.times", frame.index)
    for column, label in (("KM_estimate", "survival"), ("KM_estimate_lower_0.95", "low"), ("KM_estimate_upper_0.95", "high")):
        put(f"km.{name}.{label}", frame[column])
    put(f"km.{name}.counts", frame[["at_risk", "observed", "censored"]])
    right = sm.SurvfuncRight(time, event)
    put(f"km.{name}.error", right.surv_prob_se[right.surv_prob > 0])
    put(f"km.{name}.error.times", right.surv_times[right.surv_prob > 0])
    s, se = right.surv_prob, right.surv_prob_se
    with np.errstate(divide="ignore", invalid="ignore"):
        for label, low, high in (
            ("plain", s - Z * se, s + Z * se),
            ("log", s * np.exp(-Z * se / s), s * np.exp(Z * se / s)),
        ):
            put(f"km.{name}.{label}", np.clip(low, 0, 1)[s > 0], np.clip(high, 0, 1)[s > 0])
    median = median_survival_times(curve.confidence_interval_)
    put(f"km.{name}.median", curve.median_survival_time_, median)
    put(f"km.{name}.restricted_mean", restricted_mean_survival_time(curve, t=horizon), slow_restricted_mean_error(time, event, horizon))
    at = [0.5, 3, 10.5, 20]
    put(f"km.{name}.at", curve.survival_function_at_times(at), [(time >= t).sum() for t in at])
    for weight, label in ((None, "one"), ("wilcoxon", "at_risk"), ("tarone-ware", "root"), ("peto", "survival")):
        found = multivariate_logrank_test(time, groups, event, weightings=weight)
        put(f"log_rank.{name}.{label}", found.test_statistic, found.p_value)
    put(f"log_rank.{name}.expected", slow_expected(time, event, groups, np.zeros(len(time))))


def stratified(name, table, group, strata):
    time, event = table["time"].to_numpy(float), table["event"].to_numpy()
    for weight, label in ((None, "one"), ("gb", "at_risk"), ("tw", "root")):
        found = sm.duration.survdiff(time, event, table[group].to_numpy(), weight_type=weight, strata=table[strata].to_numpy())
        put(f"log_rank.{name}.stratified.{label}", found)
    put(f"log_rank.{name}.stratified.expected", slow_expected(time, event, table[group].to_numpy(), table[strata].to_numpy()))


def cox(name, table, columns):
    data = table[["time", "event", *columns]].astype(float)
    fit = CoxPHFitter().fit(data, "time", "event", fit_options=EXACT)
    put(f"cox.{name}.coefficients", fit.params_)
    put(f"cox.{name}.errors", fit.standard_errors_)
    put(f"cox.{name}.ratios", fit.hazard_ratios_, np.exp(fit.confidence_intervals_))
    put(f"cox.{name}.p", fit.summary["p"])
    ratio = fit.log_likelihood_ratio_test()
    put(f"cox.{name}.likelihood", fit.log_likelihood_, ratio.test_statistic, ratio.p_value)
    put(f"cox.{name}.concordance", fit.concordance_index_)
    outcome = Surv.from_arrays(data["event"] == 1, data["time"])
    for ties in ("efron", "breslow"):
        model = sm.PHReg(data["time"], data[columns], status=data["event"], ties=ties)
        null = np.zeros(len(columns))
        put(f"cox.{name}.{ties}.score", model.score(null) @ np.linalg.inv(-model.hessian(null)) @ model.score(null))
        # Newton on statsmodels' own derivatives: its optimisers stop early.
        beta = null
        for _ in range(30):
            beta = beta - np.linalg.solve(model.hessian(beta), model.score(beta))
        covariance = np.linalg.inv(-model.hessian(beta))
        put(f"cox.{name}.{ties}", beta, np.sqrt(np.diag(covariance)))
        put(f"cox.{name}.{ties}.wald", beta @ np.linalg.inv(covariance) @ beta)
        other = CoxPHSurvivalAnalysis(ties=ties, tol=1e-15, n_iter=200).fit(data[columns].to_numpy(), outcome)
        assert np.allclose(other.coef_, beta, rtol=1e-6, atol=1e-9), (name, ties, other.coef_, beta)


def cox_interaction(name, table, column, groups):
    """The likelihood-ratio test of the products of a covariate with all groups but the first, each with its own baseline."""
    data = table[["time", "event", column, groups]].astype(float)
    products = []
    for group in sorted(data[groups].unique())[1:]:
        data[f"{column} in {group}"] = data[column] * (data[groups] == group)
        products.append(f"{column} in {group}")
    def fit(columns):
        return CoxPHFitter().fit(data[["time", "event", groups, *columns]], "time", "event", strata=[groups], fit_options=EXACT)
    statistic = 2 * (fit([column, *products]).log_likelihood_ - fit([column]).log_likelihood_)
    put(f"cox.{name}.interaction", statistic, len(products), stats.chi2.sf(statistic, len(products)))


def cox_stratified(name, table, columns, strata):
    data = table[["time", "event", *columns, strata]].astype(float)
    fit = CoxPHFitter().fit(data, "time", "event", strata=[strata], fit_options=EXACT)
    put(f"cox.{name}.stratified", fit.params_, fit.standard_errors_, fit.log_likelihood_)


def concordance(name, time, event, risk):
    happened = event == 1
    c, concordant, discordant, tied, _ = concordance_index_censored(happened, time, risk)
    assert abs(c - concordance_index(time, -risk, event)) < 1e-12
    slow, error = slow_concordance_error(time, event, risk)
    assert abs(c - slow) < 1e-12
    put(f"concordance.{name}", c, error, concordant, discordant, tied)


def dynamic(name, training, test, risk, times):
    outcome = [Surv.from_arrays(table["event"] == 1, table["time"].astype(float)) for table in (training, test)]
    areas, mean = cumulative_dynamic_auc(*outcome, test[risk].to_numpy(float), times)
    put(f"dynamic.{name}", times, areas, mean)


def tables(sick):
    p = [0.001, 0.04, 0.03, 0.2, 0.03, 0.9, 0.0004, 0.06]
    q = [0.5, 0.5, 0.01, 1.0, 0.049]
    for name, values in (("p", p), ("q", q)):
        put(f"data.multiplicity.{name}", values)
        for method, label in (("bonferroni", "bonferroni"), ("holm", "holm"), ("fdr_bh", "benjamini_hochberg")):
            put(f"multiplicity.{name}.{label}", multipletests(values, method=method)[1])
    table = pd.crosstab(sick["stage"], sick["outcome"]).to_numpy()
    wide = pd.crosstab(sick["centre"], sick["outcome"]).to_numpy()
    for name, counts in (("stage", table), ("centre", wide), ("rare", np.array([[1, 9], [11, 3]])), ("zero", np.array([[0, 7], [5, 6]]))):
        put(f"data.counts.{name}", counts)
        for corrected in (True, False):
            found = stats.chi2_contingency(counts, correction=corrected)
            put(f"chi_squared.{name}.{'yates' if corrected else 'plain'}", found.statistic, found.pvalue, found.expected_freq.min())
        if counts.shape == (2, 2):
            put(f"fisher.{name}", stats.fisher_exact(counts).pvalue)
    ages = sick["age"]
    put("numeric.age", ages.mean(), ages.std(), ages.quantile([0.5, 0.25, 0.75, 0, 1]))


def bootstrap(name, values):
    generator = uniform(7)
    n = len(values)
    draws = np.array([[values[int(next(generator) * n)] for _ in range(n)] for _ in range(150)])
    statistic = lambda x, axis=-1: np.mean(x, axis=axis) ** 3 + np.std(x, axis=axis)
    distribution = np.round(statistic(draws), 6)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        start = stats.bootstrap((values,), statistic, n_resamples=1, rng=1)
        start.bootstrap_distribution = distribution
        options = dict(n_resamples=0, bootstrap_result=start, rng=1)
        limits = [stats.bootstrap((values,), statistic, method=method, **options).confidence_interval for method in ("percentile", "BCa")]
    jackknife = [statistic(np.delete(values, i)) for i in range(n)]
    put(f"data.bootstrap.{name}.distribution", distribution)
    put(f"data.bootstrap.{name}.jackknife", jackknife)
    put(f"bootstrap.{name}", statistic(values), limits)


def lesions():
    generator = uniform(99)
    values = np.array([round(5 * next(generator), 2) for _ in range(12)])
    volumes = np.array([round(0.2 + 3 * next(generator), 2) for _ in range(12)])
    put("data.lesions.values", values)
    put("data.lesions.volumes", volumes)
    taken = volumes >= 1
    x, v = values[taken], volumes[taken]
    share = np.histogram(x, bins=8, range=(0, 5))[0] / len(x)
    put("lesions", len(x), x.mean(), x.min(), x.max(), np.ptp(x), np.average(x, weights=v), x.std(ddof=1), stats.entropy(share, base=2))


def figures():
    patients, masses, sugar, men, sick = leukaemia(), breast(), pima(), veteran(), cohort()
    for name, table in (("leukaemia", patients), ("breast", masses), ("pima", sugar), ("veteran", men), ("cohort", sick)):
        for column in table:
            put(f"data.{name}.{column}", table[column])
    discrimination("breast", masses["texture"].to_numpy(), masses["smoothness"].to_numpy(), masses["malignant"].to_numpy())
    discrimination("pima", sugar["glucose"].to_numpy(float), sugar["bmi"].to_numpy(), sugar["diabetes"].to_numpy())
    discrimination("cohort", sick["risk"].to_numpy(), sick["rival"].to_numpy(), sick["outcome"].to_numpy())
    calibration("breast", masses["predicted"].to_numpy(), masses["malignant"].to_numpy())
    calibration("pima", sugar["predicted"].to_numpy(), sugar["diabetes"].to_numpy())
    calibration("cohort", sick["predicted"].to_numpy(), sick["outcome"].to_numpy())
    progression, fertility = progressions(), fertilities()
    for name, table in (("diabetes", progression), ("swiss", fertility)):
        for column in table:
            put(f"data.{name}.{column}", table[column])
    numbers("diabetes", progression["predicted"].to_numpy(), progression["observed"].to_numpy(), [60, 150.5, 300])
    numbers("swiss", fertility["predicted"].to_numpy(), fertility["observed"].to_numpy(), [40, 70, 81])
    ranks(masses, sugar, sick)
    few()
    survival("leukaemia", patients, "control", 22)
    survival("veteran", men, "tested", 300)
    survival("cohort", sick, "centre", 36)
    stratified("leukaemia", patients, "control", "sex")
    stratified("veteran", men, "tested", "prior")
    stratified("cohort", sick, "stage", "centre")
    cox("leukaemia", patients, ["log_white", "control"])
    cox("veteran", men, ["frailty", "age", "tested"])
    cox("cohort", sick, ["risk", "age", "stage"])
    untied = sick.assign(time=sick["time"] + np.arange(len(sick)) / 1000)
    cox("untied", untied, ["risk", "stage"])
    cox("one", sick, ["rival"])
    cox_stratified("leukaemia", patients, ["log_white", "control"], "sex")
    cox_stratified("veteran", men, ["frailty", "age"], "prior")
    cox_stratified("cohort", sick, ["risk", "age"], "centre")
    cox_interaction("leukaemia", patients, "control", "sex")
    cox_interaction("veteran", men, "tested", "prior")
    cox_interaction("cohort", sick, "risk", "centre")
    concordance("leukaemia", patients["time"].to_numpy(), patients["event"].to_numpy(), patients["log_white"].to_numpy())
    concordance("veteran", men["time"].to_numpy(float), men["event"].to_numpy(), men["frailty"].to_numpy(float))
    concordance("cohort", sick["time"].to_numpy(), sick["event"].to_numpy(), sick["risk"].to_numpy())
    dynamic("leukaemia", patients, patients, "log_white", [3.0, 8.0, 12.5, 20.0])
    dynamic("veteran", men, men, "frailty", [20.0, 60.0, 182.5, 400.0])
    dynamic("cohort", sick, sick, "risk", [6.0, 12.0, 24.0, 30.5])
    dynamic("halves", sick[sick.index % 2 == 0], sick[(sick.index % 2 == 1) & (sick["time"] < 40)], "rival", [12.0])
    tables(sick)
    bootstrap("risk", np.array(sick["risk"][:25]) + 1)
    bootstrap("texture", masses["texture"].to_numpy()[:30] / 10)
    lesions()
    for seed, replicate, n in ((0, 0, 10), (2024, 7, 30), (2**63 + 5, 1999, 25)):
        put(f"resample.{seed}.{replicate}.{n}", slow_resample(seed, replicate, n))


def main():
    figures()
    if sys.argv[1:] == ["--write"]:
        with STORED.open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["key", "values"])
            writer.writerows([key, " ".join(f"{value:.15g}" for value in values)] for key, values in ROWS.items())
        return
    if sys.argv[1:] != ["--check"]:
        sys.exit("expected --check or --write")
    with STORED.open(newline="") as file:
        stored = {key: np.array([float(word) for word in values.split()]) for key, values in list(csv.reader(file))[1:]}
    wrong = sorted(stored.keys() ^ ROWS.keys())
    for key in stored.keys() & ROWS.keys():
        a, b = stored[key], ROWS[key]
        if a.shape != b.shape or not np.allclose(a, b, rtol=1e-9, atol=1e-12):
            wrong.append(f"{key}: stored {a}, found {b}")
    if wrong:
        sys.exit(f"{STORED} does not hold what the packages say:\n" + "\n".join(wrong))
    print(f"{len(stored)} rows as stored")


if __name__ == "__main__":
    main()
