//! From the contract's values to a tool's and back. Records and enumerations have theirs from the generator; here are the
//! types that they are made of.

use crate::show::Show;

/// A value of an answer, as a tool gives it.
pub trait Shown {
    /// The tool's type.
    type Tool;
    /// The value as `show` has it.
    fn shown(self, show: &Show) -> Self::Tool;
}

/// A value of a parameter, as the contract takes it.
pub trait Given {
    /// The contract's type.
    type Contract;
    /// The value.
    fn given(self) -> Self::Contract;
}

macro_rules! the_same {
    ($($type:ty)*) => {$(
        impl Shown for $type {
            type Tool = Self;
            fn shown(self, _: &Show) -> Self {
                self
            }
        }
        impl Given for $type {
            type Contract = Self;
            fn given(self) -> Self {
                self
            }
        }
    )*};
}
the_same!(() bool u16 u32 u64 f64 String);

impl<T: Shown> Shown for Option<T> {
    type Tool = Option<T::Tool>;
    fn shown(self, show: &Show) -> Self::Tool {
        self.map(|value| value.shown(show))
    }
}

impl<T: Shown> Shown for Vec<T> {
    type Tool = Vec<T::Tool>;
    fn shown(self, show: &Show) -> Self::Tool {
        self.into_iter().map(|value| value.shown(show)).collect()
    }
}

impl<T: Shown, E: Shown> Shown for Result<T, E> {
    type Tool = Result<T::Tool, E::Tool>;
    fn shown(self, show: &Show) -> Self::Tool {
        match self {
            Ok(value) => Ok(value.shown(show)),
            Err(error) => Err(error.shown(show)),
        }
    }
}

impl<T: Given> Given for Option<T> {
    type Contract = Option<T::Contract>;
    fn given(self) -> Self::Contract {
        self.map(Given::given)
    }
}

impl<T: Given> Given for Vec<T> {
    type Contract = Vec<T::Contract>;
    fn given(self) -> Self::Contract {
        self.into_iter().map(Given::given).collect()
    }
}
