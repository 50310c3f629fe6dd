//! The proof system: beside arkworks' own, and attacked.

use super::{
    prove::prove_with,
    setup::setup,
    verify::{equation, knows_commitment},
    *,
};
use ark_bn254::{Bn254, Fr, G1Projective, G2Affine, G2Projective};
use ark_ec::{AffineRepr, CurveGroup, PrimeGroup};
use ark_ff::{One, UniformRand, Zero};
use ark_groth16::{Groth16, prepare_verifying_key};
use ark_poly::{EvaluationDomain, GeneralEvaluationDomain};
use ark_relations::gr1cs::{
    ConstraintSynthesizer, ConstraintSystemRef, LinearCombination, SynthesisError, Variable,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// `w_{i+1} = (w_i + i)²`, w_0 and the end public, some of the w committed.
fn squares(length: usize, committed: usize) -> (Matrices, Vec<Fr>) {
    let mut values = vec![Fr::from(3u64)];
    for index in 0..length {
        let next = values[index] + Fr::from(index as u64);
        values.push(next * next);
    }
    let private = length - 1 - committed;
    let mut z = vec![Fr::one(), values[0], values[length]];
    z.extend(&values[1..length]);
    let column = |index: usize| match index {
        0 => 1,
        end if end == length => 2,
        inner => u32::try_from(2 + inner).expect("small"),
    };
    let [mut a, mut b, mut c] = [(); 3].map(|()| SparseMatrix::default());
    for index in 0..length {
        let sum = [(column(index), Fr::one()), (0, Fr::from(index as u64))];
        a.push_row(sum.into_iter().filter(|(_, v)| !v.is_zero()));
        b.push_row(sum.into_iter().filter(|(_, v)| !v.is_zero()));
        c.push_row([(column(index + 1), Fr::one())]);
    }
    let matrices = Matrices {
        public: 2,
        committed,
        private,
        a,
        b,
        c,
    };
    (matrices, z)
}

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

struct World {
    matrices: Matrices,
    z: Vec<Fr>,
    key: ProvingKey,
}

impl World {
    fn new() -> Self {
        let (matrices, z) = squares(20, 7);
        let key = setup(&matrices, &ToxicWaste::random(&mut rng(1)), |_| ()).expect("keys");
        Self { matrices, z, key }
    }

    fn commit(&self) -> Committed {
        let values = self.z[3..10].to_vec();
        commit(&self.key, values, &mut rng(2), &mut PhaseTimes::default()).expect("committed")
    }

    fn proof(&self) -> Proof {
        self.prove(&self.commit(), &self.z).expect("a proof")
    }

    fn prove(&self, committed: &Committed, z: &[Fr]) -> Result<Proof, ProveError> {
        let times = &mut PhaseTimes::default();
        prove(&self.key, &self.matrices, committed, z, &mut rng(3), times)
    }

    fn public(&self) -> &[Fr] {
        &self.z[1..3]
    }

    fn equations(&self, public: &[Fr], proof: &Proof) -> [bool; 2] {
        let key = &self.key.verifying_key;
        let inputs = key.inputs(public).expect("two inputs");
        [equation(key, inputs, proof), knows_commitment(key, proof)]
    }
}

/// The same circuit for arkworks.
struct Replay<'a>(&'a Matrices, &'a [Fr]);

impl ConstraintSynthesizer<Fr> for Replay<'_> {
    fn generate_constraints(self, cs: ConstraintSystemRef<Fr>) -> Result<(), SynthesisError> {
        let Self(matrices, z) = self;
        let mut variables = vec![Variable::One];
        for (index, value) in z.iter().enumerate().skip(1) {
            variables.push(if index < matrices.inputs() {
                cs.new_input_variable(|| Ok(*value))?
            } else {
                cs.new_witness_variable(|| Ok(*value))?
            });
        }
        for row in 0..matrices.constraints() {
            let [a, b, c] = [&matrices.a, &matrices.b, &matrices.c].map(|matrix| {
                let entries: Vec<_> = matrix
                    .row(row)
                    .map(|(column, value)| (*value, variables[column as usize]))
                    .collect();
                LinearCombination(entries)
            });
            cs.enforce_r1cs_constraint(|| a, || b, || c)?;
        }
        Ok(())
    }
}

