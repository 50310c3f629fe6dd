//! `notefold bench msm`: multi-scalar multiplication over fixed bases, ours beside the libraries' in one run.

use super::{Figure, measure};
use notefold_folding::{
    commitment_key::generate_insecure,
    curves::{Fr, G1},
    msm::FixedBaseTable,
    testing::{curve_library_msm, library_msm, random_scalar},
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde::Serialize;
use std::hint::black_box;

/// The report; field names are documented in `specs/benchmarks.md` and do not change.
#[derive(Debug, Serialize)]
pub(crate) struct MsmReport {
    threads: usize,
    runs: usize,
    sizes: Vec<MsmSize>,
}

/// One size, full-width scalars.
#[derive(Debug, Serialize)]
pub(crate) struct MsmSize {
    size: usize,
    msm_ms: Figure,
    msm_nova_snark_ms: Figure,
    msm_halo2curves_ms: Figure,
    ratio_to_best_library: f64,
    table_build_ms: Figure,
    table_bytes: usize,
}

/// Base-2 logarithms of the sizes that occur.
const SIZES: [u32; 5] = [10, 12, 14, 16, 17];

pub(crate) fn run(runs: usize) -> MsmReport {
    let largest = SIZES[SIZES.len() - 1];
    eprintln!("bases …");
    let key = generate_insecure(largest, "benchmark");
    let mut rng = ChaCha20Rng::seed_from_u64(1);
    let scalars: Vec<Fr> = (0..1 << largest).map(|_| random_scalar(&mut rng)).collect();
    let sizes = SIZES
        .map(|log| {
            let size = 1usize << log;
            eprintln!("2^{log} …");
            let (bases, scalars) = (&key.powers()[..size], &scalars[..size]);
            let table_build_ms = measure(1, 1, || drop(FixedBaseTable::new(bases)));
            let table = FixedBaseTable::new(bases);
            let time = |call: &dyn Fn() -> G1| {
                measure(runs, 1, || {
                    black_box(call());
                })
            };
            let msm_ms = time(&|| table.msm(scalars));
            let msm_nova_snark_ms = time(&|| library_msm(scalars, bases));
            let msm_halo2curves_ms = time(&|| curve_library_msm(scalars, bases));
            let best = msm_nova_snark_ms.median.min(msm_halo2curves_ms.median);
            MsmSize {
                size,
                msm_ms,
                msm_nova_snark_ms,
                msm_halo2curves_ms,
                ratio_to_best_library: best / msm_ms.median,
                table_build_ms,
                table_bytes: table.table_bytes(),
            }
        })
        .into();
    MsmReport {
        threads: rayon::current_num_threads(),
        runs,
        sizes,
    }
}
