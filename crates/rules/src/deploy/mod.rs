//! Images, modules, manifests.
category! {
}
