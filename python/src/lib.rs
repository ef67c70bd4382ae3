//! The Python face of kohort: convert, detach, call, convert. No arithmetic.

mod arrow;
mod attack;
mod audience;
mod data;
mod errors;
mod group;
mod ingest;
mod ledger;
mod personal;
mod research;
mod run;
mod simulate;
mod stats;
mod tables;

use pyo3::prelude::*;

#[pymodule]
mod _core {
    #[pymodule_export]
    use crate::arrow::Table;
    #[pymodule_export]
    use crate::attack::attack;
    #[pymodule_export]
    use crate::audience::{View, Viewer};
    #[pymodule_export]
    use crate::data::{LearningData, Overview, parse_span, show_span};
    #[pymodule_export]
    use crate::group::{ReferenceGroups, check_grid, grids};
    #[pymodule_export]
    use crate::ingest::{Foreign, read_oulad, read_standard, read_table, standard_mapping};
    #[pymodule_export]
    use crate::ledger::{Ledger, verify};
    #[pymodule_export]
    use crate::personal::{PersonalAnalytics, StudyTime};
    #[pymodule_export]
    use crate::research::Research;
    #[pymodule_export]
    use crate::simulate::{Simulated, simulate};
    #[pymodule_export]
    use crate::stats::{
        aalen_johansen, benjamini_hochberg, betweenness, binomial_test, degrees, from_columns,
        from_items, kaplan_meier, kmeans_l1, log_rank, nelson_aalen, periodicity, reciprocity,
        restricted_mean, wilson,
    };
    #[pymodule_export]
    use crate::tables::{read_foreign_table, table_mapping};

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name for it")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
