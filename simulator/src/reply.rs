//! What an operation answers, before compression and faults have their turn.

use bytes::Bytes;
use serde_json::{Value, json};

/// A response in the making.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Bytes,
    /// Whether a client that asks for gzip gets it. Errors come plain: the front end does not compress them.
    pub(crate) compressible: bool,
}

impl Reply {
    pub(crate) fn json(value: &Value) -> Self {
        Self::json_text(value.to_string())
    }

    pub(crate) fn json_text(text: String) -> Self {
        Self {
            status: 200,
            headers: vec![("content-type".into(), "application/json; charset=utf-8".into())],
            body: text.into(),
            compressible: true,
        }
    }

    /// Success without a body.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Bytes::new(), compressible: false }
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }
}

/// An error in VirusTotal's words.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    pub(crate) status: u16,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// What every operation returns.
pub(crate) type Outcome = Result<Reply, ApiError>;

impl ApiError {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    pub(crate) fn bad_request(message: impl Into<String>) -> Self {
        Self::new(400, "BadRequestError", message)
    }

    pub(crate) fn invalid_argument(message: impl Into<String>) -> Self {
        Self::new(400, "InvalidArgumentError", message)
    }

    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        Self::new(404, "NotFoundError", format!("{what} \"{id}\" not found"))
    }

    pub(crate) fn forbidden() -> Self {
        Self::new(403, "ForbiddenError", "You are not authorized to perform the requested operation")
    }

    pub(crate) fn quota() -> Self {
        Self::new(429, "QuotaExceededError", "Quota exceeded")
    }

    /// The error that belongs to a status when nothing more is said.
    pub(crate) fn of_status(status: u16) -> Self {
        let (code, message) = match status {
            400 => ("BadRequestError", "Bad request"),
            401 => ("WrongCredentialsError", "Wrong API key"),
            403 => ("ForbiddenError", "You are not authorized to perform the requested operation"),
            404 => ("NotFoundError", "Resource not found."),
            409 => ("AlreadyExistsError", "The resource already exists"),
            424 => ("FailedDependencyError", "The request depended on another one that failed"),
            429 => ("TooManyRequestsError", "Too many requests"),
            503 => ("TransientError", "Transient server error, retry might work"),
            504 => ("DeadlineExceededError", "The operation took too long to complete"),
            _ => ("UnknownError", "Unknown error"),
        };
        Self::new(status, code, message)
    }
}

impl From<ApiError> for Reply {
    fn from(error: ApiError) -> Self {
        let body = json!({"error": {"code": error.code, "message": error.message}});
        Self { compressible: false, ..Self::json(&body).with_status(error.status) }
    }
}
