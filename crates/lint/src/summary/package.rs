//! What the functions of a package do all together: answers that are made of the answers of each.

use std::rc::Rc;
use std::sync::Arc;

use super::{Answer, EVERY, FuncName, Functions, Question, What};
use crate::channels::FieldUse;
use crate::effects::Done;
use crate::locks::PackageLocks;
use crate::races::PackageSharing;

/// A channel of a field that is used in more places is not followed.
const MOST_USES: usize = 128;

impl Functions<'_> {
    /// The answer to a question that is asked of all functions of the package.
    pub(super) fn look_at_all(&self, what: &What) -> Answer {
        match what {
            What::Locks => {
                Answer::Locks(Rc::new(PackageLocks::of(&self.each(&What::LockFacts, |answer| match answer {
                    Answer::LockFacts(facts) => Some(facts),
                    _ => None,
                }))))
            }
            What::Sharing => Answer::Sharing(Rc::new(self.look_at_sharing())),
            What::Fields => Answer::Fields(self.uses_of_fields()),
            What::ChannelField(owner, field) => self.uses_of_field(owner, field),
            What::Atomics => {
                let uses = self.each(what, |answer| match answer {
                    Answer::Atomics(uses) => Some(uses),
                    _ => None,
                });
                let mut all: Vec<_> = uses.iter().flat_map(|(_, uses)| uses.iter().cloned()).collect();
                all.sort();
                Answer::Atomics(all.into())
            }
            What::MethodEffects(method) => self.effects_of_methods(method),
            What::Deeds(_) => Answer::Deeds(self.deeds(what)),
            What::Doer(deed, to) => {
                let Some(Answer::Deeds(all)) = self.every(What::Deeds(*deed)) else { return Answer::Who(None) };
                let at = all.binary_search_by(|(name, _)| name.cmp(to));
                Answer::Who(at.ok().map(|at| all[at].1.clone()))
            }
            What::Abandons(_) | What::LeavesOpen(..) | What::RecoversFrom(_) => {
                Answer::Who(self.those(what).into_iter().min())
            }
            _ => Answer::Is(!self.those(what).is_empty()),
        }
    }

    /// The answer of each function, in the order of the files and of the source. All are asked, so that what is made of it rests on all
    /// of them.
    fn each<R>(&self, what: &What, taken: impl Fn(Answer) -> Option<R>) -> Vec<(FuncName, R)> {
        let mut names: Vec<_> = self.declared.iter().collect();
        names.sort_by_key(|(_, func)| (&func.file.name, func.piece.start));
        let answer = |of: &FuncName| taken(self.answer(&Question { of: Arc::clone(of), what: what.clone() })?);
        names.into_iter().filter_map(|(of, _)| Some((Arc::clone(of), answer(of)?))).collect()
    }

    /// The functions for which it is so.
    fn those(&self, what: &What) -> Vec<FuncName> {
        // Their order does not matter, and this is asked often.
        let is_so = |of: &&FuncName| {
            let answer = self.answer(&Question { of: Arc::clone(of), what: what.clone() });
            matches!(answer, Some(Answer::Is(true) | Answer::At(Some(_))))
        };
        self.declared.keys().filter(is_so).cloned().collect()
    }

    /// To whom functions do something, each with the first one that does it.
    fn deeds(&self, what: &What) -> Rc<[(FuncName, FuncName)]> {
        let each = self.each(what, |answer| match answer {
            Answer::Deeds(deeds) => Some(deeds),
            _ => None,
        });
        let mut all: Vec<_> = each.iter().flat_map(|(_, deeds)| deeds.iter().cloned()).collect();
        all.sort();
        all.dedup_by(|(second, _), (first, _)| second == first);
        all.into()
    }

    fn every(&self, what: What) -> Option<Answer> {
        self.answer(&Question { of: EVERY.into(), what })
    }

    /// What all functions of the package do with locks.
    pub(super) fn locks(&self) -> Rc<PackageLocks> {
        match self.every(What::Locks) {
            Some(Answer::Locks(locks)) => locks,
            _ => Rc::default(),
        }
    }

    /// What all functions of the package share.
    pub(super) fn sharing(&self) -> Rc<PackageSharing> {
        match self.every(What::Sharing) {
            Some(Answer::Sharing(sharing)) => sharing,
            _ => Rc::default(),
        }
    }

    fn look_at_sharing(&self) -> PackageSharing {
        // Most packages start nothing.
        if self.every(What::Concurrent) != Some(Answer::Is(true)) {
            return PackageSharing::default();
        }
        let facts = self.each(&What::SharingFacts, |answer| match answer {
            Answer::SharingFacts(facts) => Some(facts),
            _ => None,
        });
        match self.every(What::Atomics) {
            Some(Answer::Atomics(atomics)) => PackageSharing::of(&facts, &atomics),
            _ => PackageSharing::default(),
        }
    }

    /// What methods of a name do outside of the process: one of them is called through an interface.
    fn effects_of_methods(&self, method: &str) -> Answer {
        let is_named = |of: &&FuncName| of.rsplit_once('.').is_some_and(|(_, name)| name == method);
        let mut names: Vec<&FuncName> = self.declared.keys().filter(is_named).collect();
        names.sort();
        let done = names.into_iter().filter_map(|of| {
            match self.answer(&Question { of: Arc::clone(of), what: What::Effects })? {
                Answer::Effects(done) => Some(done),
                _ => None,
            }
        });
        Answer::Effects(Rc::new(Done::any(done)))
    }

    fn uses_of_fields(&self) -> Rc<[FieldUse]> {
        let uses = self.each(&What::FieldFacts, |answer| match answer {
            Answer::Fields(uses) => Some(uses),
            _ => None,
        });
        uses.iter().flat_map(|(_, uses)| uses.iter().cloned()).collect()
    }

    fn uses_of_field(&self, owner: &str, field: &str) -> Answer {
        let Some(Answer::Fields(all)) = self.every(What::Fields) else { return Answer::Is(false) };
        let uses: Rc<[FieldUse]> =
            all.iter().filter(|used| *used.field.0 == *owner && *used.field.1 == *field).cloned().collect();
        // What many functions use is compared too often to be worth it.
        if uses.len() <= MOST_USES { Answer::Fields(uses) } else { Answer::Is(false) }
    }
}
