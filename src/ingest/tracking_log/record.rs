//! One line of a log: the members that are read, and its detail in all the forms it comes in.

use std::borrow::Cow;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::value::{Value, members, otherwise};

members! {
    /// The members at the root of a record. `data` and `timestamp` stand where the platform's
    /// event bus hands records on instead of writing them to the log.
    Line {
        "event_type" => event_type: Value<'a>,
        "name" => name: Value<'a>,
        "event_source" => source: Value<'a>,
        "event" => event: Detail<'a>,
        "data" => data: Detail<'a>,
        "time" => time: Value<'a>,
        "timestamp" => timestamp: Value<'a>,
        "session" => session: Value<'a>,
        "user_id" => user: Value<'a>,
        "agent" => agent: Value<'a>,
        "page" => page: Value<'a>,
        "referer" => referer: Value<'a>,
        "context" => context: Context<'a>,
    }
}

members! {
    /// Who did it, where.
    Context {
        "user_id" => user: Value<'a>,
        "course_id" => course: Value<'a>,
        "session" => session: Value<'a>,
        "path" => path: Value<'a>,
        "agent" => agent: Value<'a>,
        "referer" => referer: Value<'a>,
        "module" => module: Module<'a>,
        "real_user_id" => real_user: Value<'a>,
        "masquerade" => masquerade: Value<'a>,
        "masquerading" => masquerading: Value<'a>,
        "is_masquerading" => is_masquerading: Value<'a>,
        "masquerade_user_id" => masquerade_user: Value<'a>,
    }
}

members! {
    /// The block that an event of the server concerns.
    Module { "usage_key" => usage_key: Value<'a> }
}

members! {
    /// What a part of a discussion belongs to.
    Part { "id" => id: Value<'a> }
}

members! {
    /// One answer as the author of the problem sees it.
    Submission { "response_type" => response_type: Value<'a> }
}

members! {
    /// The detail of an event, of whatever type it is.
    Details {
        "id" => id: Value<'a>,
        "problem_id" => problem_id: Value<'a>,
        "problem" => problem: Value<'a>,
        "module_id" => module_id: Value<'a>,
        "usage_key" => usage_key: Value<'a>,
        "usage_id" => usage_id: Value<'a>,
        "block_id" => block_id: Value<'a>,
        "component_usage_id" => component: Value<'a>,
        "exam_content_id" => exam: Value<'a>,
        "chapter" => chapter: Value<'a>,
        "url" => url: Value<'a>,
        "target_url" => target_url: Value<'a>,
        "current_url" => current_url: Value<'a>,
        "course_id" => course: Value<'a>,
        "user_id" => user: Value<'a>,
        "attempt_user_id" => attempt_user: Value<'a>,
        "currentTime" => current_time: Value<'a>,
        "current_time" => current_time_too: Value<'a>,
        "old_time" => old_time: Value<'a>,
        "new_time" => new_time: Value<'a>,
        "new_speed" => new_speed: Value<'a>,
        "duration" => duration: Value<'a>,
        "grade" => grade: Value<'a>,
        "max_grade" => max_grade: Value<'a>,
        "weighted_earned" => weighted_earned: Value<'a>,
        "weighted_possible" => weighted_possible: Value<'a>,
        "weighted_graded_earned" => graded_earned: Value<'a>,
        "weighted_graded_possible" => graded_possible: Value<'a>,
        "weighted_total_earned" => total_earned: Value<'a>,
        "weighted_total_possible" => total_possible: Value<'a>,
        "percent_grade" => percent_grade: Value<'a>,
        "success" => success: Value<'a>,
        "is_correct" => is_correct: Value<'a>,
        "attempts" => attempts: Value<'a>,
        "attempt_number" => attempt_number: Value<'a>,
        "answers" => answers: Counted<Answer<'a>>,
        "submission" => submission: Counted<Submission<'a>>,
        "choice" => choice: Value<'a>,
        "completion" => completion: Value<'a>,
        "percent" => percent: Value<'a>,
        "done" => done: Value<'a>,
        "undo_vote" => undo_vote: Value<'a>,
        "discussion" => discussion: Part<'a>,
        "user_course_roles" => course_roles: Texts<'a>,
        "cohort_id" => cohort: Value<'a>,
        "team_id" => team: Value<'a>,
        "mode" => mode: Value<'a>,
    }
}

/// The detail of an event: an object, the text of one, or something else.
#[derive(Debug, Default)]
pub(super) enum Detail<'a> {
    #[default]
    Nothing,
    Object(Box<Details<'a>>),
    Text(Cow<'a, str>),
}

impl<'de> Deserialize<'de> for Detail<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AnyDetail;
        impl<'de> Visitor<'de> for AnyDetail {
            type Value = Detail<'de>;

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                let details = Details::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Detail::Object(Box::new(details)))
            }

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Detail::Text(text.into()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Detail::Text(text.to_owned().into()))
            }

            otherwise!(Detail::Nothing);

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Detail::Nothing)
            }
        }
        from.deserialize_any(AnyDetail)
    }
}

/// How many members an object has, and the first of them.
#[derive(Debug)]
pub(super) struct Counted<T> {
    pub(super) count: usize,
    pub(super) first: Option<T>,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Counted<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Members<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for Members<T> {
            type Value = Counted<T>;

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let (mut count, mut first) = (0, None);
                while map.next_key::<IgnoredAny>()?.is_some() {
                    if count == 0 {
                        first = Some(map.next_value()?);
                    } else {
                        map.next_value::<IgnoredAny>()?;
                    }
                    count += 1;
                }
                Ok(Counted { count, first })
            }

            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Counted::default())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Counted::default())
            }

            otherwise!(Counted::default());
        }
        from.deserialize_any(Members(PhantomData))
    }
}

impl<T> Default for Counted<T> {
    fn default() -> Self {
        Self {
            count: 0,
            first: None,
        }
    }
}

/// One choice or several.
#[derive(Debug)]
pub(super) enum Answer<'a> {
    One(Value<'a>),
    Several(Vec<Cow<'a, str>>),
}

/// Options of one problem that are told apart.
const MOST_OPTIONS: usize = 64;

/// A list of texts; what is no list is one of one text or none.
#[derive(Debug, Default)]
pub(super) struct Texts<'a>(pub(super) Vec<Cow<'a, str>>);

impl<'de> Deserialize<'de> for Texts<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(match Answer::deserialize(from)? {
            Answer::Several(texts) => Self(texts),
            Answer::One(Value::Text(text)) => Self(vec![text]),
            Answer::One(_) => Self::default(),
        })
    }
}

impl<'de> Deserialize<'de> for Answer<'de> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct AnyAnswer;
        impl<'de> Visitor<'de> for AnyAnswer {
            type Value = Answer<'de>;

            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Answer::One(Value::Text(text.into())))
            }

            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Answer::One(Value::Text(text.to_owned().into())))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut texts = Vec::new();
                while let Some(value) = list.next_element::<Value<'de>>()? {
                    if let Value::Text(text) = value
                        && texts.len() < MOST_OPTIONS
                    {
                        texts.push(text);
                    }
                }
                Ok(Answer::Several(texts))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Answer::One(Value::Other))
            }

            otherwise!(Answer::One(Value::Other));
        }
        from.deserialize_any(AnyAnswer)
    }
}
