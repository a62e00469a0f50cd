//! A small client: a simulator and a way to ask it.

use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use virustotal_hunting_simulator::{Options, Simulator};

/// A simulator of one's own, and a client with its key.
pub(crate) struct Api {
    pub(crate) simulator: Simulator,
    pub(crate) client: Client,
    pub(crate) key: String,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn message(&self) -> String {
        self.json()["error"]["message"].as_str().unwrap_or_default().to_owned()
    }

    pub(crate) fn items(&self) -> Vec<Value> {
        self.json()["data"].as_array().expect("a collection").clone()
    }

    pub(crate) fn cursor(&self) -> Option<String> {
        self.json()["meta"]["cursor"].as_str().map(str::to_owned)
    }
}

pub(crate) fn http_client() -> Client {
    use tokio_rustls::rustls::crypto::ring;
    // Whoever comes first installs it; a second time is refused and does not matter.
    let _ = ring::default_provider().install_default();
    Client::builder().no_proxy().build().expect("a client")
}

impl Api {
    pub(crate) async fn start() -> Self {
        Self::with(Options::default()).await
    }

    pub(crate) async fn with(options: Options) -> Self {
        let simulator = Simulator::start(options).await.expect("the simulator starts");
        let key = simulator.key().to_owned();
        Self { simulator, client: http_client(), key }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let url = format!("{}/api/v3{path}", self.simulator.http_url());
        self.client.request(method, url).header("x-apikey", &self.key)
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        answer(self.request(Method::GET, path).send().await).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        answer(self.request(Method::DELETE, path).send().await).await
    }

    pub(crate) async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let request = self.request(method, path).header("content-type", "application/json").body(body.to_string());
        answer(request.send().await).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    /// Creates an enabled ruleset and returns its id.
    pub(crate) async fn ruleset(&self, name: &str, rules: &str, more: Value) -> String {
        let mut attributes = json!({"name": name, "rules": rules, "enabled": true, "limit": 10_000});
        attributes.as_object_mut().expect("an object").extend(more.as_object().cloned().unwrap_or_default());
        let body = json!({"data": {"type": "hunting_ruleset", "attributes": attributes}});
        let created = self.post("/intelligence/hunting_rulesets", &body).await;
        assert_eq!(created.status, 200, "{created:?}");
        created.json()["data"]["id"].as_str().expect("an id").to_owned()
    }

    /// Creates a job and returns its id.
    pub(crate) async fn job(&self, attributes: Value) -> String {
        let created = self.post("/intelligence/retrohunt_jobs", &job_body(attributes)).await;
        assert_eq!(created.status, 200, "{created:?}");
        created.json()["data"]["id"].as_str().expect("an id").to_owned()
    }

    /// The next page of a listing. `path` must have a query.
    pub(crate) async fn after(&self, path: &str, page: &Answer) -> Answer {
        let cursor = page.cursor().expect("a page with a cursor").replace('=', "%3D");
        self.get(&format!("{path}&cursor={cursor}")).await
    }

    /// Walks a listing to its end; returns the pages. `path` must have a query.
    pub(crate) async fn walk(&self, path: &str) -> Vec<Answer> {
        let mut pages = vec![self.get(path).await];
        while let Some(page) = pages.last().filter(|page| page.cursor().is_some()) {
            assert!(pages.len() < 100, "the walk does not end");
            let next = self.after(path, page).await;
            assert_eq!(next.status, 200);
            pages.push(next);
        }
        pages
    }
}

pub(crate) fn job_body(attributes: Value) -> Value {
    json!({"data": {"type": "retrohunt_job", "attributes": attributes}})
}

pub(crate) async fn answer(response: reqwest::Result<Response>) -> Answer {
    let response = response.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer { status, headers, body: response.bytes().await.expect("a body").to_vec() }
}

/// The notification ids of stream entries, in the order served.
pub(crate) fn stream_ids(pages: &[Answer]) -> Vec<String> {
    let id = |item: &Value| item["context_attributes"]["notification_id"].as_str().expect("an id").to_owned();
    pages.iter().flat_map(|page| page.items().iter().map(id).collect::<Vec<_>>()).collect()
}

/// The ids of objects, in the order served.
pub(crate) fn object_ids(pages: &[Answer]) -> Vec<String> {
    let id = |item: &Value| item["id"].as_str().expect("an id").to_owned();
    pages.iter().flat_map(|page| page.items().iter().map(id).collect::<Vec<_>>()).collect()
}
