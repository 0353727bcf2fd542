//! What is counted, for Prometheus: the text of `/metrics`, on a listener of its own.
//!
//! Invariant: labels take bounded values alone: routes' patterns, problem codes, tenants, and words of this
//! program; nothing that a caller makes up.

use std::borrow::Cow;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::authzen::evaluation;
use crate::tenant::{self, Applied, Tenant};

/// The media type of the text: OpenMetrics 1.0.
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The upper bounds of a request's time, in seconds: from a decision to what takes long.
const BUCKETS: [f64; 11] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    method: &'static str,
    route: Cow<'static, str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: Cow<'static, str>,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct InTenant {
    tenant: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refused {
    tenant: String,
    code: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Mailed {
    leads_to: &'static str,
    outcome: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Outcome {
    outcome: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answer {
    answer: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

/// Decisions, which are too many to look for their counter each time.
#[derive(Debug)]
struct Decisions {
    family: Family<Answer, Counter>,
    allowed: Counter,
    not_allowed: Counter,
}

impl Default for Decisions {
    fn default() -> Self {
        let family = Family::<Answer, Counter>::default();
        let counter = |answer| family.get_or_create_owned(&Answer { answer });
        Self { allowed: counter("allowed"), not_allowed: counter("not_allowed"), family }
    }
}

/// The requests that are too many to look for their counters each time: those for one decision that are answered.
#[derive(Debug)]
struct Evaluations {
    times: Histogram,
    answered: Counter,
}

impl Evaluations {
    const METHOD: &str = "POST";
    const STATUS: StatusCode = StatusCode::OK;

    fn among(requests: &Family<Answered, Counter>, times: &Times) -> Self {
        let (method, route) = (Self::METHOD, Cow::Borrowed(evaluation::PATH));
        let times = times.get_or_create_owned(&Route { method, route: route.clone() });
        let status = Self::STATUS.as_u16();
        Self { times, answered: requests.get_or_create_owned(&Answered { method, route, status }) }
    }

    fn are(method: &str, route: &str, status: StatusCode) -> bool {
        status == Self::STATUS && method == Self::METHOD && route == evaluation::PATH
    }
}

type Times = Family<Route, Histogram, fn() -> Histogram>;

/// What a server counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    times: Times,
    evaluations: Evaluations,
    decisions: Decisions,
    writes: Family<InTenant, Counter>,
    refused: Family<Refused, Counter>,
    sign_ins: Family<Outcome, Counter>,
    links_mailed: Family<Mailed, Counter>,
    streams: Gauge,
    encodings: Family<Kind, Counter>,
    encoded: Family<Kind, Counter>,
    store_errors: Counter,
    revisions: Family<InTenant, Gauge<u64, AtomicU64>>,
    epochs: Family<InTenant, Gauge<u64, AtomicU64>>,
    memory: Gauge<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        let new: fn() -> Histogram = || Histogram::new(BUCKETS);
        let (requests, times) = (Family::default(), Family::new_with_constructor(new));
        let mut it = Self {
            registry: Registry::default(),
            evaluations: Evaluations::among(&requests, &times),
            requests,
            times,
            decisions: Decisions::default(),
            writes: Family::default(),
            refused: Family::default(),
            sign_ins: Family::default(),
            links_mailed: Family::default(),
            streams: Gauge::default(),
            encodings: Family::default(),
            encoded: Family::default(),
            store_errors: Counter::default(),
            revisions: Family::default(),
            epochs: Family::default(),
            memory: Gauge::default(),
        };
        it.register();
        it
    }
}

impl Metrics {
    fn register(&mut self) {
        let own = self.registry.sub_registry_with_prefix("rolewright");
        let version = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        own.register("build", "The version that runs", version);
        own.register("http_requests", "Requests answered", self.requests.clone());
        let seconds = Unit::Seconds;
        own.register_with_unit(
            "http_request_duration",
            "Until the answer began",
            seconds,
            self.times.clone(),
        );
        own.register("decisions", "Decisions by their answer", self.decisions.family.clone());
        own.register("writes", "Changes that were made", self.writes.clone());
        own.register(
            "refused_writes",
            "Changes that were refused, by the problem's code",
            self.refused.clone(),
        );
        own.register("sign_ins", "Sign-ins by password, by their outcome", self.sign_ins.clone());
        own.register(
            "links_mailed",
            "Links mailed, by whether the mail server took them",
            self.links_mailed.clone(),
        );
        own.register("change_streams", "Open streams of changes", self.streams.clone());
        own.register("snapshot_encodings", "Snapshots and deltas made", self.encodings.clone());
        own.register_with_unit(
            "snapshot_encoded",
            "Snapshots and deltas made, signed",
            Unit::Bytes,
            self.encoded.clone(),
        );
        own.register("store_errors", "Failures of the store", self.store_errors.clone());
        own.register("tenant_revision", "The newest change", self.revisions.clone());
        own.register("tenant_epoch", "How often a backup was restored", self.epochs.clone());
        self.registry.register_with_unit(
            "process_resident_memory",
            "What the process holds in memory; 0 where it is not known",
            Unit::Bytes,
            self.memory.clone(),
        );
    }

    /// A request was answered.
    pub fn answered(&self, method: &Method, route: Cow<'static, str>, status: StatusCode, took: Duration) {
        let (method, took) = (known(method), took.as_secs_f64());
        if Evaluations::are(method, &route, status) {
            self.evaluations.times.observe(took);
            self.evaluations.answered.inc();
            return;
        }
        self.times.get_or_create(&Route { method, route: route.clone() }).observe(took);
        self.requests.get_or_create(&Answered { method, route, status: status.as_u16() }).inc();
    }

    /// A question was answered.
    pub fn decided(&self, allowed: bool) {
        if allowed {
            self.decisions.allowed.inc()
        } else {
            self.decisions.not_allowed.inc()
        };
    }

    /// A change was made, or was not.
    pub fn written(&self, tenant: &str, applied: &Result<Applied, tenant::Error>) {
        let tenant = tenant.to_owned();
        match applied {
            Ok(_) => self.writes.get_or_create(&InTenant { tenant }).inc(),
            Err(error) => {
                let code = error.code().to_owned();
                self.refused.get_or_create(&Refused { tenant, code }).inc()
            }
        };
    }

    /// Somebody signed in, or the code of the problem why not.
    pub fn signed_in(&self, outcome: &str) {
        self.sign_ins.get_or_create(&Outcome { outcome: outcome.to_owned() }).inc();
    }

    /// A link that leads there was given to the mail server, which took it or not.
    pub fn mailed(&self, leads_to: &'static str, is_sent: bool) {
        let outcome = if is_sent { "sent" } else { "not_sent" };
        self.links_mailed.get_or_create(&Mailed { leads_to, outcome }).inc();
    }

    /// A stream of changes is open until what is answered is dropped.
    pub fn stream(&self) -> Open {
        self.streams.inc();
        Open(self.streams.clone())
    }

    /// A snapshot or a delta of that kind was made, so many bytes long.
    pub fn encoded(&self, kind: &'static str, bytes: usize) {
        self.encodings.get_or_create(&Kind { kind }).inc();
        self.encoded.get_or_create(&Kind { kind }).inc_by(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    /// The store failed.
    pub fn store_failed(&self) {
        self.store_errors.inc();
    }

    /// Everything, in the text format of OpenMetrics.
    ///
    /// # Errors
    /// Where it cannot be written.
    pub fn text<'t>(&self, tenants: impl Iterator<Item = &'t Tenant>) -> Result<String, std::fmt::Error> {
        for tenant in tenants {
            let (at, tenant) = (tenant.loaded().state.at(), tenant.id().to_owned());
            let labels = InTenant { tenant };
            self.revisions.get_or_create(&labels).set(at.revision);
            self.epochs.get_or_create(&labels).set(u64::from(at.epoch));
        }
        self.memory.set(resident().unwrap_or_default());
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// A stream that is open.
#[derive(Debug)]
pub struct Open(Gauge);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// The methods that routes have; a caller may send any word.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// What the process holds in memory, in bytes, where the system says so: Linux, in kB (proc(5)).
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}
