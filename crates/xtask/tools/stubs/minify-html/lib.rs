//! Stands in for minify-html: gives back what it is given.

#[derive(Default)]
pub struct Cfg {
    pub minify_css: bool,
    pub minify_js: bool,
    pub keep_closing_tags: bool,
}

impl Cfg {
    pub fn spec_compliant() -> Self {
        Self::default()
    }
}

pub fn minify(source: &[u8], _: &Cfg) -> Vec<u8> {
    source.to_vec()
}
