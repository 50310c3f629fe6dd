//! The challenge c, and what else is drawn from it.

use notefold_folding::{
    curves::Fr,
    domain,
    gadget::{Wire, hash_gadget, tag},
};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// Challenges of the look-ups: hashes of c, so that they are independent of it and of each other in the random oracle
/// model.
pub(crate) struct Challenges {
    /// γ of the range check.
    pub(crate) range: Wire,
    /// γ of the memory.
    pub(crate) memory: Wire,
    /// δ, δ², δ³ of the memory.
    pub(crate) powers: [Wire; 3],
}

impl Challenges {
    pub(crate) fn derive<CS: ConstraintSystem<Fr>>(
        cs: &mut CS,
        c: &Wire,
    ) -> Result<Self, SynthesisError> {
        let mut draw = |name: &'static str, index: u64| {
            let mut cs = cs.namespace(|| name);
            let index = Wire::constant::<CS>(Fr::from(index));
            hash_gadget(&mut cs, &[tag::<CS>(domain::DECIDER), c.clone(), index])?
                .to_variable(&mut cs, name)
        };
        let (range, memory, delta) = (draw("range", 0)?, draw("memory", 1)?, draw("delta", 2)?);
        let square = Wire::product(cs, "δ^2", &delta, &delta)?;
        let cube = Wire::product(cs, "δ^3", &square, &delta)?;
        Ok(Self {
            range,
            memory,
            powers: [delta, square, cube],
        })
    }
}
