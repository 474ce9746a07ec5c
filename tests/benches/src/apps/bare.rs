//! No guard and no user.

use actix_web::{App, HttpResponse, get, post, test, web};

use super::{ANSWER, Answers, body_limit, started};

#[get("/reports")]
async fn read() -> HttpResponse {
    HttpResponse::Ok().body(ANSWER)
}

#[post("/reports")]
async fn write(_body: web::Bytes) -> HttpResponse {
    HttpResponse::Ok().body(ANSWER)
}

pub(super) async fn service() -> Box<dyn Answers> {
    started(
        test::init_service(
            App::new()
                .app_data(body_limit())
                .service(read)
                .service(write),
        )
        .await,
    )
}
