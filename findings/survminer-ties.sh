#!/usr/bin/env bash
# Two groups of 20 patients, with follow-up in whole years. What are the p-values of the tests of the log-rank family?
#
# The log-rank test has a correction for patients who have the event in the same year: the variance is multiplied by (n - d) / (n -
# 1), where d have it of n at risk. survMisc 0.5.6 takes for d the events of either group alone, and adds both groups up. Where the
# events of a year are all in one group, that is right. Where both groups have some, the variance is too large. survminer 0.4.9
# takes its p-values from survMisc, except for the plain log-rank test, and prints them into its plots. So the test of Gehan and
# Breslow has p = 0.07 where 0.03 is right. The log-rank test and the one with the weights S(t) are in R's own survival, too, as
# survdiff with rho = 0 and 1, and show who is right. With follow-up in days, hardly anybody would see a difference.
#
# Output seen (2026-12-01):
#   log-rank: survdiff p = 0.0389, survMisc p = 0.0921
#   weights S(t): survdiff p = 0.0276, survMisc p = 0.0716
#   Gehan and Breslow: by its definition p = 0.0269, survminer p = 0.0701
#
# Takes R and its packages from Debian 12 (r-cran-survminer 0.4.9, r-cran-survmisc 0.5.6, r-cran-survival 3.5-3) where they are not
# at hand. Exits with 1 if it answers differently.
set -euo pipefail
have='stopifnot(packageVersion("survminer") == "0.4.9", packageVersion("survMisc") == "0.5.6", packageVersion("survival") == "3.5.3")'
if ! Rscript --vanilla -e "$have" > /dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends r-base-core 'r-cran-survival=3.5-3*' \
        'r-cran-survmisc=0.5.6*' 'r-cran-survminer=0.4.9*' > /dev/null
fi
Rscript --vanilla - <<'R'
suppressPackageStartupMessages({ library(survival); library(survMisc); library(survminer) })
# How many of a group have the event in a year, or are censored.
d <- data.frame(
  group = rep(c(1, 0), c(20, 20)),
  year = rep(c(1, 2, 3, 1, 2, 3), c(15, 3, 2, 10, 5, 5)),
  event = rep(c(1, 0, 1, 0, 1, 0, 1, 0), c(14, 1, 3, 2, 7, 3, 5, 5))
)
fit <- survfit(Surv(year, event) ~ group, data = d)
table <- ten(fit)
invisible(capture.output(comp(table, p = 1, q = 0)))
misc <- attr(table, "lrt")
of_misc <- function(weights) misc$pChisq[misc$W == weights]
weighted <- function(weight) {
  score <- variance <- 0
  for (t in sort(unique(d$year[d$event == 1]))) {
    risk <- d$year >= t
    n <- sum(risk); n1 <- sum(risk & d$group == 1)
    e <- sum(d$year == t & d$event == 1); e1 <- sum(d$year == t & d$event == 1 & d$group == 1)
    score <- score + weight(n) * (e1 - e * n1 / n)
    variance <- variance + weight(n)^2 * e * n1 / n * (1 - n1 / n) * (n - e) / (n - 1)
  }
  pchisq(score^2 / variance, 1, lower.tail = FALSE)
}
plain <- survdiff(Surv(year, event) ~ group, d)$pvalue
early <- survdiff(Surv(year, event) ~ group, d, rho = 1)$pvalue
breslow <- surv_pvalue(fit, data = d, method = "n")$pval
stopifnot(abs(weighted(function(n) 1) - plain) < 1e-12)
cat(sprintf("log-rank: survdiff p = %.4f, survMisc p = %.4f\n", plain, of_misc("1")))
cat(sprintf("weights S(t): survdiff p = %.4f, survMisc p = %.4f\n", early, of_misc("FH_p=1_q=0")))
cat(sprintf("Gehan and Breslow: by its definition p = %.4f, survminer p = %.4f\n", weighted(function(n) n), breslow))
too_large <- of_misc("1") > 1.5 * plain && of_misc("FH_p=1_q=0") > 1.5 * early && breslow > 1.5 * weighted(function(n) n)
quit(status = as.integer(!too_large))
R
