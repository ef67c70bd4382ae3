//! Learners that no roster tells apart are one atom, and one unknown.

use std::collections::BTreeMap;

/// The atoms of some rosters.
#[derive(Debug, Clone)]
pub(super) struct Atoms {
    /// The learners of each.
    pub(super) members: Vec<Vec<u32>>,
    /// The atoms of each roster, in order.
    pub(super) of_row: Vec<Vec<usize>>,
}

impl Atoms {
    /// Learners with the same non-empty signature: the set of rosters they are on.
    pub(super) fn of(rosters: &[&[u32]]) -> Self {
        let mut signatures: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (row, roster) in (0_u32..).zip(rosters) {
            for learner in *roster {
                signatures.entry(*learner).or_default().push(row);
            }
        }
        let mut classes: BTreeMap<Vec<u32>, Vec<u32>> = BTreeMap::new();
        for (learner, signature) in signatures {
            classes.entry(signature).or_default().push(learner);
        }
        let mut of_row = vec![Vec::new(); rosters.len()];
        let mut members = Vec::new();
        for (atom, (signature, learners)) in classes.into_iter().enumerate() {
            for row in signature {
                if let Some(atoms) = of_row.get_mut(row as usize) {
                    atoms.push(atom);
                }
            }
            members.push(learners);
        }
        Self { members, of_row }
    }

    /// How many learners an atom has.
    pub(super) fn size(&self, atom: usize) -> usize {
        self.members.get(atom).map_or(0, Vec::len)
    }

    /// Everybody in these atoms, in order.
    pub(super) fn learners(&self, atoms: &[usize]) -> Vec<u32> {
        let members = atoms.iter().filter_map(|a| self.members.get(*a));
        let mut all: Vec<u32> = members.flatten().copied().collect();
        all.sort_unstable();
        all
    }
}
