# Whether areas below ROC curves differ between subgroups, by pROC and metafor, on a real table: Rscript tests/oracle/subgroups.R [FOLDER]
#
# The table is aSAH of pROC: outcome after a subarachnoid haemorrhage, by sex, by grade (WFNS) and by thirds of age.
suppressPackageStartupMessages({
  library(pROC)
  library(metafor)
})
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
out <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else file.path(here, "r")

data(aSAH)
thirds <- findInterval(aSAH$age, sort(aSAH$age)[c(38, 76)], left.open = TRUE)
table <- data.frame(poor = as.integer(aSAH$outcome == "Poor"), s100b = aSAH$s100b, ndka = aSAH$ndka,
                    sex = as.integer(aSAH$gender == "Female"), third = thirds, wfns = as.integer(as.character(aSAH$wfns)))
write.csv(table, file.path(out, "asah.csv"), row.names = FALSE, quote = FALSE)

lines <- character(0)
put <- function(key, ...) {
  values <- formatC(c(...), digits = 17, format = "g", width = -1)
  lines <<- c(lines, paste0(key, ",", paste(values, collapse = " ")))
}
for (score in c("s100b", "ndka")) {
  for (groups in c("sex", "third")) {
    of <- split(table, table[[groups]])
    curves <- lapply(of, function(part) roc(part$poor, part[[score]], levels = 0:1, direction = "<", quiet = TRUE))
    areas <- sapply(curves, function(curve) as.numeric(auc(curve)))
    variances <- sapply(curves, function(curve) var(curve, method = "delong"))
    # Cochran's Q of areas that are weighted by their variances.
    fixed <- rma(yi = areas, vi = variances, method = "FE")
    put(paste(score, groups, "areas", sep = "."), areas)
    put(paste(score, groups, "errors", sep = "."), sqrt(variances))
    put(paste(score, groups, "q", sep = "."), fixed$QE, fixed$k - 1, fixed$QEp)
    if (length(curves) == 2) {
      # Of two subgroups, Q is the square of DeLong's D for unpaired curves.
      d <- roc.test(curves[[1]], curves[[2]], method = "delong", paired = FALSE)$statistic
      stopifnot(abs(d^2 - fixed$QE) < 1e-9)
    }
  }
}
writeLines(lines, file.path(out, "subgroups.csv"))
cat("pROC", as.character(packageVersion("pROC")), "metafor", as.character(packageVersion("metafor")), length(lines), "lines\n")
