# Figures of R's survival on real tables that come with it: proportional hazards, medians, rates at times, concordance by Harrell and
# Uno, cumulative incidence, risk at a horizon.
#
# Rscript tests/oracle/survival.R [FOLDER]    writes r/lung.csv, r/ovarian.csv, r/mgus2.csv and r/survival.csv; tests/r.rs of
# core/statistics holds the crate against them. Packages: r-base-core, r-cran-survival (Debian).
suppressMessages(library(survival))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
out <- c(commandArgs(trailingOnly = TRUE), file.path(here, "r"))[1]
write <- function(name, table) write.csv(table, file.path(out, name), row.names = FALSE, quote = FALSE)
lines <- c()
exact <- coxph.control(eps = 1e-14, toler.chol = 1e-15, iter.max = 50)
put <- function(key, ...) {
  values <- ifelse(is.na(c(...)), "none", formatC(c(...), digits = 17, format = "g", width = -1))
  lines <<- c(lines, paste0(key, ",", paste(values, collapse = " ")))
}

lung <- na.omit(with(survival::lung, data.frame(time, event = status - 1, age, sex, ecog = ph.ecog, karno = ph.karno)))
ovarian <- with(survival::ovarian, data.frame(time = futime, event = fustat, age, resid = resid.ds, rx, ecog = ecog.ps))
veteran <- read.csv(file.path(here, "r", "veteran.csv"))
veteran <- data.frame(time = veteran$time, event = veteran$status, veteran[, c("trt", "karno", "diagtime", "age", "prior")])
write("lung.csv", lung)
write("ovarian.csv", ovarian)

for (name in c("lung", "ovarian", "veteran")) {
  data <- get(name)
  covariates <- setdiff(names(data), c("time", "event"))
  for (ties in c("efron", "breslow")) {
    fit <- coxph(reformulate(covariates, "Surv(time, event)"), data, ties = ties, control = exact)
    put(paste(name, ties, "cox", sep = "."), coef(fit), sqrt(diag(vcov(fit))))
    for (scale in c("km", "rank", "identity", "log")) {
      table <- cox.zph(fit, transform = scale, terms = FALSE, global = FALSE)$table
      put(paste(name, ties, "zph", scale, sep = "."), as.vector(rbind(table[, "chisq"], table[, "p"])))
    }
  }
  stratum <- covariates[length(covariates)]
  fit <- coxph(as.formula(paste("Surv(time, event) ~", paste(head(covariates, -1), collapse = " + "), "+ strata(", stratum, ")")), data, control = exact)
  table <- cox.zph(fit, transform = "km", terms = FALSE, global = FALSE)$table
  put(paste(name, "strata.zph.km", sep = "."), as.vector(rbind(table[, "chisq"], table[, "p"])))
  for (type in c("log-log", "log", "plain")) {
    median <- summary(survfit(Surv(time, event) ~ 1, data, conf.type = type))$table
    put(paste(name, "median", type, sep = "."), median[["median"]], median[["0.95LCL"]], median[["0.95UCL"]])
  }
  risk <- data$age
  for (at in quantile(data$time, c(0.6, 0.9))) {
    uno <- concordance(Surv(time, event) ~ risk, data, reverse = TRUE, timewt = "n/G2", ymax = at)
    put(paste(name, "uno", at, sep = "."), coef(uno))
  }
  harrell <- concordance(Surv(time, event) ~ risk, data, reverse = TRUE)
  # The delta method takes the error of the infinitesimal jackknife to the scale of logits.
  half <- qnorm(0.975) * sqrt(harrell$var) / (coef(harrell) * (1 - coef(harrell)))
  put(paste(name, "harrell", sep = "."), coef(harrell), sqrt(harrell$var), plogis(qlogis(coef(harrell)) + c(-1, 1) * half))
  # Rates at times that lie on events and between them, with the numbers at risk.
  times <- c(quantile(data$time, c(0.2, 0.5, 0.8), type = 1, names = FALSE), max(data$time) * 0.6)
  rates <- summary(survfit(Surv(time, event) ~ 1, data, conf.type = "log-log"), times = times)
  put(paste(name, "rates", sep = "."), rates$time, rates$surv, rates$lower, rates$upper, rates$n.risk)
}

# Half of eight survive exactly from 4 to 6: the middle.
half <- data.frame(time = 1:8, event = c(1, 1, 1, 1, 0, 1, 0, 1))
put("half.median", summary(survfit(Surv(time, event) ~ 1, half, conf.type = "log-log"))$table[c("median", "0.95LCL", "0.95UCL")])
ever <- data.frame(time = 1:8, event = c(1, 1, 1, 1, 0, 0, 0, 0))
put("ever.median", summary(survfit(Surv(time, event) ~ 1, ever, conf.type = "log-log"))$table[c("median", "0.95LCL", "0.95UCL")])

# Progression and death without it, of the first 400.
m <- head(survival::mgus2, 400)
etime <- ifelse(m$pstat == 1, m$ptime, m$futime)
cause <- ifelse(m$pstat == 1, 1, 2 * m$death)
write("mgus2.csv", data.frame(time = etime, cause, age = m$age))
fit <- survfit(Surv(etime, factor(cause, 0:2, c("censored", "progression", "death"))) ~ 1)
at <- c(12, 36, 60, 120, 240)
s <- summary(fit, times = at)
put("mgus2.incidence.1", s$pstate[, 2], s$std.err[, 2])
put("mgus2.incidence.2", s$pstate[, 3], s$std.err[, 3])

# Baseline hazard and risk at a horizon (Breslow and Efron).
for (ties in c("efron", "breslow")) {
  fit <- coxph(Surv(time, event) ~ karno + age, veteran, ties = ties, control = exact)
  curve <- survfit(fit, newdata = veteran[1:5, ])
  put(paste("veteran.risk.90", ties, sep = "."), 1 - summary(curve, times = 90)$surv)
}
writeLines(lines, file.path(out, "survival.csv"))
cat("survival", as.character(packageVersion("survival")), length(lines), "lines\n")
