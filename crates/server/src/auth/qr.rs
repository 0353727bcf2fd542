//! What an authenticator scans.

use qrcode::render::svg::Color;
use qrcode::{EcLevel, QrCode};

use crate::problem::{Failure, Result};

/// A text as a QR code: an SVG image, black on white in both themes, with the quiet zone around it.
///
/// # Errors
/// Where the text is longer than a QR code takes, about two thousand bytes.
pub fn svg(text: &str) -> Result<String> {
    let code =
        QrCode::with_error_correction_level(text, EcLevel::M).map_err(|error| Failure::internal(&error))?;
    Ok(code.render::<Color<'_>>().module_dimensions(1, 1).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_a_square_with_four_modules_of_room_around_it() {
        // So few bytes take the smallest code, of 21 modules a side.
        let drawn = svg("otpauth").unwrap();
        assert!(drawn.contains(r#"viewBox="0 0 29 29""#), "{drawn}");
        assert!(svg(&"x".repeat(3000)).is_err());
    }
}
