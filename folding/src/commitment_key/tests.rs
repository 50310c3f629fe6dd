//! Keys are what they claim to be, and damaged files say what is wrong with them.

use super::*;
use crate::{curves::E1, testing::library_key};
use ff::Field;
use nova_snark::traits::commitment::CommitmentEngineTrait;
use rand_core::OsRng;
use std::{fs, path::PathBuf};

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> PathBuf {
        self.0.path().to_owned()
    }
}

#[test]
fn generated_keys_are_powers_of_one_tau() {
    let key = generate_insecure(11, "seed");
    assert_eq!(key.len(), 2048);
    key.check_powers(&mut OsRng).expect("powers of tau");
    assert_eq!(key.id(), generate_insecure(4, "seed").id());
    assert_ne!(key.id(), generate_insecure(4, "another").id());
    assert!(matches!(key.origin(), KeyOrigin::InsecureDevelopment { seed } if seed == "seed"));
}

#[test]
fn a_changed_power_is_noticed() {
    let key = generate_insecure(4, "seed");
    let mut powers = key.powers().to_vec();
    powers.swap(7, 8);
    let forged = CommitmentKey::new(powers, *key.tau_g2(), KeyOrigin::Imported);
    let forged = forged.expect("points all the same");
    assert_eq!(forged.check_powers(&mut OsRng), Err(KeyError::NotPowers));
}

#[test]
fn points_that_are_none_are_refused() {
    let key = generate_insecure(4, "seed");
    let tau_g2 = *key.tau_g2();
    let mut powers = key.powers().to_vec();
    powers[3].x += crate::curves::Fq::ONE;
    let refused = CommitmentKey::new(powers, tau_g2, KeyOrigin::Imported);
    assert!(matches!(refused, Err(KeyError::Point { .. })));
    let powers = key.powers()[1..].to_vec();
    let refused = CommitmentKey::new(powers, tau_g2, KeyOrigin::Imported);
    assert!(matches!(refused, Err(KeyError::NoGenerator)));
    let refused = CommitmentKey::new(vec![], tau_g2, KeyOrigin::Imported);
    assert!(matches!(refused, Err(KeyError::TooShort { got: 0 })));
}

/// G2 of BN254 has a cofactor: a point on its curve need not be of order r.
#[test]
fn a_point_of_another_order_is_refused() {
    use crate::curves::Fq;
    use halo2curves::bn256::Fq2;
    let key = generate_insecure(4, "seed");
    let outside = (0u64..)
        .find_map(|x| {
            let x = Fq2::new(Fq::from(x), Fq::ONE);
            let y = (x.square() * x + G2Affine::b()).sqrt().into_option()?;
            Some(G2Affine { x, y })
        })
        .expect("half of all x are on the curve");
    assert!(bool::from(outside.is_on_curve()));
    let refused = CommitmentKey::new(key.powers().to_vec(), outside, KeyOrigin::Imported);
    assert!(matches!(
        refused,
        Err(KeyError::Point { what: "tau in G2" })
    ));
}

#[test]
fn tables_change_no_commitment() {
    let key = generate_insecure(6, "seed");
    let values: Vec<Fr> = (0..50).map(|_| Fr::random(OsRng)).collect();
    let blinding = Fr::random(OsRng);
    let plain = key.commit(&values, &blinding);
    let library =
        <E1 as nova_snark::traits::Engine>::CE::commit(&library_key(&key), &values, &blinding);
    key.tabulate(60);
    assert_eq!(key.commit(&values, &blinding), plain);
    assert_eq!(library, plain);
    let longer: Vec<Fr> = (0..64).map(Fr::from).collect();
    assert_eq!(key.commit(&longer, &blinding), {
        let other = generate_insecure(6, "seed");
        other.commit(&longer, &blinding)
    });
    assert_ne!(key.commit(&values, &Fr::ZERO), plain);
}

#[test]
fn files_are_named_by_digest_and_read_back() {
    let folder = Folder::new();
    let key = generate_insecure(5, "seed");
    let info = write_key(&folder.path(), &key).expect("written");
    assert_eq!((info.powers, &info.origin), (32, key.origin()));
    assert!(info.path.ends_with(format!("{}.ptau", info.digest)));
    let again = read_key(&info.path, 20).expect("read");
    assert_eq!(
        (again.len(), again.id(), again.origin()),
        (20, key.id(), key.origin())
    );
    assert_eq!(again.powers(), &key.powers()[..20]);
    assert_eq!(
        find_key(&folder.path(), 20).expect("the only one"),
        info.path
    );

    // Importing what was exported gives the same file, mark included.
    let other = Folder::new();
    let imported = import_key(&other.path(), &info.path, &mut OsRng).expect("imported");
    assert_eq!(
        (imported.digest, imported.origin),
        (info.digest, info.origin)
    );
}

