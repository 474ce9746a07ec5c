//! Serving the metadata of the protected resource (RFC 9728 §3).

use actix_web::dev::{AppService, HttpServiceFactory};
use actix_web::guard::{self, Guard, GuardContext};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, Resource, web};

use crate::config::Auth;
use crate::enforce::check::NoChecks;
use crate::enforce::mount::MountPoint;
use crate::enforce::rule::{Declared, Routes, Spec};
use crate::http::resource_metadata::PublishedMetadata;
use crate::model::handler::RecordKind;
use crate::model::requirement::Access;

/// Serves the metadata of the protected resource, for `.service(..)` of the app; made by
/// [`Auth::resource_metadata_service`].
#[derive(Debug)]
pub struct ResourceMetadataService {
    auth: Auth,
}

impl Auth {
    /// The service that answers `/.well-known/oauth-protected-resource`, followed by the path of
    /// the resource, with the metadata set by
    /// [`AuthBuilder::resource_metadata`](crate::AuthBuilder::resource_metadata); nothing where
    /// none is set.
    ///
    /// No credentials are needed to read it (RFC 9728 §3.2), scripts of every origin may, and caches
    /// may keep it. The network rules of the configuration apply.
    ///
    /// ```
    /// # use actix_web::App;
    /// # use auth_runtime::{Auth, Bearer, Principal, Secret};
    /// # use auth_runtime::oauth::ResourceMetadata;
    /// # let auth = Auth::builder().realm("a").scheme(Bearer::sync(|_: Secret<'_>| None::<Principal>))
    /// #     .resource_metadata(ResourceMetadata::new("https://h").authorization_server("https://as.example"))
    /// #     .build()?;
    /// let app = App::new().app_data(auth.clone()).service(auth.resource_metadata_service());
    /// # Ok::<(), auth_runtime::ConfigurationError>(())
    /// ```
    ///
    /// Put it on the app itself: inside a scope it would be served below the scope's path, where
    /// no client looks. Two configurations on one host, each with a resource of its own, are two
    /// services; see [`ResourceMetadata::at_root`](crate::oauth::ResourceMetadata::at_root).
    #[must_use]
    pub fn resource_metadata_service(&self) -> ResourceMetadataService {
        ResourceMetadataService { auth: self.clone() }
    }
}

impl HttpServiceFactory for ResourceMetadataService {
    fn register(self, config: &mut AppService) {
        let Some(metadata) = &self.auth.settings().resource_metadata else {
            return;
        };
        // A pattern is compared with the decoded path, where `%2F` and `/` may be the same.
        let pattern = match metadata.path().split_once('%') {
            Some((plain, _)) => format!("{plain}{{rest:.*}}"),
            None => metadata.path().to_owned(),
        };
        let own = web::resource(pattern).guard(SameAddress {
            path: metadata.path().to_owned(),
            query: metadata.query().map(str::to_owned),
        });
        routes(own, &self.auth).register(config);
        if let Some(root) = metadata.root() {
            routes(web::resource(root), &self.auth).register(config);
        }
    }
}

/// A decision like that of `require!(public(..))`, without a record: the document is no handler of
/// the app, whose access its developers review.
enum Published {}

impl Spec for Published {
    const DECLARED: Declared = Declared {
        path: concat!(module_path!(), "::require!"),
        file: file!(),
        line: line!(),
        column: column!(),
        access: Access::Public("RFC 9728 §3.2: the metadata is read without credentials"),
        routes: Routes::None,
    };
    const KIND: RecordKind = RecordKind::MountPoint;
    type Checks = NoChecks;
}

/// The address of the document, as it is written. Where the identifier of the resource has a query,
/// that is part of it.
struct SameAddress {
    path: String,
    query: Option<String>,
}

impl Guard for SameAddress {
    fn check(&self, context: &GuardContext<'_>) -> bool {
        let uri = &context.head().uri;
        (uri.path() == self.path || !self.path.contains('%'))
            && (self.query.is_none() || uri.query() == self.query.as_deref())
    }
}

fn routes(resource: Resource, auth: &Auth) -> impl HttpServiceFactory + use<> {
    let answer = |auth: &Auth| {
        let auth = auth.clone();
        move |request: HttpRequest| {
            let response = respond(&auth, &request);
            async move { response }
        }
    };
    let read = guard::Any(guard::Get()).or(guard::Head());
    resource
        // The configuration of this service, whatever that of the app is.
        .app_data(auth.clone())
        .app_data(web::Data::new(auth.clone()))
        .wrap(MountPoint::of::<Published>())
        .route(web::route().guard(read).to(answer(auth)))
        .route(web::route().guard(guard::Options()).to(answer(auth)))
        // RFC 9110 §15.5.6: a 405 says what is allowed.
        .default_service(web::to(|| async {
            HttpResponse::MethodNotAllowed()
                .insert_header((header::ALLOW, "GET, HEAD, OPTIONS"))
                .finish()
        }))
}

fn respond(auth: &Auth, request: &HttpRequest) -> HttpResponse {
    let Some(metadata) = &auth.settings().resource_metadata else {
        return HttpResponse::NotFound().finish();
    };
    let mut response = if request.method() == Method::OPTIONS {
        preflight()
    } else {
        document(metadata, request.method())
    };
    // It is read without credentials: every origin may.
    let every = HeaderValue::from_static("*");
    response
        .headers_mut()
        .insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, every);
    response
}

/// What a browser asks before a script's request with a header of its own, such as
/// `MCP-Protocol-Version`.
fn preflight() -> HttpResponse {
    HttpResponse::NoContent()
        .insert_header((header::ALLOW, "GET, HEAD, OPTIONS"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "GET, HEAD"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, "*"))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "3600"))
        .finish()
}

fn document(metadata: &PublishedMetadata, method: &Method) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "application/json"))
        // RFC 9728 §7.10.
        .insert_header((
            header::CACHE_CONTROL,
            format!("public, max-age={}", metadata.max_age()),
        ))
        .insert_header((
            HeaderName::from_static("x-content-type-options"),
            HeaderValue::from_static("nosniff"),
        ));
    if method == Method::HEAD {
        response.finish()
    } else {
        response.body(metadata.document().to_owned())
    }
}
