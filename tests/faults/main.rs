//! What goes wrong in practice, and what the program answers: never a wrong number, and never a good case lost to a bad one.

mod answers;
mod experiment;
mod labels;
mod limits;
mod lists;
mod mistakes;
mod scans;
mod several;
