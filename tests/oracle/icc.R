# Intraclass correlations by psych, of an analysis of variance (lmer = FALSE): Rscript tests/oracle/icc.R FOLDER writes FOLDER/icc.csv.
# The tables are those of icc.csv beside this file. psych's default is a mixed model, which gives other numbers.
suppressMessages(library(psych))
arguments <- commandArgs()
here <- dirname(sub("^--file=", "", grep("^--file=", arguments, value = TRUE)))
out <- commandArgs(trailingOnly = TRUE)[1]
lines <- c()
for (line in readLines(file.path(here, "icc.csv"))) {
  parts <- strsplit(line, ",")[[1]]
  if (!endsWith(parts[1], ".values")) next
  values <- as.numeric(strsplit(parts[2], " ")[[1]])
  table <- matrix(values[-(1:2)], values[1], values[2])
  found <- suppressWarnings(ICC(table, lmer = FALSE)$results)
  # ICC1, ICC2, ICC3, ICC1k, ICC2k, ICC3k
  row <- as.vector(t(as.matrix(found[, c("ICC", "lower bound", "upper bound", "F", "df1", "df2", "p")])))
  lines <- c(lines, paste0(sub(".values", "", parts[1], fixed = TRUE), ".psych,", paste(format(row, digits = 17, trim = TRUE), collapse = " ")))
}
writeLines(lines, file.path(out, "icc.csv"))
cat("psych", as.character(packageVersion("psych")), length(lines), "lines\n")
