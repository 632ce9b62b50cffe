# Figures of R on real tables: from score to risk, and whether the risk is right. Baseline hazard (survival), Brier's score and its
# integral (riskRegression), calibration and decision curve (survival), cumulative incidence (survival, cmprsk), agreement of readers
# (psych).
#
# Rscript tests/oracle/risk.R [FOLDER]    writes r/risk-*.csv, r/melanoma.csv and r/risk.csv; tests/risk.rs of core/statistics
# holds the crate against them. Packages (Debian): r-cran-survival, r-cran-riskregression, r-cran-cmprsk, r-cran-psych, r-cran-mass.
suppressMessages({ library(survival); library(riskRegression); library(cmprsk); library(psych) })
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
out <- c(commandArgs(trailingOnly = TRUE), file.path(here, "r"))[1]
write <- function(name, table) write.csv(format(table, digits = 17, trim = TRUE), file.path(out, name), row.names = FALSE, quote = FALSE)
lines <- c()
exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
put <- function(key, ...) {
  values <- ifelse(is.na(c(...)), "none", formatC(c(...), digits = 17, format = "g", width = -1))
  lines <<- c(lines, paste0(key, ",", paste(values, collapse = " ")))
}

tables <- list(
  gbsg = with(survival::gbsg, data.frame(time = rfstime, event = status, age, size, nodes, pgr = pgr / 100, hormon)),
  lung = na.omit(with(survival::lung, data.frame(time, event = status - 1, age, sex, ecog = ph.ecog))),
  veteran = with(survival::veteran, data.frame(time, event = status, karno, age, diagtime))
)
horizons <- list(gbsg = c(500, 1000, 1800), lung = c(180, 365, 600), veteran = c(50, 100, 200))

for (name in names(tables)) {
  data <- tables[[name]]
  rownames(data) <- NULL
  learnt <- seq_len(nrow(data)) %% 2 == 1
  covariates <- setdiff(names(data), c("time", "event"))
  fit <- coxph(reformulate(covariates, "Surv(time, event)"), data[learnt, ], control = exact)
  eta <- as.vector(as.matrix(data[, covariates]) %*% coef(fit))
  eta <- eta - mean(eta[learnt])
  write(paste0("risk-", name, ".csv"), data.frame(time = data$time, event = data$event, learnt = as.integer(learnt), eta))
  train <- cbind(data, eta)[learnt, ]
  test <- cbind(data, eta)[!learnt, ]
  put(paste0(name, ".horizons"), horizons[[name]])
  for (ties in c("efron", "breslow")) {
    known <- coxph(Surv(time, event) ~ eta, train, ties = ties, init = 1, control = coxph.control(iter.max = 0))
    curve <- survfit(known, newdata = data.frame(eta = 0), se.fit = FALSE)
    steps <- curve$n.event > 0
    put(paste(name, "baseline", ties, sep = "."), curve$time[steps], curve$cumhaz[steps])
  }
  known <- coxph(Surv(time, event) ~ eta, train, init = 1, control = coxph.control(iter.max = 0))
  risk <- function(times) t(1 - summary(survfit(known, newdata = test, se.fit = FALSE), times = times, extend = TRUE)$surv)
  at <- horizons[[name]]
  predicted <- risk(at)
  brier <- function(times, predicted) suppressWarnings(Score(list(m = predicted), Surv(time, event) ~ 1, test, times = times, cens.model = "km",
    metrics = "brier", null.model = TRUE, se.fit = FALSE, conf.int = FALSE, contrasts = FALSE)$Brier$score)
  score <- brier(at, predicted)
  put(paste0(name, ".brier"), score$Brier[score$model == "m"], score$Brier[score$model == "Null model"])
  # The score is constant between these times.
  last <- at[length(at)]
  jumps <- sort(unique(c(0, test$time, train$time)))
  jumps <- jumps[jumps < last]
  positive <- jumps[jumps > 0]
  score <- brier(positive, risk(positive))
  width <- diff(c(positive, last))
  put(paste0(name, ".integrated"), sapply(c("m", "Null model"), function(model) sum(score$Brier[score$model == model] * width) / last))
  slope <- coxph(Surv(time, event) ~ eta, test, control = exact)
  put(paste0(name, ".slope"), coef(slope), sqrt(vcov(slope)))
  everybody <- summary(survfit(Surv(time, event) ~ 1, test, conf.type = "log-log"), times = at)
  expected <- colMeans(predicted)
  observed <- 1 - everybody$surv
  put(paste0(name, ".large"), observed, 1 - everybody$upper, 1 - everybody$lower, expected, observed / expected,
    exp(log(observed / expected) - qnorm(0.975) * everybody$std.err / observed), exp(log(observed / expected) + qnorm(0.975) * everybody$std.err / observed))
  group <- cut(predicted[, 2], c(-Inf, quantile(predicted[, 2], 1:4 / 5), Inf), labels = FALSE)
  put(paste0(name, ".curve"), unlist(sapply(1:5, function(g) {
    of <- summary(survfit(Surv(time, event) ~ 1, test[group == g, ], conf.type = "log-log"), times = at[2], extend = TRUE)
    c(sum(predicted[group == g, 2]) / sum(group == g), 1 - of$surv, 1 - of$upper, 1 - of$lower, sum(group == g))
  })))
  net <- function(t) {
    flagged <- predicted[, 2] >= t
    if (!any(flagged)) return(0)
    s <- summary(survfit(Surv(time, event) ~ 1, test[flagged, ]), times = at[2])$surv
    if (length(s) == 0) return(NA)
    mean(flagged) * (1 - s) - mean(flagged) * s * t / (1 - t)
  }
  thresholds <- c(0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
  s <- everybody$surv[2]
  put(paste0(name, ".decision"), sapply(thresholds, net), sapply(thresholds, function(t) (1 - s) - s * t / (1 - t)))
}

# Death of melanoma and death of something else; progression and death without it.
melanoma <- with(MASS::Melanoma, data.frame(time, cause = ifelse(status == 2, 0, ifelse(status == 1, 1, 2)), thickness))
write("melanoma.csv", melanoma)
mgus2 <- read.csv(file.path(here, "r", "mgus2.csv"))
for (name in c("melanoma", "mgus2")) {
  data <- get(name)
  at <- if (name == "melanoma") c(500, 1000, 2000, 3000, 4000) else c(12, 36, 60, 120, 240)
  fit <- survfit(Surv(time, factor(cause, 0:2, c("censored", "first", "second"))) ~ 1, data)
  s <- summary(fit, times = at)
  for (cause in 1:2) put(paste(name, "incidence", cause, sep = "."), s$pstate[, 1 + cause], s$std.err[, 1 + cause])
  found <- timepoints(cuminc(data$time, data$cause, cencode = 0), at)
  for (cause in 1:2) put(paste(name, "cmprsk", cause, sep = "."), found$est[cause, ])
}

# Karnofsky's index by the physician and by the patient; six by four judges (Shrout and Fleiss, 1979).
lung <- na.omit(survival::lung[, c("ph.karno", "pat.karno")])
judges <- matrix(c(9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7), 6, 4, byrow = TRUE)
for (name in c("lung", "judges")) {
  data <- as.matrix(get(name))
  put(paste0(name, ".values"), as.vector(data))
  found <- suppressWarnings(ICC(data, lmer = FALSE)$results)[2, ]
  put(paste0(name, ".agreement"), found$ICC, found$`lower bound`, found$`upper bound`)
}
writeLines(lines, file.path(out, "risk.csv"))
cat("riskRegression", as.character(packageVersion("riskRegression")), length(lines), "lines\n")
