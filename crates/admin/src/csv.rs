//! Tables as CSV (RFC 4180).

/// Adds a line. What a sheet would take for a formula is quoted by `'`.
pub fn line<'f>(out: &mut String, fields: impl Iterator<Item = &'f str>) {
    for (position, field) in fields.enumerate() {
        if position > 0 {
            out.push(',');
        }
        let guard = if field.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        if guard.is_empty() && !field.contains([',', '"', '\n', '\r']) {
            out.push_str(field);
        } else {
            out.extend(["\"", guard, &field.replace('"', "\"\""), "\""]);
        }
    }
    out.push_str("\r\n");
}
