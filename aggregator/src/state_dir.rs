//! A rollup's state in a local folder: trees and accepted steps in one transactional file.
//!
//! Every tree node is kept, so opening hashes nothing, and a commit writes only what changed. Spec:
//! `specs/storage.md`, STORE-1 to STORE-4.

use crate::{
    error::Error,
    state_tables::{self, META, damaged, number, word},
};
use notefold_folding::{
    state::{State, StateError},
    step::{Deployment, StepStatement},
};
use redb::{Database, ReadableDatabase, ReadableTable, TableDefinition};
use std::{
    fs, io,
    path::{Path, PathBuf},
};

const FORMAT: u64 = 2;
const FILE: &str = "state.redb";

/// Accepted steps in order: their public parts.
const STEPS: TableDefinition<'_, u64, &[u8]> = TableDefinition::new("steps");

/// An open state folder. A second process that opens it is refused.
pub(crate) struct StateDir {
    path: PathBuf,
    database: Database,
    deployment: Deployment,
    state: State,
    steps: Vec<StepStatement>,
}

impl StateDir {
    /// Makes a folder with the genesis state of a deployment.
    pub(crate) fn create(path: &Path, deployment: Deployment) -> Result<Self, Error> {
        fs::create_dir_all(path).map_err(Error::io(path))?;
        let file = path.join(FILE);
        if file.exists() {
            return Err(Error::Exists { path: file });
        }
        let database = Database::create(&file).map_err(Error::store(path))?;
        let state = State::genesis();
        let mut folder = Self {
            path: path.to_owned(),
            database,
            deployment,
            state,
            steps: Vec::new(),
        };
        folder.commit(&[])?;
        Ok(folder)
    }

    /// Opens a folder.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let file = path.join(FILE);
        if !file.exists() {
            let missing = io::Error::new(
                io::ErrorKind::NotFound,
                "expected a state folder, found none; make one with `notefold note init`",
            );
            return Err(Error::Io {
                path: path.to_owned(),
                source: missing,
            });
        }
        let database = Database::open(&file).map_err(Error::store(path))?;
        let (deployment, state, steps) = load(path, &database)?;
        Ok(Self {
            path: path.to_owned(),
            database,
            deployment,
            state,
            steps,
        })
    }

    /// Whose state this is.
    pub(crate) fn deployment(&self) -> Deployment {
        self.deployment
    }

    /// The state.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Accepted steps; step i made the notes at positions 2i and 2i + 1.
    pub(crate) fn steps(&self) -> &[StepStatement] {
        &self.steps
    }

    /// Applies verified steps as one batch and commits it, or changes nothing at all.
    ///
    /// On refusal returns the index of the step that does not apply, and why.
    pub(crate) fn settle(
        &mut self,
        batch: &[StepStatement],
    ) -> Result<Result<(), (usize, StateError)>, Error> {
        let mut next = self.state.clone();
        for (index, step) in batch.iter().enumerate() {
            if let Err(error) = next.apply(&step.update()) {
                return Ok(Err((index, error)));
            }
        }
        next.close_batch();
        let before = std::mem::replace(&mut self.state, next);
        if let Err(error) = self.commit(batch) {
            self.state = before;
            return Err(error);
        }
        Ok(Ok(()))
    }

    /// Writes what changed, and the batch's steps, in one transaction.
    fn commit(&mut self, batch: &[StepStatement]) -> Result<(), Error> {
        let failed = |error: redb::Error| Error::store(&self.path)(error);
        let changes = state_tables::take_changes(&mut self.state);
        let write = || -> Result<(), redb::Error> {
            let transaction = self.database.begin_write()?;
            {
                let mut meta = transaction.open_table(META)?;
                meta.insert("format", word(FORMAT))?;
                meta.insert("deployment", self.deployment.to_bytes())?;
            }
            let inserted = batch.iter().flat_map(|step| step.nullifiers);
            state_tables::write(&transaction, &self.state, &changes, inserted)?;
            {
                let mut steps = transaction.open_table(STEPS)?;
                for (sequence, step) in (self.steps.len() as u64..).zip(batch) {
                    steps.insert(sequence, step.to_bytes().as_slice())?;
                }
            }
            transaction.commit()?;
            Ok(())
        };
        write().map_err(failed)?;
        self.steps.extend_from_slice(batch);
        Ok(())
    }
}