#[test]
fn the_library_reads_our_files_as_the_standard_format() {
    let folder = Folder::new();
    let key = generate_insecure(5, "seed");
    let info = write_key(&folder.path(), &key).expect("written");
    nova_snark::provider::check_sanity_of_ptau_file::<G1Affine>(&info.path, 32, 2)
        .expect("a sane file");
    let mut file = fs::File::open(&info.path).expect("a file");
    let (g1, g2) = nova_snark::provider::read_ptau::<G1Affine, G2Affine>(&mut file, 32, 2)
        .expect("a file that the library reads");
    assert_eq!((g1.as_slice(), &g2[1]), (key.powers(), key.tau_g2()));
}

/// A file as ceremonies publish it: written by the library, no origin section.
#[test]
fn foreign_files_are_imported_without_a_mark() {
    let folder = Folder::new();
    let key = generate_insecure(5, "seed");
    let path = folder.path().join("ppot_0080_05.ptau");
    let mut file = fs::File::create(&path).expect("a file");
    let g2 = vec![crate::curves::G2Affine::generator(), *key.tau_g2()];
    nova_snark::provider::write_ptau(&mut file, key.powers().to_vec(), g2, 5).expect("written");
    drop(file);
    let refused = read_key(&path, 4).expect_err("not named by digest");
    assert!(refused.to_string().contains("import it first"), "{refused}");
    let info = import_key(&folder.path(), &path, &mut OsRng).expect("imported");
    assert_eq!(info.origin, KeyOrigin::Imported);
    assert_eq!(read_key(&info.path, 32).expect("read").id(), key.id());
}

#[test]
fn damaged_files_are_clear_errors() {
    let folder = Folder::new();
    let key = generate_insecure(5, "seed");
    let info = write_key(&folder.path(), &key).expect("written");
    let good = fs::read(&info.path).expect("bytes");

    let damage = |bytes: &[u8]| {
        fs::write(&info.path, bytes).expect("written");
        read_key(&info.path, 4).expect_err("damaged").to_string()
    };
    let mut flipped = good.clone();
    flipped[500] ^= 1;
    for bytes in [flipped.as_slice(), &good[..good.len() - 1], &[]] {
        let message = damage(bytes);
        assert!(message.contains("expected a file with digest"), "{message}");
        assert!(message.contains("cut short"), "{message}");
    }

    // Under a right digest, the content is still checked: this is what an import meets.
    let import = |bytes: &[u8]| {
        let path = folder.path().join("input.ptau");
        fs::write(&path, bytes).expect("written");
        import_key(&folder.path(), &path, &mut OsRng)
            .expect_err("damaged")
            .to_string()
    };
    assert!(import(b"").contains("more bytes wanted"));
    assert!(import(b"junk and more").contains("not \"ptau\""));
    assert!(import(&good[..good.len() - 60]).contains("more bytes wanted"));
    let with = |offset: usize, bytes: &[u8]| {
        let mut changed = good.clone();
        changed[offset..offset + bytes.len()].copy_from_slice(bytes);
        import(&changed)
    };
    assert!(with(4, &[9]).contains("version 1 wanted, got 9"));
    assert!(with(8, &[1, 0]).contains("section of G1 powers is missing"));
    assert!(with(16, &[0xff; 8]).contains("more bytes wanted"));
    // Another prime in the header, a point off the curve, and two points swapped.
    assert!(with(28, &[0; 8]).contains("prime"));
    let points = 12 + 12 + 40 + 12;
    assert!(with(points + 64, &[good[points + 64] ^ 1]).contains("curve"));
    let (second, third) = (
        &good[points + 64..points + 128],
        &good[points + 128..points + 192],
    );
    assert!(with(points + 64, &[third, second].concat()).contains("pairing check"));

    let missing = read_key(&folder.path().join("none.ptau"), 4).expect_err("no file");
    assert!(matches!(missing, KeyFileError::Io { .. }));
}

#[test]
fn a_key_that_is_too_small_or_missing_is_named() {
    let folder = Folder::new();
    let none = find_key(&folder.path(), 100).expect_err("empty");
    assert!(
        none.to_string().contains("notefold params generate"),
        "{none}"
    );
    let info = write_key(&folder.path(), &generate_insecure(5, "seed")).expect("written");
    let small = read_key(&info.path, 100).expect_err("too small");
    assert!(
        small
            .to_string()
            .contains("at least 100 powers of tau, got 32"),
        "{small}"
    );
    write_key(&folder.path(), &generate_insecure(5, "another")).expect("written");
    let two = find_key(&folder.path(), 4).expect_err("two");
    assert!(matches!(two, KeyFileError::Ambiguous { count: 2, .. }));
}
