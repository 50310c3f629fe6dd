//! `notefold bench peers`: other implementations of Nova, on a step circuit of the size of ours, in one run with ours.

use super::{Figure, fold};
use crate::error::Error;
use notefold_folding::testing::note_step_constraints;
use serde::Serialize;
use std::time::Instant;

/// The report; field names are documented in `specs/benchmarks.md` and do not change.
#[derive(Debug, Serialize)]
pub(crate) struct PeersReport {
    threads: usize,
    steps: usize,
    step_circuit_constraints: usize,
    ours_ms_per_step: f64,
    ours_note_chain_step_ms: Figure,
    ours_state_chain_step_ms: Figure,
    ours_note_chain_constraints: usize,
    ours_state_chain_constraints: usize,
    nova_snark_step_ms: Figure,
    nova_snark_constraints: usize,
    nova_snark_constraints_secondary: usize,
    nova_snark_ratio: f64,
    arecibo_step_ms: Figure,
    arecibo_constraints: usize,
    arecibo_constraints_secondary: usize,
    arecibo_ratio: f64,
}

/// One peer's figures.
struct Peer {
    step_ms: Figure,
    constraints: usize,
    constraints_secondary: usize,
}

pub(crate) fn run(steps: usize) -> Result<PeersReport, Error> {
    let size = note_step_constraints();
    eprintln!("nova-snark …");
    let nova = nova::run(size, steps);
    eprintln!("arecibo …");
    let arecibo = arecibo_peer::run(size, steps);
    let ours = fold::run(steps)?;
    Ok(PeersReport {
        threads: rayon::current_num_threads(),
        steps,
        step_circuit_constraints: size,
        ours_ms_per_step: ours.all_in_ms_per_step,
        ours_note_chain_step_ms: ours.note_chain_step_ms,
        ours_state_chain_step_ms: ours.state_chain_step_ms,
        ours_note_chain_constraints: ours.note_chain_constraints,
        ours_state_chain_constraints: ours.state_chain_constraints,
        nova_snark_ratio: nova.step_ms.median / ours.all_in_ms_per_step,
        nova_snark_step_ms: nova.step_ms,
        nova_snark_constraints: nova.constraints,
        nova_snark_constraints_secondary: nova.constraints_secondary,
        arecibo_ratio: arecibo.step_ms.median / ours.all_in_ms_per_step,
        arecibo_step_ms: arecibo.step_ms,
        arecibo_constraints: arecibo.constraints,
        arecibo_constraints_secondary: arecibo.constraints_secondary,
    })
}

/// Times `steps` calls after the first two, which both libraries treat apart.
fn time_steps(steps: usize, mut step: impl FnMut()) -> Figure {
    step();
    step();
    let times = (0..steps).map(|_| {
        let start = Instant::now();
        step();
        start.elapsed().as_secs_f64() * 1000.0
    });
    Figure::of(times.collect())
}

/// A step circuit of a given size: a chain of squarings of full-width values. Both libraries have the same trait, each in
/// its own crate.
macro_rules! chain_circuit {
    () => {
        #[derive(Clone)]
        struct Chain {
            constraints: usize,
        }

        impl<F: ff::PrimeField> StepCircuit<F> for Chain {
            fn arity(&self) -> usize {
                1
            }

            fn synthesize<CS: ConstraintSystem<F>>(
                &self,
                cs: &mut CS,
                z: &[AllocatedNum<F>],
            ) -> Result<Vec<AllocatedNum<F>>, SynthesisError> {
                let mut value = z[0].clone();
                for index in 0..self.constraints {
                    value = value.square(cs.namespace(|| format!("square {index}")))?;
                }
                Ok(vec![value])
            }
        }
    };
}

mod nova {
    use super::{Peer, time_steps};
    use nova_snark::{
        frontend::{ConstraintSystem, SynthesisError, num::AllocatedNum},
        nova::{PublicParams, RecursiveSNARK},
        provider::{Bn256EngineIPA, GrumpkinEngine},
        traits::{Engine, circuit::StepCircuit, snark::default_ck_hint},
    };

    chain_circuit!();

    type E1 = Bn256EngineIPA;
    type E2 = GrumpkinEngine;

    pub(super) fn run(constraints: usize, steps: usize) -> Peer {
        let circuit = Chain { constraints };
        let params = PublicParams::<E1, E2, Chain>::setup(
            &circuit,
            &*default_ck_hint(),
            &*default_ck_hint(),
        )
        .expect("invariant: a valid circuit");
        let start = [<E1 as Engine>::Scalar::from(3)];
        let mut snark =
            RecursiveSNARK::new(&params, &circuit, &start).expect("invariant: a valid circuit");
        let step_ms = time_steps(steps, || {
            snark
                .prove_step(&params, &circuit)
                .expect("invariant: a valid circuit");
        });
        let (primary, secondary) = params.num_constraints();
        Peer {
            step_ms,
            constraints: primary,
            constraints_secondary: secondary,
        }
    }
}

mod arecibo_peer {
    use super::{Peer, time_steps};
    use arecibo::{
        PublicParams, RecursiveSNARK,
        provider::{Bn256Engine, GrumpkinEngine},
        traits::{
            Engine,
            circuit::{StepCircuit, TrivialCircuit},
            snark::default_ck_hint,
        },
    };
    use bellpepper_core::{ConstraintSystem, SynthesisError, num::AllocatedNum};
    use ff::Field;

    chain_circuit!();

    type E1 = Bn256Engine;
    type E2 = GrumpkinEngine;
    type Trivial = TrivialCircuit<<E2 as Engine>::Scalar>;

    pub(super) fn run(constraints: usize, steps: usize) -> Peer {
        let circuit = Chain { constraints };
        let trivial = Trivial::default();
        let params = PublicParams::<E1, E2, Chain, Trivial>::setup(
            &circuit,
            &trivial,
            &*default_ck_hint(),
            &*default_ck_hint(),
        );
        let start = [<E1 as Engine>::Scalar::from(3)];
        let secondary = [<E2 as Engine>::Scalar::ZERO];
        let mut snark = RecursiveSNARK::new(&params, &circuit, &trivial, &start, &secondary)
            .expect("invariant: a valid circuit");
        let step_ms = time_steps(steps, || {
            snark
                .prove_step(&params, &circuit, &trivial)
                .expect("invariant: a valid circuit");
        });
        let (primary, secondary) = params.num_constraints();
        Peer {
            step_ms,
            constraints: primary,
            constraints_secondary: secondary,
        }
    }
}