fn load(
    path: &Path,
    database: &Database,
) -> Result<(Deployment, State, Vec<StepStatement>), Error> {
    let failed = |error: redb::Error| Error::store(path)(error);
    let decode = |source| Error::Decode {
        path: path.to_owned(),
        source,
    };
    let transaction = database.begin_read().map_err(|e| failed(e.into()))?;
    let meta = transaction.open_table(META).map_err(|e| failed(e.into()))?;
    let get = |name: &'static str| -> Result<[u8; 32], Error> {
        let value = meta.get(name).map_err(|e| failed(e.into()))?;
        value
            .map(|v| v.value())
            .ok_or_else(|| damaged(path, name, "nothing".into()))
    };
    let format = number(get("format")?);
    if format != FORMAT {
        return Err(damaged(
            path,
            &format!("state format {FORMAT}"),
            format!("format {format}"),
        ));
    }
    let deployment = Deployment::from_bytes(get("deployment")?).map_err(decode)?;
    let mut steps = Vec::new();
    let table = transaction
        .open_table(STEPS)
        .map_err(|e| failed(e.into()))?;
    for entry in table.iter().map_err(|e| failed(e.into()))? {
        let (_, value) = entry.map_err(|e| failed(e.into()))?;
        steps.push(StepStatement::from_bytes(value.value()).map_err(decode)?);
    }
    let state = state_tables::read(path, &transaction)?;
    let expected = 2 * steps.len() as u64;
    if state.notes().count() != expected {
        let got = format!("{} notes", state.notes().count());
        return Err(damaged(
            path,
            &format!("{expected} notes, as its steps have"),
            got,
        ));
    }
    Ok((deployment, state, steps))
}

#[cfg(test)]
mod tests {
    use super::*;
    use notefold_folding::testing::Scenario;

    #[test]
    fn a_folder_reopens_as_it_was_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut scenario = Scenario::new(1);
        let mut dir = StateDir::create(folder.path(), Scenario::deployment()).expect("created");
        let mut roots = vec![dir.state().root()];
        for amount in [5u64, 6, 7] {
            let anchor = dir.state().notes().root();
            let step = notefold_folding::step::StepBuilder::new(
                Scenario::deployment(),
                anchor,
                notefold_folding::note::Asset::ETHER,
            )
            .deposit(notefold_folding::step::DepositId([1; 32]), amount.into())
            .pay(scenario.alice.address(), amount.into())
            .build(&scenario.alice, &mut scenario.rng)
            .expect("a deposit");
            dir.settle(&[step.statement])
                .expect("stored")
                .expect("applied");
            roots.push(dir.state().root());
            drop(dir);
            dir = StateDir::open(folder.path()).expect("opened");
            assert_eq!(Some(&dir.state().root()), roots.last());
        }
        assert_eq!(
            (dir.steps().len(), dir.deployment()),
            (3, Scenario::deployment())
        );

        // A batch with a step that does not apply changes nothing, in memory or on disk.
        let spent = dir.steps()[0];
        let refused = dir
            .settle(&[spent])
            .expect("no I/O error")
            .expect_err("spent already");
        assert_eq!(refused.0, 0);
        assert_eq!(Some(&dir.state().root()), roots.last());
        drop(dir);
        let dir = StateDir::open(folder.path()).expect("opened");
        assert_eq!(Some(&dir.state().root()), roots.last());
    }

    #[test]
    fn a_folder_is_opened_once_and_never_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let dir = StateDir::create(folder.path(), Scenario::deployment()).expect("created");
        assert!(matches!(
            StateDir::open(folder.path()),
            Err(Error::Store { .. })
        ));
        drop(dir);
        let again = StateDir::create(folder.path(), Scenario::deployment());
        assert!(matches!(again, Err(Error::Exists { .. })));
        let missing = StateDir::open(&folder.path().join("none"));
        assert!(missing.is_err_and(|error| error.to_string().contains("notefold note init")));
    }
}
