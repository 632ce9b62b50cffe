"""Statistics that no package has a figure for, from their definition: loops over all pairs or times. See `statistics.py`."""

import math

import numpy as np
from lifelines import KaplanMeierFitter


def slow_components(score, outcome):
    """Structural components of DeLong et al. (1988), from all pairs."""
    x, y = score[outcome == 1], score[outcome == 0]
    psi = (x[:, None] > y[None, :]) + 0.5 * (x[:, None] == y[None, :])
    return psi.mean(), psi.mean(axis=1), psi.mean(axis=0)


def slow_delong(scores, outcome):
    parts = [slow_components(score, outcome) for score in scores]
    s10 = np.atleast_2d(np.cov([part[1] for part in parts]))
    s01 = np.atleast_2d(np.cov([part[2] for part in parts]))
    return np.array([part[0] for part in parts]), s10 / (outcome == 1).sum() + s01 / (outcome == 0).sum()


def slow_concordance_error(time, event, risk):
    """Infinitesimal jackknife: the derivative of the weighted C with regard to each case's weight."""
    first = event[:, None].astype(bool) & ((time[:, None] < time[None, :]) | ((time[:, None] == time[None, :]) & ~event[None, :].astype(bool)))
    good = first * ((risk[:, None] > risk[None, :]) + 0.5 * (risk[:, None] == risk[None, :]))
    a, b = good.sum(axis=0) + good.sum(axis=1), first.sum(axis=0) + first.sum(axis=1)
    c = good.sum() / first.sum()
    return c, np.sqrt((((a - c * b) / first.sum()) ** 2).sum())


def slow_expected(time, event, group, strata):
    expected = dict.fromkeys(np.unique(group), 0.0)
    for stratum in np.unique(strata):
        here = strata == stratum
        for t in np.unique(time[here & (event == 1)]):
            at_risk = here & (time >= t)
            deaths = (here & (time == t) & (event == 1)).sum()
            for label in expected:
                expected[label] += deaths * (at_risk & (group == label)).sum() / at_risk.sum()
    return list(expected.values())


def slow_restricted_mean_error(time, event, horizon):
    curve = KaplanMeierFitter().fit(time, event)
    variance = 0.0
    for t in np.unique(time[(event == 1) & (time < horizon)]):
        edges = np.unique(np.concatenate([[t], time[(time > t) & (time < horizon)], [horizon]]))
        area = (curve.survival_function_at_times(edges[:-1]).to_numpy() * np.diff(edges)).sum()
        n, d = (time >= t).sum(), ((time == t) & (event == 1)).sum()
        variance += area**2 * d / (n * (n - d))
    return math.sqrt(variance)


def chacha8(seed, stream):
    """64-bit words of ChaCha (Bernstein, 2008) with 8 rounds: the low word of each pair first."""
    key = [seed % 2**32, seed >> 32, 0, 0, 0, 0, 0, 0]
    constants = [int.from_bytes(b"expand 32-byte k"[i : i + 4], "little") for i in (0, 4, 8, 12)]
    rotate = lambda x, by: (x << by | x >> (32 - by)) % 2**32

    def quarter(x, a, b, c, d):
        for up, into, by in ((b, d, 16), (d, b, 12), (b, d, 8), (d, b, 7)):
            target = a if into == d else c
            x[target] = (x[target] + x[up]) % 2**32
            x[into] = rotate(x[into] ^ x[target], by)

    counter = 0
    while True:
        start = constants + key + [counter % 2**32, counter >> 32, stream % 2**32, stream >> 32]
        x = list(start)
        for _ in range(4):
            for at in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
                quarter(x, *at)
            for at in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
                quarter(x, *at)
        words = [(a + b) % 2**32 for a, b in zip(x, start)]
        yield from (words[i] | words[i + 1] << 32 for i in range(0, 16, 2))
        counter += 1


def slow_resample(seed, replicate, n):
    """Upper words of n times 64 bits, drawn again where 2**64 is no multiple of n."""
    words = chacha8(seed, replicate)
    drawn = []
    while len(drawn) < n:
        upper, lower = divmod(next(words) * n, 2**64)
        if lower >= 2**64 % n:
            drawn.append(upper)
    return drawn
