//! One listener for several services: each request goes to the service whose route it is.

use std::convert::Infallible;
use std::sync::Arc;

use axum::{Router, response::IntoResponse};
use http::StatusCode;
use tower::ServiceExt as _;
use web::{Request, RouteSpec, RouteTable};

/// The routers of several services as one.
///
/// # Errors
/// When two services claim one route.
pub fn dispatch(services: Vec<(Vec<&'static RouteSpec>, Router)>) -> anyhow::Result<Router> {
    if let [(_, only)] = services.as_slice() {
        return Ok(only.clone());
    }
    let routes = services.into_iter().flat_map(|(specs, router)| {
        specs.into_iter().map(move |spec| (spec, router.clone())).collect::<Vec<_>>()
    });
    let table = Arc::new(RouteTable::new(routes).map_err(|clash| anyhow::anyhow!("{clash}"))?);
    Ok(Router::new().fallback_service(tower::service_fn(move |request: Request| {
        let table = Arc::clone(&table);
        async move {
            let found = table.find(request.method(), request.uri().path());
            let router = found.ok().map(|found| found.value.clone());
            Ok::<_, Infallible>(match router {
                Some(router) => router.oneshot(request).await.into_response(),
                None => StatusCode::NOT_FOUND.into_response(),
            })
        }
    })))
}
