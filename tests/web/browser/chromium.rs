//! A headless Chromium, driven over `WebDriver`.

use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::app::free_port;

/// A browser with a new profile, and its driver: both end with the value.
pub(crate) struct Browser {
    pub(crate) client: Client,
    driver: Child,
    profile: PathBuf,
}

impl Browser {
    /// `None`, and a word about it, where there is no Chromium on this machine. `REQUIRE_BROWSER`
    /// makes that a failure.
    pub(crate) async fn start() -> Option<Self> {
        Self::start_with(&[]).await
    }

    pub(crate) async fn start_with(more: &[&str]) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let port = free_port();
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let driver = match driver {
            Ok(driver) => driver,
            Err(error) => {
                assert!(
                    std::env::var_os("REQUIRE_BROWSER").is_none(),
                    "chromedriver cannot be started: {error}"
                );
                eprintln!(
                    "NOT TESTED: chromedriver cannot be started ({error}); apt-get install chromium chromium-driver"
                );
                return None;
            }
        };
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("auth-tests-web-{}-{number}", std::process::id());
        let profile = std::env::temp_dir().join(name);
        let mut arguments: Vec<String> = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--window-size=1280,800",
        ]
        .iter()
        .chain(more)
        .map(ToString::to_string)
        .collect();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        let mut capabilities = Capabilities::new();
        capabilities.insert(
            "goog:chromeOptions".to_owned(),
            json!({ "args": arguments }),
        );
        let end = Instant::now() + Duration::from_secs(60);
        let client = loop {
            let connected = ClientBuilder::new(HttpConnector::new())
                .capabilities(capabilities.clone())
                .connect(&format!("http://127.0.0.1:{port}"))
                .await;
            match connected {
                Ok(client) => break client,
                Err(error) => assert!(Instant::now() < end, "no browser: {error}"),
            }
            actix_web::rt::time::sleep(Duration::from_millis(100)).await;
        };
        Some(Self {
            client,
            driver,
            profile,
        })
    }

    pub(crate) async fn go(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// The path and query where the browser is.
    pub(crate) async fn place(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        }
    }

    /// What a reader sees.
    pub(crate) async fn text(&self) -> String {
        let body = self.client.find(Locator::Css("body")).await.unwrap();
        body.text().await.unwrap()
    }

    /// Fills the fields in, and sends their form.
    pub(crate) async fn submit(&self, fields: &[(&str, &str)]) {
        let mut last = None;
        for (name, value) in fields {
            let css = format!("[name={name}]");
            let field = self.client.find(Locator::Css(&css)).await.unwrap();
            field.clear().await.unwrap();
            field.send_keys(value).await.unwrap();
            last = Some(field);
        }
        let button = "./ancestor::form//button";
        let button = last.unwrap().find(Locator::XPath(button)).await.unwrap();
        self.click(button).await;
    }

    /// Clicks what leads to another page, and waits for that.
    pub(crate) async fn click(&self, element: Element) {
        self.run("window.isBefore = true").await;
        element.click().await.unwrap();
        let arrived = "return window.isBefore !== true && document.readyState === 'complete'";
        self.wait_for(arrived, Duration::from_secs(20)).await;
    }

    pub(crate) async fn press(&self, text: &str) {
        let button = format!("//button[starts-with(normalize-space(), '{text}')]");
        let button = self.client.find(Locator::XPath(&button)).await.unwrap();
        self.click(button).await;
    }

    pub(crate) async fn run(&self, script: &str) -> serde_json::Value {
        self.client.execute(script, Vec::new()).await.unwrap()
    }

    /// Waits until the script answers `true`.
    pub(crate) async fn wait_for(&self, script: &str, limit: Duration) -> Duration {
        let started = Instant::now();
        // Between two pages there is none to ask.
        while self.client.execute(script, Vec::new()).await.ok() != Some(json!(true)) {
            assert!(started.elapsed() < limit, "not after {limit:?}: {script}");
            actix_web::rt::time::sleep(Duration::from_millis(50)).await;
        }
        started.elapsed()
    }

    /// A picture of the page, where `SCREENSHOTS` names a folder for it.
    pub(crate) async fn picture(&self, name: &str, width: u32, height: u32) {
        let Some(folder) = std::env::var_os("SCREENSHOTS") else {
            return;
        };
        self.client.set_window_size(width, height).await.unwrap();
        let picture = self.client.screenshot().await.unwrap();
        std::fs::write(PathBuf::from(folder).join(name), picture).unwrap();
    }

    pub(crate) async fn close(self) {
        self.client.clone().close().await.unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        _ = self.driver.kill();
        _ = self.driver.wait();
        _ = std::fs::remove_dir_all(&self.profile);
    }
}
