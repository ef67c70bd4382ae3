//! What the names of foreign columns probably stand for.

/// What other systems call our columns, for suggestions in errors.
const SYNONYMS: &[(&str, &[&str])] = &[
    (
        "learner",
        &[
            "user",
            "student",
            "actor",
            "person",
            "participant",
            "learner",
            "account",
        ],
    ),
    (
        "time",
        &[
            "time",
            "timestamp",
            "datetime",
            "date",
            "created",
            "timecreated",
            "ts",
            "when",
        ],
    ),
    (
        "content",
        &[
            "content", "object", "item", "resource", "site", "page", "module", "activity",
            "context", "action",
        ],
    ),
    ("course", &["course", "class", "presentation"]),
    ("granted", &["granted", "given", "consent"]),
    ("group", &["group", "board", "cohort", "team"]),
];

/// Column names that announce Personal Identifiers.
const PERSONAL: &[&str] = &[
    "name",
    "firstname",
    "lastname",
    "surname",
    "fullname",
    "givenname",
    "familyname",
    "username",
    "screenname",
    "nickname",
    "email",
    "mail",
    "emailaddress",
    "address",
    "street",
    "postcode",
    "zip",
    "phone",
    "telephone",
    "mobile",
    "birthdate",
    "birthday",
    "dateofbirth",
    "dob",
    "photo",
    "picture",
    "avatar",
    "recording",
    "ip",
    "ipaddress",
    "userfullname",
    "mbox",
];

fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Whether a name announces a Personal Identifier.
pub(crate) fn is_personal(name: &str) -> bool {
    PERSONAL.contains(&plain(name).as_str())
}

/// The column that a name probably stands for, of those that stand for nothing else.
pub(crate) fn probable<'a>(
    name: &str,
    has: &'a [String],
    named: &[(&str, &str)],
) -> Option<&'a str> {
    let synonyms = SYNONYMS.iter().find(|(ours, _)| *ours == name);
    let words = synonyms.map_or(&[][..], |(_, words)| words);
    let free = has
        .iter()
        .filter(|theirs| !named.iter().any(|(_, source)| source == theirs));
    let ranked = free.filter_map(|theirs| {
        let theirs_plain = plain(theirs);
        let rank = words.iter().position(|word| theirs_plain.contains(word));
        let rank = rank.or_else(|| alike(name, theirs).then_some(words.len()))?;
        Some((rank, theirs))
    });
    ranked.min().map(|(_, theirs)| theirs.as_str())
}

/// Whether two names differ in case and signs only, or by one letter put in, left out, changed, or
/// swapped with the next.
pub(crate) fn alike(ours: &str, theirs: &str) -> bool {
    let (ours, theirs) = (plain(ours), plain(theirs));
    if ours == theirs {
        return true;
    }
    let letters = |word: &str| word.chars().collect::<Vec<_>>();
    let (ours, theirs) = (letters(&ours), letters(&theirs));
    let same = |pair: &(&char, &char)| pair.0 == pair.1;
    let before = ours.iter().zip(&theirs).take_while(same).count();
    let (ours, theirs) = (ours.get(before..), theirs.get(before..));
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return false;
    };
    let pair = ours.iter().rev().zip(theirs.iter().rev());
    let after = pair.take_while(same).count();
    let left = |rest: &[char]| rest.len() - after.min(rest.len());
    let swapped = left(ours) == 2
        && left(theirs) == 2
        && ours.first() == theirs.get(1)
        && ours.get(1) == theirs.first();
    // One letter of three says nothing.
    before + after >= 3 && (left(ours).max(left(theirs)) <= 1 || swapped)
}
