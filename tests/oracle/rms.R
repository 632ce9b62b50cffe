# Calibration of probabilities by rms, on real tables: Rscript tests/oracle/rms.R [FOLDER]
#
# The breast masses of statistics.py, and the women of r/pima.csv, with the probabilities of dcurves.py (dcurves.csv). Writes r/rms.csv; tests/risk.rs of core/statistics
# holds the crate against it. Package (Debian): r-cran-rms.
suppressPackageStartupMessages(library(rms))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
out <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else file.path(here, "r")
rows <- strsplit(readLines(file.path(here, "dcurves.csv")), ",")
of <- function(key) as.numeric(strsplit(rows[[which(sapply(rows, `[`, 1) == key)]][2], " ")[[1]])
# A steeper line than the right one, and the right one.
lines <- unlist(lapply(c("breast", "pima"), function(table) sapply(c(given = 1, steep = 1.5), function(factor) {
  p <- of(paste0(table, ".predicted"))
  y <- of(paste0(table, ".outcome"))
  found <- val.prob(plogis(factor * qlogis(p)), y, pl = FALSE)
  exact <- glm.control(epsilon = 1e-14, maxit = 100)
  large <- glm(y ~ 1 + offset(factor * qlogis(p)), binomial, control = exact)
  # val.prob stops 1e-9 before the maximum of the likelihood; the same line goes on to it.
  line <- coef(glm(y ~ I(factor * qlogis(p)), binomial, control = exact))
  stopifnot(abs(line - found[c("Intercept", "Slope")]) < 1e-8)
  paste(formatC(c(line, found[c("Brier", "C (ROC)")], coef(large)), digits = 17, format = "g", width = -1), collapse = " ")
})))
names(lines) <- paste0(rep(c("breast", "pima"), each = 2), ".", names(lines))
writeLines(paste0(names(lines), ",", lines), file.path(out, "rms.csv"))
cat("rms", as.character(packageVersion("rms")), length(lines), "lines\n")
