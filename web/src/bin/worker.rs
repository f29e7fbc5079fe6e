//! The worker that holds the engine.

fn main() {
    gopeer_web::worker::serve();
}
