#!/usr/bin/env bash
# A Cox model of six patients with one input. One is censored on the day on which another one has the event.
# What is the smallest penalty at which the coefficient is 0, and does it depend on the unit of time?
#
# It is the slope of the partial likelihood at 0, and depends on the order of times alone. Whoever is censored at a time is still at risk of
# the events of that time, as in R's own survival. glmnet 4.1-6 makes that so by adding 100 times the machine's precision, 2.2e-14, to the
# time of whoever is censored. From a time of 256 on, that is lost in rounding: who is at risk is then another question than which time is later,
# and the whole path is another one. In days, as survival times mostly are, it answers differently than in years.
#
# Seen (2026-11-30):
#   coxph: 0.060634
#   glmnet, years: 0.060634
#   glmnet, days: 0.141479
#
# Takes R, glmnet and survival from Debian 12 (r-cran-glmnet 4.1-6, r-cran-survival 3.5-3) where they are not at hand. Exits with 1 if it
# answers differently.
set -euo pipefail
if ! Rscript --vanilla -e 'stopifnot(packageVersion("glmnet") == "4.1.6", packageVersion("survival") == "3.5.3")' > /dev/null 2>&1; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq r-base-core 'r-cran-glmnet=4.1-6*' 'r-cran-survival=3.5-3*' > /dev/null
fi
Rscript --vanilla - <<'R'
suppressPackageStartupMessages({ library(glmnet); library(survival) })
years <- c(1, 1, 3, 3, 3, 2)
event <- c(1, 1, 1, 0, 1, 1)
x <- c(1, 3, 2, 2, 3, 2)
scaled <- (x - mean(x)) / sqrt(mean((x - mean(x))^2))
fit <- coxph(Surv(years, event) ~ scaled, ties = "breslow", init = 0, control = coxph.control(iter.max = 0))
right <- abs(sum(scaled * residuals(fit))) / length(x)
# glmnet wants two columns: the second one is constant.
first <- function(time) glmnet(cbind(x, 0), Surv(time, event), family = "cox")$lambda[1]
in_years <- first(years)
in_days <- first(365 * years)
cat(sprintf("coxph: %.6f\nglmnet, years: %.6f\nglmnet, days: %.6f\n", right, in_years, in_days))
quit(status = as.integer(!(abs(in_years - right) < 1e-6 && abs(in_days - right) > 1e-3)))
R
