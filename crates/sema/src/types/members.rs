//! Finds fields and methods by name in long lists, without going through all of them each time.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use super::{Field, InterfaceMethod, Method, Symbol};

/// Up to so many are looked at one after the other.
const FEW: usize = 16;

/// A field or method.
pub(crate) trait Member {
    fn name(&self) -> Symbol;

    /// Whether it lends its own fields and methods.
    fn is_embedded(&self) -> bool {
        false
    }
}

impl Member for Field {
    fn name(&self) -> Symbol {
        self.name
    }

    fn is_embedded(&self) -> bool {
        self.embedded
    }
}

impl Member for Method {
    fn name(&self) -> Symbol {
        self.name
    }
}

impl Member for InterfaceMethod {
    fn name(&self) -> Symbol {
        self.name
    }
}

/// Long lists of members that were asked before, each with its index.
pub(crate) struct Members<T>(RefCell<HashMap<usize, Rc<Indexed<T>>>>);

impl<T> Default for Members<T> {
    fn default() -> Members<T> {
        Members(RefCell::default())
    }
}

struct Indexed<T> {
    /// Kept, so that no other list gets its address, by which it is known.
    _list: Rc<[T]>,
    by_name: HashMap<Symbol, Vec<u32>>,
    embedded: Vec<u32>,
}

impl<T: Member> Members<T> {
    /// The index of the first member of that name for which `is_meant` holds.
    pub(crate) fn position(&self, list: &Rc<[T]>, name: Symbol, is_meant: impl Fn(&T) -> bool) -> Option<usize> {
        if list.len() <= FEW {
            return list.iter().position(|member| member.name() == name && is_meant(member));
        }
        let indexed = self.indexed(list);
        let meant = |index: &&u32| list.get(**index as usize).is_some_and(&is_meant);
        indexed.by_name.get(&name)?.iter().find(meant).map(|&index| index as usize)
    }

    /// The indexes of the embedded members, in order.
    pub(crate) fn embedded(&self, list: &Rc<[T]>) -> Vec<u32> {
        if list.len() <= FEW { embedded(list) } else { self.indexed(list).embedded.clone() }
    }

    fn indexed(&self, list: &Rc<[T]>) -> Rc<Indexed<T>> {
        let address = Rc::as_ptr(list) as *const () as usize;
        let index = || {
            let mut by_name: HashMap<Symbol, Vec<u32>> = HashMap::with_capacity(list.len());
            for (index, member) in list.iter().enumerate() {
                by_name.entry(member.name()).or_default().push(index as u32);
            }
            Rc::new(Indexed { _list: Rc::clone(list), by_name, embedded: embedded(list) })
        };
        Rc::clone(self.0.borrow_mut().entry(address).or_insert_with(index))
    }
}

fn embedded<T: Member>(list: &[T]) -> Vec<u32> {
    list.iter().enumerate().filter(|(_, member)| member.is_embedded()).map(|(index, _)| index as u32).collect()
}
