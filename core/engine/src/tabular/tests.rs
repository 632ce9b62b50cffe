//! What pandas 3.1.1 with pyarrow 26.0.1 and polars 2.1.0 have written (`tests/oracle/parquet.py`), and what is refused.

use super::*;

/// Every row, each with its number.
fn rows(bytes: &[u8]) -> Result<(Vec<String>, Vec<Vec<String>>), String> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("table");
    std::fs::write(&path, bytes).expect("a file");
    let table = Tabular::open(&path)?;
    let (header, mut rows) = (table.header.clone(), Vec::new());
    table.each(|number, record| {
        rows.push([number.to_string()].into_iter().chain(record.iter().map(str::to_owned)).collect());
        Ok(())
    })?;
    Ok((header, rows))
}

#[test]
fn semicolons_set_cells_apart_where_there_is_no_comma() {
    let (header, found) = rows(b"sample_name;stat_mean\np1;1.5\np2;\n").expect("a table");
    assert_eq!((header, found.len()), (vec!["sample_name".to_owned(), "stat_mean".to_owned()], 2));
    assert_eq!((found[0][2].as_str(), found[1][2].as_str()), ("1.5", ""));
    // With one comma in the first line, a semicolon is a sign like any other.
    let (header, _) = rows(b"patient,a;b\np1,2\n").expect("a table");
    assert_eq!(header, ["patient", "a;b"]);
}

#[test]
fn parquet_of_pandas_and_polars_has_the_cells_of_a_csv() {
    for (who, bytes) in [
        ("pandas", include_bytes!("pandas.parquet").as_slice()),
        ("polars", include_bytes!("polars.parquet").as_slice()),
    ] {
        let (header, rows) = rows(bytes).expect("it is a table");
        // The names of pandas' rows are no column.
        assert_eq!(header, ["patient", "age", "glcm.contrast", "stage", "male", "visit", "seen"], "{who}");
        assert_eq!(rows[0], ["1", "p1", "61", "0.1", "II", "true", "2018-08-14", "2018-08-14"], "{who}");
        assert_eq!(rows[1][..3], ["2", "p2", ""], "{who}");
        assert!(["", "NaN"].contains(&rows[1][3].as_str()), "{who}: {:?}", rows[1]);
        assert_eq!(rows[1][4..], ["IV", "false", "", "2018-08-14 09:30:00"], "{who}");
        assert_eq!(rows[2], ["3", "p3", "48", "0.0000001", "", "", "2019-01-02", ""], "{who}");
    }
}

#[test]
fn nanoseconds_are_dates_and_rarer_types_what_they_are() {
    let (header, rows) = rows(include_bytes!("rare.parquet")).expect("it is a table");
    assert_eq!(header, ["patient", "day", "before", "hour", "small", "large", "decimal", "half", "bytes"]);
    assert_eq!(
        rows[0][1..],
        [
            "p1",
            "2018-08-14",
            "1969-12-31 09:30:00.250000",
            "09:30:00",
            "200",
            "9223372036854775813",
            "1.50",
            "0.5",
            "II"
        ]
    );
    assert_eq!(rows[1][1..7], ["p2", "", "", "", "1", "1"], "{:?}", rows[1]);
    assert_eq!(rows[1][9], "IV");
}

#[test]
fn what_is_no_table_is_refused() {
    let refused = |bytes: &[u8]| rows(bytes).expect_err("it is refused");
    assert!(refused(include_bytes!("nested.parquet")).contains("its column `all` has lists or tables in its cells"));
    assert!(refused(include_bytes!("raw.parquet")).contains("row 1: the column `raw` has bytes that are no text"));
    assert!(
        refused(include_bytes!("id.parquet")).contains("its column `id` has neither numbers, texts, flags nor dates")
    );
    let whole = include_bytes!("polars.parquet");
    assert!(refused(&whole[..whole.len() - 40]).contains("it is no Parquet file"), "{}", refused(&whole[..900]));
    let mut damaged = whole.to_vec();
    damaged[10..60].fill(0xFF);
    assert!(refused(&damaged).contains("cannot be read"), "{}", refused(&damaged));
    assert!(
        refused(b"a,b\n1,2\n3\n")
            .contains("1 line has another number of cells than the first; line 3 has 1, expected 2")
    );
}
