//! R_N as constraints: one namespace per clause, in the order of the relation.
//!
//! Costs, clause by clause (pinned in `tests/pins.rs` beside this file; t is Poseidon's width, 3 constraints an S-box):
//!
//! | clause | constraints |
//! |---|---|
//! | key ownership | 2 hashes t = 3 (237 each), 2 equalities |
//! | input commitment integrity | 2 × (hash t = 6: 318, equality) |
//! | membership at anchor | 2 × (16 × (hash t = 5: 297, selection 3, position bits 2), product) |
//! | nullifier integrity | 2 × (hash t = 5: 294, equality) |
//! | output commitment integrity | 2 × (hash t = 6: 318, equality) |
//! | value range | 5 × 65 |
//! | balance | 1 |
//! | distinct nullifiers | 1 |
//! | statement hash | hash t = 13: 501, equality |

use super::{Clause, InputAssignment, NOTES, StepAssignment};
use crate::{
    curves::Fr,
    domain,
    poseidon::{Wire, hash_gadget},
    tree::{NOTE_DEPTH, open_node},
};
use ff::{Field, PrimeField};
use nova_snark::frontend::{ConstraintSystem, SynthesisError};

/// Bits of an amount.
const VALUE_BITS: usize = 64;

/// Variables of an input note that several clauses use.
struct InputWires {
    value: Wire,
    owner: Wire,
    rho: Wire,
    commitment: Wire,
    nullifier: Wire,
}

/// Variables of an output note.
struct OutputWires {
    value: Wire,
    owner: Wire,
    rho: Wire,
    commitment: Wire,
}

/// Variables of the statement that are not part of a note.
struct PublicWires {
    deployment: Wire,
    anchor: Wire,
    public_in: Wire,
    public_out: Wire,
    asset: Wire,
    fee: Wire,
    ext_hash: Wire,
}

/// Variables of the whole statement.
pub(crate) struct StatementWires {
    pub(crate) deployment: Wire,
    pub(crate) anchor: Wire,
    pub(crate) nullifiers: [Wire; NOTES],
    pub(crate) commitments: [Wire; NOTES],
    pub(crate) public_in: Wire,
    pub(crate) public_out: Wire,
    pub(crate) asset: Wire,
    pub(crate) fee: Wire,
    pub(crate) ext_hash: Wire,
}

/// Synthesizes R_N. Without an assignment only the shape is built.
///
/// The single public input is x.
///
/// # Errors
///
/// When the constraint system asks for a value and there is no assignment.
pub fn synthesize<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    assignment: Option<&StepAssignment>,
) -> Result<(), SynthesisError> {
    let statement = synthesize_clauses(cs, assignment)?;
    statement_hash(
        &mut cs.namespace(|| Clause::StatementHash.name()),
        assignment.map(|a| a.x),
        statement,
    )
}

/// All clauses but the last: what a circuit needs that publishes the statement itself in the place of x.
pub(crate) fn synthesize_clauses<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    assignment: Option<&StepAssignment>,
) -> Result<StatementWires, SynthesisError> {
    let public = alloc_public(&mut cs.namespace(|| "statement"), assignment)?;
    let inputs = alloc_inputs(cs, assignment)?;
    let outputs = alloc_outputs(cs, assignment)?;

    let nk = key_ownership(
        &mut cs.namespace(|| Clause::KeyOwnership.name()),
        assignment.map(|a| a.sk),
        &inputs,
    )?;
    for (index, input) in inputs.iter().enumerate() {
        let mut cs = cs.namespace(|| Clause::InputCommitmentIntegrity.name());
        let mut cs = cs.namespace(|| format!("input {index}"));
        let commitment = commit(
            &mut cs,
            &input.value,
            &public.asset,
            &input.owner,
            &input.rho,
        )?;
        commitment.enforce_equal(&mut cs, "commitment", &input.commitment);
    }
    let mut positions = Vec::with_capacity(NOTES);
    for (index, input) in inputs.iter().enumerate() {
        let mut cs = cs.namespace(|| Clause::MembershipAtAnchor.name());
        let mut cs = cs.namespace(|| format!("input {index}"));
        let witness = assignment.map(|a| &a.inputs[index]);
        positions.push(membership(&mut cs, witness, input, &public.anchor)?);
    }
    for (index, (input, position)) in inputs.iter().zip(positions).enumerate() {
        let mut cs = cs.namespace(|| Clause::NullifierIntegrity.name());
        let mut cs = cs.namespace(|| format!("input {index}"));
        let tag = Wire::constant::<CS>(domain::tag(domain::NULLIFIER));
        let nullifier = hash_gadget(
            &mut cs,
            &[tag, nk.clone(), input.commitment.clone(), position],
        )?;
        nullifier.enforce_equal(&mut cs, "nullifier", &input.nullifier);
    }
    for (index, output) in outputs.iter().enumerate() {
        let mut cs = cs.namespace(|| Clause::OutputCommitmentIntegrity.name());
        let mut cs = cs.namespace(|| format!("output {index}"));
        let commitment = commit(
            &mut cs,
            &output.value,
            &public.asset,
            &output.owner,
            &output.rho,
        )?;
        commitment.enforce_equal(&mut cs, "commitment", &output.commitment);
    }
    value_range(
        &mut cs.namespace(|| Clause::ValueRange.name()),
        &outputs,
        &public,
    )?;
    balance(
        &mut cs.namespace(|| Clause::Balance.name()),
        &inputs,
        &outputs,
        &public,
    );
    distinct_nullifiers(
        &mut cs.namespace(|| Clause::DistinctNullifiers.name()),
        &inputs,
    )?;
    Ok(StatementWires {
        deployment: public.deployment,
        anchor: public.anchor,
        nullifiers: [0, 1].map(|index| inputs[index].nullifier.clone()),
        commitments: [0, 1].map(|index| outputs[index].commitment.clone()),
        public_in: public.public_in,
        public_out: public.public_out,
        asset: public.asset,
        fee: public.fee,
        ext_hash: public.ext_hash,
    })
}

