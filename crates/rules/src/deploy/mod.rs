//! Images, modules, manifests: what runs the service.
mod dockerfile;
mod gomod;
pub use gomod::{build, go_minor, module_path};

category! {
    docker_entrypoint,
    docker_image,
    docker_root_user,
    gomod_hygiene,
    secret_in_manifest,
    unmaintained_dependency,
}
