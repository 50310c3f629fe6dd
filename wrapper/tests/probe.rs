use notefold_folding::{
    batch::OpenBatch,
    testing::{Scenario, checked, development_folding_params},
};
use notefold_wrapper::{decider::*, groth16::*, public_values::Address};
use std::time::Instant;
#[test]
fn probe() {
    let params = development_folding_params();
    let mut s = Scenario::new(600);
    let steps = [s.deposit(5), s.transfer()].map(|x| checked(params.step(), &x));
    let mut batch = OpenBatch::open(&params, Scenario::deployment(), s.state.clone());
    for step in &steps {
        batch.push(&params, step).unwrap();
    }
    let proven = batch
        .close(&params)
        .unwrap()
        .prover()
        .finish(&params)
        .unwrap();
    let t = Instant::now();
    let decider = Decider::new(&params);
    println!("decider {:?}", t.elapsed());
    let t = Instant::now();
    let (m, blocks) = decider.matrices();
    println!(
        "matrices {:?} constraints {} committed {} private {} rows {} of {}",
        t.elapsed(),
        m.constraints(),
        m.committed,
        m.private,
        m.rows(),
        1 << 20
    );
    println!("nnz {} {} {}", m.a.entries(), m.b.entries(), m.c.entries());
    for (k, v) in blocks {
        println!("  {k} {v}");
    }
    let t = Instant::now();
    let input = DeciderInput::new(&params, &proven, Address([1; 20])).unwrap();
    println!("input {:?}", t.elapsed());
    let t = Instant::now();
    let a = decider
        .assign::<nova_snark::frontend::SynthesisError>(&m, &input, |_| {
            Ok(notefold_folding::curves::Fr::from(123456789u64))
        })
        .unwrap();
    println!("assign {:?}", t.elapsed());
    println!("unsat {:?}", m.first_unsatisfied(&a.z));
    use rand_chacha::rand_core::SeedableRng;
    let mut rng = rand_chacha::ChaCha20Rng::seed_from_u64(1);
    if std::env::var("SETUP").is_err() {
        return;
    }
    let t = Instant::now();
    let toxic = ToxicWaste::random(&mut rng);
    let pk = setup(&m, &toxic, |p| println!("{p} {:?}", t.elapsed())).unwrap();
    println!("setup {:?} bytes {}", t.elapsed(), pk.bytes());
    let mut times = PhaseTimes::default();
    let t = Instant::now();
    let committed = commit(&pk, a.z[4..4 + m.committed].to_vec(), &mut rng, &mut times).unwrap();
    let proof = prove(&pk, &m, &committed, &a.z, &mut rng, &mut times).unwrap();
    println!("prove {:?} {:?}", t.elapsed(), times);
    println!("verify {:?}", verify(&pk.verifying_key, &a.z[1..4], &proof));
}
