# Gray's test and the model of Fine and Gray, by cmprsk, on real tables: Rscript tests/oracle/competing.R [FOLDER]
#
# Deaths of melanoma beside other deaths; progression of a gammopathy beside death without it. Both tables are those of risk.R.
suppressPackageStartupMessages(library(cmprsk))
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(FALSE), value = TRUE)))
out <- if (length(commandArgs(TRUE)) > 0) commandArgs(TRUE)[1] else file.path(here, "r")

lines <- character(0)
put <- function(key, ...) {
  values <- formatC(c(...), digits = 17, format = "g", width = -1)
  lines <<- c(lines, paste0(key, ",", paste(values, collapse = " ")))
}

for (name in c("melanoma", "mgus2")) {
  data <- read.csv(file.path(here, "r", paste0(name, ".csv")))
  x <- data[[3]]
  halves <- as.integer(x > median(x))
  thirds <- findInterval(x, sort(x)[c(floor(length(x) / 3), floor(2 * length(x) / 3))], left.open = TRUE)
  for (groups in c("halves", "thirds")) {
    tests <- cuminc(data$time, data$cause, get(groups), cencode = 0)$Tests
    for (cause in 1:2) put(paste(name, "gray", groups, cause, sep = "."), tests[as.character(cause), c("stat", "pv", "df")])
  }
  designs <- list(half = cbind(halves), number = cbind(x), both = cbind(x / sd(x), log(x)))
  for (design in names(designs)) {
    for (cause in 1:2) {
      fit <- crr(data$time, data$cause, designs[[design]], failcode = cause, gtol = 1e-10, maxiter = 100)
      # It stops where a step would change its likelihood by 1e-10: one step more doubles the digits.
      nearer <- fit$coef + as.vector(fit$invinf %*% fit$score)
      fit <- crr(data$time, data$cause, designs[[design]], failcode = cause, maxiter = 0, init = nearer)
      stopifnot(max(abs(fit$score)) < 1e-9)
      put(paste(name, "crr", design, cause, sep = "."), fit$coef, sqrt(diag(fit$var)), fit$loglik, fit$loglik.null)
    }
  }
}
writeLines(lines, file.path(out, "competing.csv"))
cat("cmprsk", as.character(packageVersion("cmprsk")), length(lines), "lines\n")
