//! JSON read into structures that borrow from it and keep only what is asked for.
//!
//! A value of another type than expected is no fault by itself: an optional property that cannot
//! be understood is as if it were not there, and a required one is refused by its rule.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::super::batch::{Fault, fault};

/// The word by which a property that stands twice is recognised among serde's errors.
pub(in crate::ingest) const TWICE: &str = "DuplicateKey";

/// What can be made of a JSON value of any type.
pub(in crate::ingest) trait FromJson<'de>: Default {
    fn text(_: Cow<'de, str>) -> Self {
        Self::wrong()
    }

    fn number(_: f64) -> Self {
        Self::wrong()
    }

    fn whole(number: u64) -> Self {
        Self::number(number as f64)
    }

    fn flag(_: bool) -> Self {
        Self::wrong()
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Self::wrong())
    }

    fn object<A: MapAccess<'de>>(mut object: A) -> Result<Self, A::Error> {
        while object.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Self::wrong())
    }

    /// A value of a type that means nothing here.
    fn wrong() -> Self {
        Self::default()
    }
}

/// Deserializes what [`FromJson`] makes; null is as good as absent.
pub(in crate::ingest) struct Json<T>(pub(in crate::ingest) T);

impl<'de, T: FromJson<'de>> Deserialize<'de> for Json<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Any(PhantomData)).map(Json)
    }
}

struct Any<T>(PhantomData<T>);

impl<'de, T: FromJson<'de>> Visitor<'de> for Any<T> {
    type Value = T;

    fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str("a value")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<T, E> {
        Ok(T::text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<T, E> {
        Ok(T::text(Cow::Owned(text.to_owned())))
    }

    fn visit_u64<E>(self, number: u64) -> Result<T, E> {
        Ok(T::whole(number))
    }

    fn visit_i64<E>(self, number: i64) -> Result<T, E> {
        Ok(T::number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<T, E> {
        Ok(T::number(number))
    }

    fn visit_bool<E>(self, flag: bool) -> Result<T, E> {
        Ok(T::flag(flag))
    }

    fn visit_unit<E>(self) -> Result<T, E> {
        Ok(T::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<T, A::Error> {
        T::list(list)
    }

    fn visit_map<A: MapAccess<'de>>(self, object: A) -> Result<T, A::Error> {
        T::object(object)
    }
}

/// Reads one record.
///
/// # Errors
/// `NotJson`, `TooDeep`, `DuplicateKey`, or `NotAnObject`.
pub(in crate::ingest) fn record<'a, T: FromJson<'a>>(record: &'a [u8]) -> Result<T, Fault> {
    let read: Result<Json<T>, _> = serde_json::from_slice(record);
    let Json(read) = read.map_err(|error| {
        let message = error.to_string();
        let rule = if message.starts_with(TWICE) {
            TWICE
        } else if message.starts_with("recursion limit") {
            "TooDeep"
        } else {
            "NotJson"
        };
        fault("record", rule)
    })?;
    if record.trim_ascii_start().starts_with(b"{") {
        Ok(read)
    } else {
        Err(fault("record", "NotAnObject"))
    }
}

/// A text.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::ingest) enum Text<'a> {
    #[default]
    Absent,
    Wrong,
    Is(Cow<'a, str>),
}

impl<'de> FromJson<'de> for Text<'de> {
    fn text(text: Cow<'de, str>) -> Self {
        Self::Is(text)
    }

    fn wrong() -> Self {
        Self::Wrong
    }
}

impl Text<'_> {
    pub(in crate::ingest) fn get(&self) -> Option<&str> {
        match self {
            Self::Is(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a property that must be there.
    ///
    /// # Errors
    /// `Missing` or `WrongType`.
    pub(in crate::ingest) fn required(&self, place: &'static str) -> Result<&str, Fault> {
        match self {
            Self::Is(text) => Ok(text),
            Self::Absent => Err(fault(place, "Missing")),
            Self::Wrong => Err(fault(place, "WrongType")),
        }
    }
}

/// An id that may be written as a number.
#[derive(Debug, Clone, Default, PartialEq)]
pub(in crate::ingest) struct Number<'a>(Option<Cow<'a, str>>);

impl<'de> FromJson<'de> for Number<'de> {
    fn text(text: Cow<'de, str>) -> Self {
        Self(Some(text).filter(|text| !text.is_empty()))
    }

    fn whole(number: u64) -> Self {
        Self(Some(Cow::Owned(number.to_string())))
    }
}

impl Number<'_> {
    pub(in crate::ingest) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

/// A number, maybe written as a text.
impl<'de> FromJson<'de> for Option<f64> {
    fn number(number: f64) -> Self {
        Some(number).filter(|number| number.is_finite())
    }

    fn text(text: Cow<'de, str>) -> Self {
        text.parse().ok().and_then(Self::number)
    }
}

/// Whether something holds, in the words of JSON or of Open edX.
impl<'de> FromJson<'de> for Option<bool> {
    fn flag(flag: bool) -> Self {
        Some(flag)
    }

    fn text(text: Cow<'de, str>) -> Self {
        match text.as_ref() {
            "true" | "correct" => Some(true),
            "false" | "incorrect" => Some(false),
            _ => None,
        }
    }
}

/// A text or several.
impl<'de> FromJson<'de> for Vec<Cow<'de, str>> {
    fn text(text: Cow<'de, str>) -> Self {
        vec![text]
    }

    fn number(number: f64) -> Self {
        vec![Cow::Owned(number.to_string())]
    }

    fn flag(flag: bool) -> Self {
        vec![Cow::Borrowed(if flag { "true" } else { "false" })]
    }

    fn list<A: SeqAccess<'de>>(mut list: A) -> Result<Self, A::Error> {
        let mut all = Self::new();
        while let Some(Json(some)) = list.next_element::<Json<Self>>()? {
            all.extend(some);
        }
        Ok(all)
    }
}

/// A structure that may be absent and may hold itself.
impl<'de, T: FromJson<'de>> FromJson<'de> for Option<Box<T>> {
    fn text(text: Cow<'de, str>) -> Self {
        Some(Box::new(T::text(text)))
    }

    fn number(number: f64) -> Self {
        Some(Box::new(T::number(number)))
    }

    fn flag(flag: bool) -> Self {
        Some(Box::new(T::flag(flag)))
    }

    fn list<A: SeqAccess<'de>>(list: A) -> Result<Self, A::Error> {
        T::list(list).map(|value| Some(Box::new(value)))
    }

    fn object<A: MapAccess<'de>>(object: A) -> Result<Self, A::Error> {
        T::object(object).map(|value| Some(Box::new(value)))
    }
}

