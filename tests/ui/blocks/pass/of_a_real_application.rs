// A block as a real application has it: nothing in it needs a word.

use actix_web::{App, web};
use auth_runtime::prelude::*;

// Its application would use all of it.
#[allow(dead_code)]
#[requires_role("admin")]
pub mod articles {
    use std::borrow::Cow;
    use std::collections::{BTreeMap, HashMap};
    use std::fmt;
    use std::future::{Future, Ready, ready};
    use std::pin::Pin;
    use std::str::FromStr;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::{Arc, LazyLock, Mutex, OnceLock};
    use std::time::Duration;

    use actix_web::dev::Payload;
    use actix_web::http::StatusCode;
    use actix_web::{
        FromRequest, HttpRequest, HttpResponse, Responder, ResponseError, get, post, web,
    };
    use auth_runtime::{ProtectedConfig, ProtectedScope};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    pub const PAGE_SIZE: usize = 50;
    const PATHS: &[&str] = &["/articles", "/articles/{id}"];
    pub static COUNTER: AtomicU64 = AtomicU64::new(0);
    static CACHE: LazyLock<Mutex<HashMap<u64, Article>>> = LazyLock::new(Mutex::default);
    static STARTED: OnceLock<std::time::Instant> = OnceLock::new();
    pub const COMPARE: fn(&Article, &Article) -> std::cmp::Ordering = |one, other| one.id.cmp(&other.id);
    const _: () = assert!(PAGE_SIZE > 0);

    pub type Store = Arc<Mutex<BTreeMap<u64, Article>>>;
    type Boxed<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

    #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
    pub struct Article {
        pub id: u64,
        pub title: String,
        #[serde(default)]
        pub tags: Vec<Tag>,
        #[cfg(any())]
        pub never: Missing,
        author: Option<String>,
    }

    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
    pub enum Status {
        #[default]
        Draft,
        Published {
            at: u64,
        },
        Gone(Duration, bool),
    }

    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Tag(pub String);

    #[derive(Debug)]
    pub struct Page<'a, T: fmt::Debug = Article, const SIZE: usize = 2>
    where
        T: Clone,
    {
        pub items: &'a [T],
        pub map: Option<fn(&T) -> String>,
        sizes: [u8; SIZE],
    }

    pub struct Unsized {
        pub length: usize,
        pub bytes: [u8],
    }

    #[derive(Debug)]
    pub enum Problem {
        NotFound(u64),
        Database(std::io::Error),
        Other(Box<dyn std::error::Error>),
    }

    pub enum Backend {
        #[cfg(any())]
        Never(Missing),
        #[cfg(any())]
        Neither { path: Missing },
        Memory(Store, u8),
    }

