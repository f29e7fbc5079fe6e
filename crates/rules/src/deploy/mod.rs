//! Images, modules, manifests: what runs the service.
mod gomod;

category! {
    gomod_hygiene,
    unmaintained_dependency,
}
