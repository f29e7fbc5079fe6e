//! The page.

fn main() {
    gopeer_web::components::start();
}
