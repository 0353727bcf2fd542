//! Pages of a search (section 8.2): a token leads on after the last result that was told, and is good for the
//! search that it came of.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use super::error::{Error, Result};
use crate::secret;

/// The most results of a page, and how many it has where the request does not say.
pub const MOST: usize = 1_000;

/// Which page.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[schema(as = authzen::PageRequest)]
pub struct PageRequest {
    /// The `next_token` of the page before; nothing for the first.
    #[serde(default)]
    token: Option<String>,
    /// How many results, 1,000 at most and where it is not said. It stays as it was with the first page.
    #[serde(default)]
    limit: Option<u64>,
}

/// Where the next page begins.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = authzen::PageAnswer)]
pub struct PageAnswer {
    /// For `page.token`; empty on the last page.
    next_token: String,
    /// How many results this page has.
    count: usize,
    /// How many there are.
    total: usize,
}

/// What a token says.
#[derive(Serialize, Deserialize)]
struct Token {
    after: String,
    limit: usize,
    query: String,
}

/// The page that is asked for, of names in order; `query` is what was asked. A page is told where one was asked
/// for or more is left.
///
/// # Errors
/// 400: the token is of another search, or the limit is another than that of the first page.
pub fn cut(
    request: Option<PageRequest>,
    query: &str,
    names: Vec<String>,
) -> Result<(Vec<String>, Option<PageAnswer>)> {
    let is_asked = request.is_some();
    let PageRequest { token, limit } = request.unwrap_or_default();
    let query = secret::sha256(query.as_bytes());
    let token = token.filter(|token| !token.is_empty()).map(|token| read(&token, &query)).transpose()?;
    let limit = match (limit.map(|limit| usize::try_from(limit).unwrap_or(MOST).min(MOST)), &token) {
        (Some(0), _) => return Err(Error::invalid("`page.limit` is 1 at least: a page has a result")),
        (Some(limit), Some(token)) if limit != token.limit => {
            return Err(Error::invalid("`page.limit` stays as it was with the first page: leave it out"));
        }
        (limit, token) => limit.or_else(|| token.as_ref().map(|token| token.limit)).unwrap_or(MOST),
    };
    let total = names.len();
    let begin = token.map_or(0, |token| names.partition_point(|name| *name <= token.after));
    let shown: Vec<String> = names.into_iter().skip(begin).take(limit).collect();
    let is_last = begin.saturating_add(shown.len()) >= total;
    let next_token = match shown.last() {
        Some(last) if !is_last => write(&Token { after: last.clone(), limit, query }),
        _ => String::new(),
    };
    let page = PageAnswer { next_token, count: shown.len(), total };
    Ok((shown, Some(page).filter(|_| is_asked || !is_last)))
}

fn write(token: &Token) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(token).unwrap_or_default())
}

fn read(token: &str, query: &str) -> Result<Token> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let token = bytes.and_then(|bytes| serde_json::from_slice::<Token>(&bytes).ok());
    token.filter(|token| token.query == query && (1..=MOST).contains(&token.limit)).ok_or_else(|| {
        Error::invalid("`page.token` is not of this search: keep what was asked, or begin without a token")
    })
}
