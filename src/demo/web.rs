//! The web sites of the sample, one path each on one port.

use std::sync::Arc;
use std::time::Duration;

use super::answer::Answer;
use super::asked::Asked;
use super::world::World;

/// Answers a request.
pub(super) fn answer(world: &Arc<World>, asked: &Asked) -> Answer {
    let path = format!("/{}", asked.segments.join("/"));
    let sites = &world.sample.sites.site;
    let Some(site) = sites.iter().find(|site| site.path == path) else {
        return page(404, "404 Not Found");
    };
    if world.is_down(&site.runs_on, world.now()) {
        return page(502, "502 Bad Gateway");
    }
    if let Some(target) = &site.redirect {
        return page(301, "301 Moved Permanently").header("location", target.clone());
    }
    let title = format!(
        "<!DOCTYPE html>\n<html><head><title>{}</title></head><body>",
        site.name
    );
    let wanted = usize::try_from(site.bytes).unwrap_or(0).min(64 * 1024);
    let mut body = title;
    while body.len() < wanted {
        body.push_str("<p>Sample data of the embedded lab.</p>\n");
    }
    let answer = Answer::new(200, "text/html; charset=utf-8", body).header("server", "nginx");
    let answer = match &site.cache {
        Some(cache) => answer.header("x-cache", cache.clone()).header("age", "42"),
        None => answer,
    };
    answer.after(Duration::from_secs_f64(site.seconds.clamp(0.0, 1.0)))
}

fn page(status: u16, title: &str) -> Answer {
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
    );
    Answer::new(status, "text/html", body).header("server", "nginx")
}
