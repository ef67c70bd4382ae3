//! JSON values as a log writes them, borrowed where they can be; what nobody reads is passed over.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// One value; lists and objects are passed over, however deep they are.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Value<'a> {
    #[default]
    Null,
    Flag(bool),
    Whole(i64),
    Number(f64),
    Text(Cow<'a, str>),
    Other,
}

impl Value<'_> {
    /// A text that says something.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.trim()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }

    /// A finite number, also one written as text.
    pub(super) fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Whole(value) => Some(*value as f64),
            Self::Number(value) => Some(*value),
            Self::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number.filter(|value| value.is_finite())
    }

    /// An id: a text, or a whole number as text.
    pub(super) fn id(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Whole(value) => Some(value.to_string().into()),
            other => other.text().map(Cow::Borrowed),
        }
    }

    /// This value, or the other one where this says nothing.
    pub(super) fn or<'b>(&'b self, other: &'b Self) -> &'b Self {
        if self.says_something() { self } else { other }
    }

    pub(super) fn is_true(&self) -> bool {
        *self == Self::Flag(true) || self.text() == Some("true")
    }

    /// Neither absent nor empty nor false.
    pub(super) fn says_something(&self) -> bool {
        match self {
            Self::Null | Self::Flag(false) => false,
            Self::Text(_) => self
                .text()
                .is_some_and(|text| !["false", "None"].contains(&text)),
            _ => true,
        }
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Value::Flag(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Self::Value, E> {
        Ok(Value::Whole(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(value).map_or(Value::Number(value as f64), Value::Whole))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Self::Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Value::Text(value.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Value::Text(value.to_owned().into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Other)
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyValue)
    }
}

/// A key, borrowed unless it is escaped.
pub(super) struct Key<'a>(pub(super) Cow<'a, str>);

impl<'de> Deserialize<'de> for Key<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AnyKey;
        impl<'de> Visitor<'de> for AnyKey {
            type Value = Key<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }

            fn visit_borrowed_str<E>(self, key: &'de str) -> Result<Self::Value, E> {
                Ok(Key(key.into()))
            }

            fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
                Ok(Key(key.to_owned().into()))
            }
        }
        from.deserialize_str(AnyKey)
    }
}

/// The rest of a visitor: scalars that say nothing give the same value.
macro_rules! otherwise {
    ($value:expr; $($visit:ident: $type:ty),*) => {
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a value")
        }

        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok($value)
        }

        $(fn $visit<E>(self, _: $type) -> Result<Self::Value, E> {
            Ok($value)
        })*
    };
    ($value:expr) => {
        super::value::otherwise!($value; visit_bool: bool, visit_i64: i64, visit_u64: u64, visit_f64: f64);
    };
}
pub(super) use otherwise;

/// Makes a record of the named members of a JSON object, each with its default unless it is there.
/// What is no object has no members; a member that comes twice is noted.
macro_rules! members {
    ($(#[$doc:meta])* $name:ident { $($key:literal => $field:ident: $type:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(super) struct $name<'a> {
            /// A member stands there twice.
            pub(super) doubled: bool,
            $(pub(super) $field: $type),*
        }

        impl<'de> serde::de::Deserialize<'de> for $name<'de> {
            fn deserialize<D: serde::de::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                struct Members;
                impl<'de> serde::de::Visitor<'de> for Members {
                    type Value = $name<'de>;

                    fn visit_map<A: serde::de::MapAccess<'de>>(
                        self,
                        mut map: A,
                    ) -> Result<Self::Value, A::Error> {
                        let mut read = $name::default();
                        $(let mut $field = false;)*
                        while let Some(key) = map.next_key::<super::value::Key<'de>>()? {
                            match &*key.0 {
                                $($key => {
                                    read.doubled |= std::mem::replace(&mut $field, true);
                                    read.$field = map.next_value()?;
                                })*
                                _ => {
                                    map.next_value::<serde::de::IgnoredAny>()?;
                                }
                            }
                        }
                        Ok(read)
                    }

                    super::value::otherwise!($name::default());

                    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                        Ok($name::default())
                    }

                    fn visit_seq<A: serde::de::SeqAccess<'de>>(
                        self,
                        mut list: A,
                    ) -> Result<Self::Value, A::Error> {
                        while list.next_element::<serde::de::IgnoredAny>()?.is_some() {}
                        Ok($name::default())
                    }
                }
                from.deserialize_any(Members)
            }
        }
    };
}
pub(super) use members;
