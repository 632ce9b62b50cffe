# Areas under ROC curves by pROC on real tables: Rscript tests/oracle/proc.R [FOLDER]
#
# breast.csv of trees.py (texture and smoothness of 569 breast masses) and r/pima.csv of glmnet.R (glucose and body mass index of 200
# women). Writes r/proc.csv; tests/r.rs of core/statistics holds the crate against it. Package (Debian): r-cran-proc.
suppressPackageStartupMessages(library(pROC))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
out <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else file.path(here, "r")
lines <- c()
tell <- function(name, outcome, first, second) {
  curve <- function(score) roc(outcome, score, levels = c(0, 1), direction = "<", quiet = TRUE)
  a <- curve(first)
  b <- curve(second)
  test <- roc.test(a, b, method = "delong", paired = TRUE)
  limits <- ci.auc(a, method = "delong")
  values <- c(auc(a), sqrt(var(a, method = "delong")), limits[1], limits[3], auc(b), test$statistic, test$p.value)
  lines <<- c(lines, paste0(name, ",", paste(formatC(values, digits = 17, format = "g", width = -1), collapse = " ")))
}
breast <- read.csv(file.path(here, "breast.csv"))
tell("breast", breast$malignant, breast$mean_texture, breast$mean_smoothness)
pima <- read.csv(file.path(here, "r", "pima.csv"))
tell("pima", pima$diabetes, pima$glu, pima$bmi)
writeLines(lines, file.path(out, "proc.csv"))
cat("pROC", as.character(packageVersion("pROC")), length(lines), "lines\n")
