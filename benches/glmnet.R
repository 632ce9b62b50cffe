# glmnet beside the elastic net of core/learning: Rscript benches/glmnet.R, in turn with
# `cargo run --release -p voxomics-learning --example speed wide`. The tables are drawn alike there.
suppressPackageStartupMessages({ library(glmnet); library(survival) })
set.seed(1)
shapes <- list(list(200, 2000, FALSE), list(200, 20000, FALSE), list(1000, 1000, FALSE), list(200, 2000, TRUE), list(10000, 50, TRUE))
for (shape in shapes) {
  rows <- shape[[1]]
  columns <- shape[[2]]
  x <- matrix(rnorm(rows * columns), rows)
  for (j in seq_len(columns)[-1]) x[, j] <- 0.5 * x[, j - 1] + x[, j]
  told <- min(columns, 100) / 10
  eta <- as.vector(x[, seq_len(told)] %*% rep(0.3, told))
  folds <- sample(rep_len(1:10, rows))
  if (shape[[3]]) {
    y <- Surv(exp(rnorm(rows) - eta), rnorm(rows) < 0.5)
    family <- "cox"
  } else {
    y <- eta + rnorm(rows)
    family <- "gaussian"
  }
  # The time on a processor, so that other work does not count.
  took <- min(sapply(1:3, function(turn) sum(system.time(cv.glmnet(x, y, family = family, foldid = folds))[c("user.self", "sys.self")])))
  cat(sprintf("%s, %d x %d: 100 lambdas, ten folds in %.3f s\n", family, rows, columns, took))
}