    /// Removes a file when it goes.
    pub struct Temporary<'a, T: fmt::Debug>(&'a T);

    impl<T: fmt::Debug> Drop for Temporary<'_, T> {
        fn drop(&mut self) {
            let _ = self.0;
        }
    }

    #[deprecated(note = "use `PAGE_SIZE`")]
    pub const SIZE: usize = PAGE_SIZE;

    #[deprecated]
    pub struct Old(pub u8);

    #[allow(deprecated)]
    impl Old {
        #[deprecated]
        pub fn value(&self) -> u8 {
            self.0
        }
    }

    /// Generic, with impls of one instance.
    pub struct Wrapped<T>(pub T);

    impl fmt::Display for Wrapped<u64> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0)
        }
    }

    impl<T: Future + Unpin> Future for Wrapped<T> {
        type Output = T::Output;

        fn poll(
            mut self: Pin<&mut Self>,
            context: &mut std::task::Context<'_>,
        ) -> std::task::Poll<T::Output> {
            Pin::new(&mut self.0).poll(context)
        }
    }

    pub fn orderings() -> (impl Fn(&u8, &u8) -> std::cmp::Ordering, Vec<impl Fn(u8) -> u8>) {
        (|one: &u8, other: &u8| one.cmp(other), vec![|one| one])
    }

    pub fn fill(cells: &Mutex<HashMap<u64, Article>>, one: Option<&mut Article>, _: (&mut u8, u8)) {
        let _ = (cells, one);
    }

    impl fmt::Display for Problem {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            match self {
                Self::NotFound(id) => write!(f, "no article {id}"),
                Self::Database(_) | Self::Other(_) => f.write_str("try again"),
            }
        }
    }

    impl std::error::Error for Problem {}

    impl ResponseError for Problem {
        fn status_code(&self) -> StatusCode {
            StatusCode::NOT_FOUND
        }

        fn error_response(&self) -> HttpResponse {
            HttpResponse::build(self.status_code()).body(self.to_string())
        }
    }

    impl From<std::io::Error> for Problem {
        fn from(error: std::io::Error) -> Self {
            Self::Database(error)
        }
    }

    impl FromStr for Tag {
        type Err = Cow<'static, str>;

        fn from_str(text: &str) -> Result<Self, Self::Err> {
            Self::parse(text).ok_or(Cow::Borrowed("a tag is not empty"))
        }
    }

    impl Serialize for Tag {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_str(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Tag {
        fn deserialize<D>(deserializer: D) -> Result<Self, D::Error>
        where
            D: Deserializer<'de>,
        {
            struct Visitor;

            impl serde::de::Visitor<'_> for Visitor {
                type Value = Tag;

                fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                    f.write_str("a tag")
                }

                fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Tag, E> {
                    Ok(Tag(text.to_owned()))
                }
            }

            deserializer.deserialize_str(Visitor)
        }
    }

    impl Tag {
        const SEPARATOR: char = ',';

        #[must_use]
        pub fn parse(text: &str) -> Option<Self> {
            (!text.is_empty()).then(|| Self(text.trim_end_matches(Self::SEPARATOR).to_owned()))
        }

        pub fn into_inner(self) -> String {
            self.0
        }

        pub async fn is_known(&self, store: &Store) -> bool {
            store.lock().is_ok_and(|store| store.values().any(|article| article.tags.contains(self)))
        }
    }

    impl<'a, T: fmt::Debug + Clone, const SIZE: usize> Page<'a, T, SIZE> {
        pub fn new(items: &'a [T]) -> Self {
            Self { items, map: None, sizes: [0; SIZE] }
        }

        pub fn first(&self) -> Option<&'a T> {
            self.items.get(usize::from(self.sizes.first() == Some(&1)))
        }

        pub fn mapped<U>(&self, map: impl Fn(&T) -> U) -> Vec<U> {
            self.items.iter().map(map).collect()
        }
    }

    impl<'a, T: fmt::Debug + Clone, const SIZE: usize> IntoIterator for &Page<'a, T, SIZE> {
        type Item = &'a T;
        type IntoIter = std::slice::Iter<'a, T>;

        fn into_iter(self) -> Self::IntoIter {
            self.items.iter()
        }
    }

    /// The client's version, from a header.
    #[derive(Clone, Debug)]
    pub struct Version(pub String);

    impl FromRequest for Version {
        type Error = actix_web::Error;
        type Future = Ready<Result<Self, Self::Error>>;

        fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
            let version = request.headers().get("x-version").and_then(|value| value.to_str().ok());
            ready(Ok(Self(version.unwrap_or("1").to_owned())))
        }
    }

    impl Responder for Article {
        type Body = actix_web::body::BoxBody;

        fn respond_to(self, _: &HttpRequest) -> HttpResponse {
            HttpResponse::Ok().json(self)
        }
    }

    pub trait Repository {
        type Error: fmt::Debug;
        const NAME: &'static str = "articles";

        fn find(&self, id: u64) -> impl Future<Output = Result<Article, Self::Error>>;
        fn name(&self) -> &'static str {
            Self::NAME
        }
        fn boxed(&self, id: u64) -> Boxed<'_, Option<Article>> {
            Box::pin(async move { self.find(id).await.ok() })
        }
    }

    impl Repository for Store {
        type Error = Problem;

        async fn find(&self, id: u64) -> Result<Article, Self::Error> {
            let found = self.lock().ok().and_then(|store| store.get(&id).cloned());
            found.ok_or(Problem::NotFound(id))
        }
    }

    #[get("/articles/{id}")]
    pub async fn show(store: web::Data<Store>, id: web::Path<u64>) -> Result<Article, Problem> {
        COUNTER.fetch_add(1, Ordering::Relaxed);
        load(&store, id.into_inner()).await
    }

    #[post("/articles")]
    pub async fn create(article: web::Json<Article>, version: Version) -> impl Responder {
        log(&article.0, &version.0);
        answer(StatusCode::CREATED, article.into_inner())
    }

    pub async fn index() -> String {
        STARTED.get_or_init(std::time::Instant::now);
        summed([1_u64, 2].into_iter()).to_string() + &PATHS.concat()
    }

    /// A helper that waits, which borrows.
    async fn load(store: &Store, id: u64) -> Result<Article, Problem> {
        retry(3, || store.find(id)).await
    }

    fn answer(status: StatusCode, body: impl Serialize) -> HttpResponse {
        HttpResponse::build(status).json(body)
    }

    fn log(article: &Article, version: &str) {
        let _ = (article, version, CACHE.lock().map(|cache| cache.len()));
    }

    fn summed<I>(numbers: I) -> u64
    where
        I: Iterator<Item = u64>,
    {
        numbers.sum()
    }

    fn evens(numbers: &[u64]) -> impl Iterator<Item = u64> + '_ {
        numbers.iter().copied().filter(|number| number % 2 == 0)
    }

    fn longest<'a>(one: &'a str, other: &'a str) -> &'a str {
        if evens(&[one.len() as u64]).next().is_some() { one } else { other }
    }

    pub const fn twice(number: u64) -> u64 {
        number * 2
    }

    pub fn fail(reason: &str) -> ! {
        panic!("{}", longest(reason, "failed"))
    }

    /// It waits, and is told how long: nothing that comes with a request.
    pub fn pause(time: Duration) -> impl Future<Output = ()> {
        actix_web::rt::time::sleep(time)
    }

    #[allow(clippy::manual_async_fn, reason = "in a block an `async fn` is a handler")]
    fn retry<T, E, F>(
        times: usize,
        mut attempt: impl FnMut() -> F,
    ) -> impl Future<Output = Result<T, E>>
    where
        F: Future<Output = Result<T, E>>,
    {
        async move {
            let mut last = attempt().await;
            for _ in 1..times {
                if last.is_err() {
                    last = attempt().await;
                }
            }
            last
        }
    }

    pub fn routes(config: &mut ProtectedConfig<'_>) {
        config.service(show).service(create).route("/articles", (web::get(), index));
    }

    pub fn scope() -> ProtectedScope {
        ProtectedScope::new("/v2").service(show)
    }

    #[allow(clippy::unnecessary_wraps, reason = "what others return")]
    pub fn scopes(prefix: &str) -> Result<Vec<ProtectedScope>, String> {
        Ok(vec![ProtectedScope::new(prefix), scope()])
    }

    pub mod drafts {
        use super::{Article, Status};

        #[actix_web::get("/drafts")]
        pub async fn list() -> String {
            format!("{:?}", is_draft(&Status::Draft).then_some(Option::<Article>::None))
        }

        fn is_draft(status: &Status) -> bool {
            matches!(status, Status::Draft)
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        async fn fake() -> &'static str {
            "for tests alone"
        }

        #[actix_web::test]
        async fn pages_begin_with_the_first() {
            assert_eq!(fake().await.len(), 15);
            let page = Page::<u8>::new(&[1, 2]);
            assert_eq!(page.first(), Some(&1));
            assert_eq!(page.into_iter().count(), page.mapped(|one| *one).len());
            pause(Duration::from_millis(twice(0))).await;
        }
    }
}

fn main() {
    let _ = App::new()
        .configure(|config| articles::routes(&mut auth_runtime::ProtectedConfig::new(config)))
        .service(articles::scope())
        .service(articles::drafts::list);
    let _ = web::get().to(articles::index);
}
