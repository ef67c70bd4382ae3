//! Who: agents and groups with the four inverse functional identifiers.

use std::borrow::Cow;

use super::rules;
use crate::ingest::batch::{Fault, fault};
use crate::ingest::json::Json;

/// What tells one person or group from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Identifier<'a> {
    /// `mbox` with its `mailto:`, `mbox_sha1sum` or `openid`.
    Text(Cow<'a, str>),
    Account {
        home_page: Cow<'a, str>,
        name: Cow<'a, str>,
    },
}

impl Identifier<'_> {
    /// The id of the person; an account of the platform at `home_page` is its name alone.
    pub(super) fn id(&self, home_page: Option<&str>) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Account {
                home_page: at,
                name,
            } => {
                if home_page == Some(at) {
                    return Cow::Borrowed(name);
                }
                let mut id = String::with_capacity(at.len() + 1 + name.len());
                id.push_str(at);
                id.push(' ');
                id.push_str(name);
                Cow::Owned(id)
            }
        }
    }
}

/// An agent or a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Actor<'a> {
    pub(super) group: bool,
    /// Agents have one, and groups that are identified.
    pub(super) identifier: Option<Identifier<'a>>,
    /// Of a group.
    pub(super) members: Vec<Identifier<'a>>,
}

impl<'a> Actor<'a> {
    /// Reads an agent or a group.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(super) fn read(json: &mut Json<'a>, place: &'static str) -> Result<Self, Fault> {
        let mut group = false;
        let mut identifiers = 0;
        let mut identifier = None;
        let mut members = None;
        json.object(place, |json, key| {
            let found = match key {
                "objectType" => {
                    group = match &*json.text(place)? {
                        "Agent" => false,
                        "Group" => true,
                        _ => return Err(fault(place, "BadObjectType")),
                    };
                    return Ok(());
                }
                "name" => return json.pass_text(place),
                "member" => {
                    let mut all = Vec::new();
                    json.array(place, |json| {
                        all.push(Self::agent(json, place)?);
                        Ok(())
                    })?;
                    members = Some(all);
                    return Ok(());
                }
                "mbox" => Identifier::Text(rules::mbox(json, place)?),
                "mbox_sha1sum" => Identifier::Text(rules::sha1(json, place)?),
                "openid" => Identifier::Text(rules::iri(json, place)?),
                "account" => account(json, place)?,
                _ => return Err(fault(place, "UnknownProperty")),
            };
            identifiers += 1;
            identifier = Some(found);
            Ok(())
        })?;
        if identifiers > 1 {
            return Err(fault(place, "SeveralIdentifiers"));
        }
        match (group, &identifier, &members) {
            (false, None, _) => Err(fault(place, "NoIdentifier")),
            (false, _, Some(_)) => Err(fault(place, "MemberOfAgent")),
            (true, None, None) => Err(fault(place, "NoMember")),
            _ => Ok(Self {
                group,
                identifier,
                members: members.unwrap_or_default(),
            }),
        }
    }

    /// Reads a member of a group, which is no group.
    fn agent(json: &mut Json<'a>, place: &'static str) -> Result<Identifier<'a>, Fault> {
        let nested = fault(place, "GroupInGroup");
        // A group inside a group inside ... is not followed further than one step.
        let mut look = json.clone();
        look.object(place, |json, key| match key {
            "objectType" if json.text(place)? == "Group" => Err(nested),
            "objectType" => Ok(()),
            "member" => Err(nested),
            _ => json.pass(place),
        })?;
        let agent = Self::read(json, place)?;
        agent.identifier.ok_or(nested)
    }
}

fn account<'a>(json: &mut Json<'a>, place: &'static str) -> Result<Identifier<'a>, Fault> {
    let (mut home_page, mut name) = (None, None);
    json.object(place, |json, key| {
        match key {
            "homePage" => home_page = Some(rules::iri(json, place)?),
            "name" => name = Some(json.text(place)?),
            _ => return Err(fault(place, "UnknownProperty")),
        }
        Ok(())
    })?;
    Ok(Identifier::Account {
        home_page: home_page.ok_or(fault(place, "NoHomePage"))?,
        name: name.ok_or(fault(place, "NoAccountName"))?,
    })
}
