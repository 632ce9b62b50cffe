//! The fields of a type of features, listed once: what takes a mean over them cannot leave one out.

/// A field of a type of features.
pub(super) trait Field {
    /// The number, of a feature that every matrix has; none of one that may be undefined.
    fn number(&mut self) -> Option<&mut f64>;
}

impl Field for f64 {
    fn number(&mut self) -> Option<&mut f64> {
        Some(self)
    }
}

impl Field for Option<f64> {
    fn number(&mut self) -> Option<&mut f64> {
        None
    }
}

/// Declares a type of features, and gives it `numbers_mut`: those of its fields that every matrix has, in their order.
macro_rules! features {
    ($(#[$of:meta])* pub struct $name:ident { $($(#[$doc:meta])* pub $field:ident: $number:ty,)* }) => {
        $(#[$of])*
        pub struct $name {
            $($(#[$doc])* pub $field: $number,)*
        }

        impl $name {
            fn numbers_mut(&mut self) -> impl Iterator<Item = &mut f64> {
                [$($crate::texture::fields::Field::number(&mut self.$field)),*].into_iter().flatten()
            }
        }
    };
}

pub(super) use features;