fn alloc_public<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    a: Option<&StepAssignment>,
) -> Result<PublicWires, SynthesisError> {
    Ok(PublicWires {
        deployment: Wire::alloc(cs, "deployment", a.map(|a| a.deployment))?,
        anchor: Wire::alloc(cs, "anchor", a.map(|a| a.anchor))?,
        public_in: Wire::alloc(cs, "public amount in", a.map(|a| a.public_in))?,
        public_out: Wire::alloc(cs, "public amount out", a.map(|a| a.public_out))?,
        asset: Wire::alloc(cs, "asset", a.map(|a| a.asset))?,
        fee: Wire::alloc(cs, "fee", a.map(|a| a.fee))?,
        ext_hash: Wire::alloc(cs, "ext_hash", a.map(|a| a.ext_hash))?,
    })
}

fn alloc_inputs<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    a: Option<&StepAssignment>,
) -> Result<Vec<InputWires>, SynthesisError> {
    (0..NOTES)
        .map(|index| {
            let mut cs = cs.namespace(|| format!("input {index}"));
            let note = a.map(|a| &a.inputs[index]);
            Ok(InputWires {
                value: Wire::alloc(&mut cs, "value", note.map(|n| n.value))?,
                owner: Wire::alloc(&mut cs, "owner", note.map(|n| n.owner))?,
                rho: Wire::alloc(&mut cs, "rho", note.map(|n| n.rho))?,
                commitment: Wire::alloc(&mut cs, "commitment", note.map(|n| n.commitment))?,
                nullifier: Wire::alloc(&mut cs, "nullifier", note.map(|n| n.nullifier))?,
            })
        })
        .collect()
}

fn alloc_outputs<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    a: Option<&StepAssignment>,
) -> Result<Vec<OutputWires>, SynthesisError> {
    (0..NOTES)
        .map(|index| {
            let mut cs = cs.namespace(|| format!("output {index}"));
            let note = a.map(|a| &a.outputs[index]);
            Ok(OutputWires {
                value: Wire::alloc(&mut cs, "value", note.map(|n| n.value))?,
                owner: Wire::alloc(&mut cs, "owner", note.map(|n| n.owner))?,
                rho: Wire::alloc(&mut cs, "rho", note.map(|n| n.rho))?,
                commitment: Wire::alloc(&mut cs, "commitment", note.map(|n| n.commitment))?,
            })
        })
        .collect()
}

/// STEP-1. Returns nk.
fn key_ownership<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    sk: Option<Fr>,
    inputs: &[InputWires],
) -> Result<Wire, SynthesisError> {
    let sk = Wire::alloc(cs, "sk", sk)?;
    let tag = Wire::constant::<CS>(domain::tag(domain::NULLIFIER_KEY));
    let nk = hash_gadget(&mut cs.namespace(|| "nk"), &[tag, sk])?;
    let tag = Wire::constant::<CS>(domain::tag(domain::OWNER_KEY));
    let owner = hash_gadget(&mut cs.namespace(|| "pk"), &[tag, nk.clone()])?;
    for (index, input) in inputs.iter().enumerate() {
        let mut cs = cs.namespace(|| format!("input {index}"));
        owner.enforce_equal(&mut cs, "owner", &input.owner);
    }
    Ok(nk)
}

/// The hash of STEP-2 and STEP-5.
fn commit<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    value: &Wire,
    asset: &Wire,
    owner: &Wire,
    rho: &Wire,
) -> Result<Wire, SynthesisError> {
    let tag = Wire::constant::<CS>(domain::tag(domain::COMMITMENT));
    hash_gadget(
        cs,
        &[
            tag,
            value.clone(),
            asset.clone(),
            owner.clone(),
            rho.clone(),
        ],
    )
}