/// Makes a structure of properties; a property that stands twice is an error.
macro_rules! object {
    ($(#[$doc:meta])* $name:ident<$life:lifetime> {
        $(; $plain:ident: $type_of_plain:ty,)*
        $($field:ident: $type:ty = $first:literal $(| $other:literal)*),* $(,)?
    } $($more:item)*) => {
        $(#[$doc])*
        #[derive(Debug, Default)]
        pub(in crate::ingest) struct $name<$life> {
            $(pub(in crate::ingest) $plain: $type_of_plain,)*
            $(pub(in crate::ingest) $field: $type,)*
        }

        impl<$life> FromJson<$life> for $name<$life> {
            fn object<A: serde::de::MapAccess<$life>>(mut object: A) -> Result<Self, A::Error> {
                #[expect(non_camel_case_types, reason = "numbers the fields by their names")]
                enum Place { $($field),* }
                let mut new = Self::of_object();
                let mut filled = 0_u64;
                while let Some(Json(key)) = object.next_key::<Json<Text<'_>>>()? {
                    match key.get().unwrap_or_default() {
                        $($first $(| $other)* => {
                            let bit = 1 << Place::$field as u64;
                            if filled & bit != 0 {
                                return Err(serde::de::Error::custom(TWICE));
                            }
                            filled |= bit;
                            new.$field = object.next_value::<Json<$type>>()?.0;
                        })*
                        _ => {
                            object.next_value::<serde::de::IgnoredAny>()?;
                        }
                    }
                }
                Ok(new)
            }

            $($more)*
        }
    };
}
pub(in crate::ingest) use object;
