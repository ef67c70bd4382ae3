use std::fs;
#[test]
fn write_tables() {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/src/ingest/tracking_log/MAPPING.md"
    );
    let text = fs::read_to_string(path).unwrap();
    fs::write(path, text.replace("@TABLES@\n", &super::MAPPING.markdown())).unwrap();
}