/// STEP-3. Returns the position.
fn membership<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    witness: Option<&InputAssignment>,
    input: &InputWires,
    anchor: &Wire,
) -> Result<Wire, SynthesisError> {
    let mut node = input.commitment.clone();
    let mut position = Wire::constant::<CS>(Fr::ZERO);
    for level in 0..NOTE_DEPTH {
        let mut cs = cs.namespace(|| format!("level {level}"));
        let digit = witness.map(|w| w.path.digit(level));
        let low = Wire::alloc_bit(&mut cs, "low bit", digit.map(|d| d & 1 == 1))?;
        let high = Wire::alloc_bit(&mut cs, "high bit", digit.map(|d| d & 2 == 2))?;
        let weight = Fr::from(1u64 << (2 * level));
        position = position
            .plus(&cs, weight, &low)
            .plus(&cs, weight.double(), &high);
        let siblings = witness.map(|w| w.path.siblings[level]);
        let children = open_node(&mut cs, &node, &low, &high, digit.zip(siblings))?;
        node = hash_gadget(&mut cs, &children)?;
    }
    let from_anchor = node.plus(cs, -Fr::ONE, anchor);
    // A dummy has value zero and needs no leaf; anything of value must lead to the anchor.
    cs.enforce(
        || "root is the anchor or the value is zero",
        |_| input.value.lc().clone(),
        |_| from_anchor.lc().clone(),
        |lc| lc,
    );
    Ok(position)
}

/// STEP-6, for the amounts that `check::ranged` lists. Input values need no range: see there.
fn value_range<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    outputs: &[OutputWires],
    public: &PublicWires,
) -> Result<(), SynthesisError> {
    let amounts = [
        ("output 0", &outputs[0].value),
        ("output 1", &outputs[1].value),
        ("public amount in", &public.public_in),
        ("public amount out", &public.public_out),
        ("fee", &public.fee),
    ];
    for (name, amount) in amounts {
        let mut cs = cs.namespace(|| name);
        let repr = amount.value().map(|value| value.to_repr());
        let mut sum = Wire::constant::<CS>(Fr::ZERO);
        for bit in 0..VALUE_BITS {
            let mut cs = cs.namespace(|| format!("bit {bit}"));
            let value = repr.map(|repr| (repr.as_ref()[bit / 8] >> (bit % 8)) & 1 == 1);
            let wire = Wire::alloc_bit(&mut cs, "bit", value)?;
            sum = sum.plus(&cs, Fr::from(1u64 << bit), &wire);
        }
        sum.enforce_equal(&mut cs, "64 bits", amount);
    }
    Ok(())
}

/// STEP-7. Seven amounts below 2^64 cannot wrap around r.
fn balance<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    inputs: &[InputWires],
    outputs: &[OutputWires],
    public: &PublicWires,
) {
    let one = Fr::ONE;
    let into = inputs.iter().fold(public.public_in.clone(), |sum, n| {
        sum.plus(cs, one, &n.value)
    });
    let out = outputs.iter().fold(public.public_out.clone(), |sum, n| {
        sum.plus(cs, one, &n.value)
    });
    let out = out.plus(cs, one, &public.fee);
    into.enforce_equal(cs, "inputs equal outputs", &out);
}

/// STEP-8: only a difference other than zero has an inverse.
fn distinct_nullifiers<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    inputs: &[InputWires],
) -> Result<(), SynthesisError> {
    let difference = inputs[0]
        .nullifier
        .clone()
        .plus(cs, -Fr::ONE, &inputs[1].nullifier);
    // Zero where there is no inverse: the constraint then fails, as it must.
    let inverse = difference.value().map(|d| d.invert().unwrap_or(Fr::ZERO));
    let inverse = Wire::alloc(cs, "inverse", inverse)?;
    cs.enforce(
        || "the difference is invertible",
        |_| difference.lc().clone(),
        |_| inverse.lc().clone(),
        |lc| lc + CS::one(),
    );
    Ok(())
}

/// STEP-9: binds every public value to the one public input.
fn statement_hash<CS: ConstraintSystem<Fr>>(
    cs: &mut CS,
    x: Option<Fr>,
    statement: StatementWires,
) -> Result<(), SynthesisError> {
    let tag = Wire::constant::<CS>(domain::tag(domain::STATEMENT));
    let [nf1, nf2] = statement.nullifiers;
    let [cm1, cm2] = statement.commitments;
    let hash = hash_gadget(
        cs,
        &[
            tag,
            statement.deployment,
            statement.anchor,
            nf1,
            nf2,
            cm1,
            cm2,
            statement.public_in,
            statement.public_out,
            statement.asset,
            statement.fee,
            statement.ext_hash,
        ],
    )?;
    let variable = cs.alloc_input(|| "x", || x.ok_or(SynthesisError::AssignmentMissing))?;
    hash.enforce_equal(cs, "x", &Wire::variable(variable, x));
    Ok(())
}
