# Elastic nets of R's glmnet on real tables that come with R: paths, coefficients, cross-validated curves by given folds.
#
# Rscript tests/oracle/glmnet.R [FOLDER]     writes r/swiss.csv, r/veteran.csv and r/glmnet.csv; core/learning/tests/glmnet.rs holds
# the crate against them. Packages: r-base-core, r-cran-glmnet, r-cran-survival (Debian).
suppressMessages({ library(glmnet); library(survival) })
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
out <- c(commandArgs(trailingOnly = TRUE), file.path(here, "r"))[1]
glmnet.control(fdev = 0, devmax = 0.999)
exact <- function(x) formatC(x, digits = 17, format = "g")
write <- function(name, table) write.csv(table, file.path(out, name), row.names = FALSE, quote = FALSE)

figures <- data.frame()
say <- function(table, alpha, unit, what, at, values) {
  figures <<- rbind(figures, data.frame(table, alpha, unit, what, at, value = exact(values)))
}
tell <- function(table, x, y, family, alpha, unit, foldid) {
  fit <- function(...) glmnet(x, y, family = family, alpha = alpha, nlambda = 20, thresh = 1e-16, maxit = 1e7, ...)
  whole <- fit()
  for (at in c(1, 5, 12)) {
    say(table, alpha, unit, "lambda", at, whole$lambda[at])
    b <- as.numeric(coef(whole, s = whole$lambda[at]))
    say(table, alpha, unit, paste0("b", seq_along(b)), at, b)
  }
  measure <- if (family == "cox") "deviance" else "mse"
  cv <- cv.glmnet(x, y, family = family, alpha = alpha, lambda = whole$lambda[1:15], foldid = foldid, thresh = 1e-16,
                  maxit = 1e7, type.measure = measure, grouped = TRUE)
  for (at in c(1, 5, 12, 15)) {
    say(table, alpha, unit, "cvm", at, cv$cvm[at])
    say(table, alpha, unit, "cvsd", at, cv$cvsd[at])
  }
  say(table, alpha, unit, "best", 0, which(cv$lambda == cv$lambda.min))
}

x <- as.matrix(swiss[, -1])
foldid <- (seq_len(nrow(swiss)) - 1) %% 5
write("swiss.csv", cbind(swiss, fold = foldid))
for (alpha in c(0.1, 0.5, 1)) for (unit in c(1, 1000)) tell("swiss", x, swiss$Fertility * unit, "gaussian", alpha, unit, foldid + 1)

v <- data.frame(time = veteran$time, status = veteran$status, trt = veteran$trt, karno = veteran$karno,
                diagtime = veteran$diagtime, age = veteran$age, prior = veteran$prior)
foldid <- (seq_len(nrow(v)) - 1) %% 5
write("veteran.csv", cbind(v, fold = foldid))
for (alpha in c(0.1, 1)) tell("veteran", as.matrix(v[, 3:7]), Surv(v$time, v$status), "cox", alpha, 1, foldid + 1)
write("glmnet.csv", figures)
cat("glmnet", as.character(packageVersion("glmnet")), nrow(figures), "figures\n")
