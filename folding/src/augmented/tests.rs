//! The shape of F′.

use super::*;
use crate::curves::E1;
use nova_snark::frontend::{ConstraintSystem, r1cs::NovaShape, shape_cs::ShapeCS};

#[test]
fn shape() {
    let start = std::time::Instant::now();
    let mut cs = ShapeCS::<E1>::new();
    synthesize(&mut cs.namespace(|| "augmented"), None).expect("a shape");
    let shape = cs.r1cs_shape().expect("a shape");
    println!(
        "{} {} {:?}",
        shape.num_cons(),
        shape.num_vars(),
        start.elapsed()
    );
}
