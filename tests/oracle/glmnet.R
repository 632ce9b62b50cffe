# Elastic nets of R's glmnet on real tables: paths, coefficients, cross-validated curves by given folds.
#
# Rscript tests/oracle/glmnet.R [FOLDER]     writes r/swiss.csv, r/veteran.csv, r/pima.csv, r/gbsg.csv and r/glmnet.csv, and takes
# diabetes.csv and breast.csv of trees.py; core/learning/tests/glmnet.rs holds the crate against them. Packages: r-base-core,
# r-cran-glmnet, r-cran-mass, r-cran-survival (Debian).
suppressMessages({ library(glmnet); library(survival) })
here <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
out <- c(commandArgs(trailingOnly = TRUE), file.path(here, "r"))[1]
glmnet.control(fdev = 0, devmax = 0.999)
exact <- function(x) formatC(x, digits = 17, format = "g")
write <- function(name, table) write.csv(table, file.path(out, name), row.names = FALSE, quote = FALSE)
# Rows come fold after fold in turn.
folds <- function(table) (seq_len(nrow(table)) - 1) %% 5

figures <- data.frame()
say <- function(table, alpha, unit, what, at, values) {
  figures <<- rbind(figures, data.frame(table, alpha, unit, what, at, value = exact(values)))
}
# cv.glmnet takes a probability beyond 1e-5 or 1 - 1e-5 for that limit. The same curve with the probabilities as they are.
unclipped <- function(cv, y, foldid) {
  sums <- ifelse(y == 1, -1, 1) * cv$fit.preval
  curve <- function(loss) {
    by_fold <- apply(loss, 2, function(of) tapply(of, foldid, mean))
    weights <- as.vector(table(foldid))
    mean <- apply(by_fold, 2, weighted.mean, weights)
    list(cvm = mean, cvsd = sqrt(apply(sweep(by_fold, 2, mean)^2, 2, weighted.mean, weights) / (length(weights) - 1)))
  }
  clipped <- curve(-2 * log(pmin(pmax(plogis(-sums), 1e-5), 1 - 1e-5)))
  stopifnot(max(abs(clipped$cvm - cv$cvm)) < 1e-12, max(abs(clipped$cvsd - cv$cvsd)) < 1e-12)
  found <- curve(2 * ifelse(sums > 30, sums, log1p(exp(sums))))
  list(lambda = cv$lambda, cvm = found$cvm, cvsd = found$cvsd, lambda.min = cv$lambda[which.min(found$cvm)])
}
tell <- function(table, x, y, family, alpha, unit, foldid) {
  fit <- function(...) glmnet(x, y, family = family, alpha = alpha, nlambda = 20, thresh = 1e-16, maxit = 1e7, ...)
  whole <- fit()
  for (at in c(1, 5, 12)) {
    say(table, alpha, unit, "lambda", at, whole$lambda[at])
    b <- as.numeric(coef(whole, s = whole$lambda[at]))
    say(table, alpha, unit, paste0("b", seq_along(b)), at, b)
  }
  measure <- if (family == "gaussian") "mse" else "deviance"
  cv <- cv.glmnet(x, y, family = family, alpha = alpha, lambda = whole$lambda[1:15], foldid = foldid, thresh = 1e-16,
                  maxit = 1e7, type.measure = measure, grouped = TRUE, keep = TRUE)
  if (family == "binomial") cv <- unclipped(cv, y, foldid)
  for (at in c(1, 5, 12, 15)) {
    say(table, alpha, unit, "cvm", at, cv$cvm[at])
    say(table, alpha, unit, "cvsd", at, cv$cvsd[at])
  }
  say(table, alpha, unit, "best", 0, which(cv$lambda == cv$lambda.min))
}

x <- as.matrix(swiss[, -1])
foldid <- folds(swiss)
write("swiss.csv", cbind(swiss, fold = foldid))
for (alpha in c(0.1, 0.5, 1)) for (unit in c(1, 1000)) tell("swiss", x, swiss$Fertility * unit, "gaussian", alpha, unit, foldid + 1)
diabetes <- read.csv(file.path(here, "diabetes.csv"))
for (alpha in c(0.1, 0.5, 1)) for (unit in c(1, 1000))
  tell("diabetes", as.matrix(diabetes[, -11]), diabetes$progression * unit, "gaussian", alpha, unit, folds(diabetes) + 1)

breast <- read.csv(file.path(here, "breast.csv"))
for (alpha in c(0.1, 0.5, 1)) tell("breast", as.matrix(breast[, -11]), breast$malignant, "binomial", alpha, 1, folds(breast) + 1)
pima <- with(MASS::Pima.tr, data.frame(diabetes = as.integer(type == "Yes"), npreg, glu, bp, skin, bmi, ped, age))
write("pima.csv", cbind(pima, fold = folds(pima)))
for (alpha in c(0.1, 0.5, 1)) tell("pima", as.matrix(pima[, -1]), pima$diabetes, "binomial", alpha, 1, folds(pima) + 1)

v <- data.frame(time = veteran$time, status = veteran$status, trt = veteran$trt, karno = veteran$karno,
                diagtime = veteran$diagtime, age = veteran$age, prior = veteran$prior)
foldid <- folds(v)
write("veteran.csv", cbind(v, fold = foldid))
for (alpha in c(0.1, 1)) tell("veteran", as.matrix(v[, 3:7]), Surv(v$time, v$status), "cox", alpha, 1, foldid + 1)
# In years: from a time of 256 on, glmnet loses ties of a censoring with an event.
g <- with(survival::gbsg, data.frame(time = rfstime, status, age, meno, size, grade, nodes, pgr, er, hormon))
foldid <- folds(g)
write("gbsg.csv", cbind(g, fold = foldid))
for (alpha in c(0.1, 1)) tell("gbsg", as.matrix(g[, 3:10]), Surv(g$time / 365.25, g$status), "cox", alpha, 1, foldid + 1)
write("glmnet.csv", figures)
cat("glmnet", as.character(packageVersion("glmnet")), nrow(figures), "figures\n")
