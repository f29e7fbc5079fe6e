//! A static server for `dist/`: what GitHub Pages does, on this machine.

use std::borrow::Cow;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use tiny_http::{Header, Method, Request, Response, Server};

const THREADS: usize = 4;

/// What is served and how.
pub struct Site {
    /// The folder.
    pub folder: PathBuf,
    /// The path under which it appears, with a slash at both ends.
    pub mount: String,
    /// Names wasm files as plain text, as a badly set-up host does.
    pub wrong_wasm_mime: bool,
}

/// What a request gets.
#[derive(Debug, PartialEq)]
enum Found {
    File(PathBuf),
    Elsewhere(String),
    Nothing,
}

/// Serves on 127.0.0.1 until the process ends; port 0 takes any free one.
pub fn serve(site: Site, port: u16) -> Result<(), String> {
    let server = Server::http(("127.0.0.1", port))
        .map_err(|error| format!("cannot listen on port {port} ({error}): choose another with --port"))?;
    let address = server.server_addr().to_ip().ok_or("the server has no address")?;
    println!("http://{address}{}", site.mount);
    let (server, site) = (Arc::new(server), Arc::new(site));
    let workers: Vec<_> = (0..THREADS)
        .map(|_| {
            let (server, site) = (server.clone(), site.clone());
            thread::spawn(move || server.incoming_requests().for_each(|request| site.answer(request)))
        })
        .collect();
    workers.into_iter().for_each(|worker| drop(worker.join()));
    Ok(())
}

impl Site {
    fn answer(&self, request: Request) {
        let sent = match (request.method(), self.find(request.url())) {
            (Method::Get | Method::Head, Found::File(file)) => match fs::read(&file) {
                Ok(bytes) => request.respond(
                    Response::from_data(bytes)
                        .with_header(header("Content-Type", self.mime(&file)))
                        .with_header(header("Cache-Control", "no-cache")),
                ),
                Err(error) => request.respond(Response::from_string(error.to_string()).with_status_code(500)),
            },
            (Method::Get | Method::Head, Found::Elsewhere(path)) => {
                request.respond(Response::empty(301).with_header(header("Location", &path)))
            }
            (Method::Get | Method::Head, Found::Nothing) => {
                request.respond(Response::from_string("not found").with_status_code(404))
            }
            _ => request.respond(Response::empty(405)),
        };
        // A browser that closes the connection early is its own business.
        drop(sent);
    }

    fn find(&self, url: &str) -> Found {
        let path = decode(url.split(['?', '#']).next().unwrap_or_default());
        if format!("{path}/") == self.mount {
            return Found::Elsewhere(self.mount.clone());
        }
        let Some(inside) = path.strip_prefix(&self.mount) else { return Found::Nothing };
        if inside.split(['/', '\\']).any(|part| part == ".." || part.contains(':')) {
            return Found::Nothing;
        }
        let file = self.folder.join(inside.trim_start_matches('/'));
        let file = if file.is_dir() { file.join("index.html") } else { file };
        if file.is_file() { Found::File(file) } else { Found::Nothing }
    }

    fn mime(&self, file: &Path) -> &'static str {
        match file.extension().and_then(|extension| extension.to_str()).unwrap_or_default() {
            "html" => "text/html; charset=utf-8",
            "js" | "mjs" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "json" | "map" => "application/json",
            "webmanifest" => "application/manifest+json",
            "wasm" if self.wrong_wasm_mime => "text/plain",
            "wasm" => "application/wasm",
            "svg" => "image/svg+xml",
            "png" => "image/png",
            "ico" => "image/x-icon",
            "woff2" => "font/woff2",
            "txt" | "md" | "go" | "txtar" => "text/plain; charset=utf-8",
            _ => "application/octet-stream",
        }
    }
}

/// Brings a mount into the form that [`Site`] wants.
pub fn mount(given: &str) -> String {
    let inner = given.trim_matches('/');
    if inner.is_empty() { "/".to_owned() } else { format!("/{inner}/") }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).unwrap_or_else(|()| unreachable!("`{name}: {value}` is not a header"))
}

/// Percent-decoding; what is not UTF-8 afterwards names no file of ours.
fn decode(path: &str) -> Cow<'_, str> {
    if !path.contains('%') {
        return Cow::Borrowed(path);
    }
    let hex = |digits: &[u8]| std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        match after.get(..2).filter(|_| first == b'%').and_then(hex) {
            Some(byte) => (bytes.push(byte), rest = &after[2..]),
            None => (bytes.push(first), rest = after),
        };
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site(mount: &str) -> Site {
        let folder = std::env::temp_dir().join(format!("gopeer-serve-{}", std::process::id()));
        fs::create_dir_all(folder.join("a b")).unwrap();
        fs::write(folder.join("index.html"), "").unwrap();
        fs::write(folder.join("a b/x.wasm"), "").unwrap();
        Site { folder, mount: super::mount(mount), wrong_wasm_mime: false }
    }

    #[test]
    fn a_mount_has_a_slash_at_both_ends() {
        assert_eq!(mount(""), "/");
        assert_eq!(mount("/"), "/");
        assert_eq!(mount("x"), "/x/");
        assert_eq!(mount("/a/b"), "/a/b/");
    }

    #[test]
    fn files_are_found_under_the_mount_only() {
        let site = site("/a/b/");
        let index = Found::File(site.folder.join("index.html"));
        assert_eq!(site.find("/a/b/"), index);
        assert_eq!(site.find("/a/b/index.html?q=1"), index);
        assert_eq!(site.find("/a/b"), Found::Elsewhere("/a/b/".to_owned()));
        assert_eq!(site.find("/index.html"), Found::Nothing);
        assert_eq!(site.find("/a/b/missing.js"), Found::Nothing);
        assert_eq!(site.find("/a/b/a%20b/x.wasm"), Found::File(site.folder.join("a b/x.wasm")));
    }

    #[test]
    fn nothing_outside_the_folder_is_served() {
        let site = site("/");
        for path in
            ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "/a%2f..%2f..%2fx", "//etc/passwd", "/%2fetc/passwd", "/c:/x"]
        {
            assert_eq!(site.find(path), Found::Nothing, "{path}");
        }
    }

    #[test]
    fn wasm_is_named_as_asked() {
        let mut site = site("/");
        assert_eq!(site.mime(Path::new("x.wasm")), "application/wasm");
        site.wrong_wasm_mime = true;
        assert_eq!(site.mime(Path::new("x.wasm")), "text/plain");
    }
}