#[test]
fn keys_and_proofs_are_those_of_arkworks() {
    let (matrices, z) = squares(20, 0);
    let mut toxic = ToxicWaste::random(&mut rng(1));
    // arkworks draws tau itself: the same generator draws the same one here.
    let domain = GeneralEvaluationDomain::<Fr>::new(matrices.rows()).expect("a domain");
    toxic.tau = domain.sample_element_outside_domain(&mut rng(9));
    let theirs = Groth16::<Bn254>::generate_parameters_with_qap(
        Replay(&matrices, &z),
        toxic.alpha,
        toxic.beta,
        Fr::one(),
        toxic.delta,
        G1Projective::generator(),
        G2Projective::generator(),
        &mut rng(9),
    )
    .expect("their keys");
    let ours = setup(&matrices, &toxic, |_| ()).expect("our keys");
    assert_eq!(ours.verifying_key.ic, theirs.vk.gamma_abc_g1);
    assert_eq!(ours.h, theirs.h_query);
    assert_eq!(ours.l, theirs.l_query);
    for (wire, point) in ours.a.wires.iter().zip(&ours.a.points) {
        assert_eq!(*point, theirs.a_query[*wire as usize]);
    }
    for (wire, point) in ours.b_g2.wires.iter().zip(&ours.b_g2.points) {
        assert_eq!(*point, theirs.b_g2_query[*wire as usize]);
    }

    let (r, s) = (Fr::rand(&mut rng(4)), Fr::rand(&mut rng(5)));
    let proof = Groth16::<Bn254>::create_proof_with_reduction(Replay(&matrices, &z), &theirs, r, s)
        .expect("their proof");
    let times = &mut PhaseTimes::default();
    let committed = commit(&ours, Vec::new(), &mut rng(6), times).expect("nothing");
    let own = prove_with(&ours, &matrices, &committed, &z, (r, s), times).expect("our proof");
    assert_eq!((own.a, own.b, own.c), (proof.a, proof.b, proof.c));
    let prepared = prepare_verifying_key(&theirs.vk);
    assert_eq!(
        Groth16::<Bn254>::verify_proof(&prepared, &proof, &z[1..3]),
        Ok(true)
    );
}

#[test]
fn an_honest_proof_verifies_and_a_false_statement_does_not() {
    let world = World::new();
    let proof = world.proof();
    let key = &world.key.verifying_key;
    assert_eq!(verify(key, world.public(), &proof), Ok(()));
    let mut public = world.public().to_vec();
    public[1] += Fr::one();
    assert_eq!(verify(key, &public, &proof), Err(VerifyError::Equation));
    assert_eq!(
        verify(key, &public[..1], &proof),
        Err(VerifyError::PublicInputs {
            expected: 2,
            got: 1
        })
    );
}

/// Without the proof of knowledge D could carry a public input's base, and the statement would be another.
#[test]
fn d_with_the_base_of_a_public_input_passes_the_first_equation_only() {
    let world = World::new();
    let mut proof = world.proof();
    proof.d = (proof.d - world.key.verifying_key.ic[2]).into_affine();
    let mut public = world.public().to_vec();
    public[1] += Fr::one();
    assert_eq!(world.equations(&public, &proof), [true, false]);
    assert_eq!(
        verify(&world.key.verifying_key, &public, &proof),
        Err(VerifyError::ProofOfKnowledge)
    );
}

#[test]
fn d_with_a_multiple_of_a_passes_the_first_equation_only() {
    let world = World::new();
    let mut proof = world.proof();
    let factor = Fr::rand(&mut rng(7));
    proof.d = (proof.d + proof.a * factor).into_affine();
    proof.b = (proof.b + G2Affine::generator() * factor).into_affine();
    assert_eq!(world.equations(world.public(), &proof), [true, false]);
}

#[test]
fn a_wire_that_changes_after_its_commitment_is_refused() {
    let world = World::new();
    let committed = world.commit();
    let mut z = world.z.clone();
    z[5] += Fr::one();
    assert_eq!(
        world.prove(&committed, &z).map(|_| ()),
        Err(ProveError::Changed { wire: 2 })
    );
}

#[test]
fn an_assignment_that_breaks_a_row_is_refused() {
    let world = World::new();
    let mut z = world.z.clone();
    z[12] += Fr::one();
    assert_eq!(
        world.prove(&world.commit(), &z).map(|_| ()),
        Err(ProveError::Unsatisfied { row: 9 })
    );
    assert!(matches!(
        world.prove(&world.commit(), &z[1..]).map(|_| ()),
        Err(ProveError::Length { what: "wires", .. })
    ));
}

#[test]
fn committed_wires_have_bases_of_their_own_even_where_no_constraint_tells_them_apart() {
    let (mut matrices, _) = squares(20, 7);
    // Two committed wires that occur in no constraint at all.
    matrices.a = matrices
        .a
        .map(|column| if column == 4 { 3 } else { column }, |v| v);
    matrices.b = matrices
        .b
        .map(|column| if column == 4 { 3 } else { column }, |v| v);
    matrices.c = matrices
        .c
        .map(|column| if column == 4 { 3 } else { column }, |v| v);
    let key = setup(&matrices, &ToxicWaste::random(&mut rng(1)), |_| ()).expect("keys");
    let mut seen = std::collections::HashSet::new();
    for base in &key.committed {
        assert!(!base.is_zero() && seen.insert(*base));
    }
}

#[test]
fn a_key_survives_its_encoding() {
    let world = World::new();
    let mut bytes = Vec::new();
    world.key.write(&mut bytes).expect("written");
    assert_eq!(bytes.len(), world.key.bytes());
    let read = ProvingKey::read_trusted(bytes.as_slice()).expect("read");
    assert_eq!(read, world.key);
    assert!(ProvingKey::read_trusted(&bytes[..bytes.len() - 1]).is_err());
}
