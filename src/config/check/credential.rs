//! Secrets as the configuration gives them: a text, or where to get it.

use super::super::document::Checked;
use super::super::secret::{Secret, SecretSource};
use super::super::value::Value;
use toml::de::DeValue;

const HELP: &str = "write { file = \"~/.config/vigie/NAME.secret\" }, { env = \"NAME\" } or \
    { command = [\"pass\", \"NAME\"] }";

/// Reads a secret.
pub(super) fn secret(value: &Value<'_>) -> Checked<SecretSource> {
    match value.raw() {
        DeValue::String(_) => {
            let text = value.tidy_text(HELP)?;
            value.document().note_inline_secret(value.span());
            Ok(SecretSource::Inline(Secret::new(text)))
        }
        DeValue::Table(_) => elsewhere(value),
        _ => Err(value.mistype("a text or a table", HELP)),
    }
}

fn elsewhere(value: &Value<'_>) -> Checked<SecretSource> {
    let mut table = value.table(HELP)?;
    let env = table.value("env");
    let file = table.value("file");
    let command = table.value("command");
    let given: Vec<&Value<'_>> = [&env, &file, &command].into_iter().flatten().collect();
    match given.as_slice() {
        [] => {
            table.miss(
                &["env", "file", "command"],
                "has neither env, file nor command",
                HELP,
            );
        }
        [_, second, ..] => {
            return Err(second.complain("is one too many", "keep one of env, file and command"));
        }
        [_] => {}
    }
    let read = if let Some(value) = &env {
        variable(value)
    } else if let Some(value) = &file {
        value
            .tidy_text("write the path of a file that only you can read")
            .map(|path| SecretSource::File(value.document().resolve(path)))
    } else if let Some(value) = &command {
        arguments(value)
    } else {
        return Err(table
            .finish()
            .err()
            .unwrap_or(super::super::document::Filed));
    };
    table.finish()?;
    read
}

fn variable(value: &Value<'_>) -> Checked<SecretSource> {
    const HELP: &str = "write the name of the variable: \"GOLEM_PASSWORD\"";
    let name = value.text(HELP)?;
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.chars().all(fits) || name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(value.complain("cannot be a variable's name", HELP));
    }
    Ok(SecretSource::Env(name.to_owned()))
}

fn arguments(value: &Value<'_>) -> Checked<SecretSource> {
    const HELP: &str = "write program and arguments one by one: [\"pass\", \"golem\"]";
    let items = value.list("a list: no shell takes it apart", HELP)?;
    if items.is_empty() {
        return Err(value.complain("is an empty list", HELP));
    }
    let mut words: Vec<String> = Vec::with_capacity(items.len());
    for item in &items {
        // An empty argument is an argument; only the program must be there.
        match item.raw() {
            DeValue::String(text) if !words.is_empty() => words.push(text.to_string()),
            _ => words.push(item.tidy_text(HELP)?.to_owned()),
        }
    }
    if words.iter().any(|word| word.contains('\0')) {
        return Err(value.complain("holds a NUL", HELP));
    }
    if let Some(program) = words.first_mut()
        && program.starts_with("~/")
    {
        *program = value
            .document()
            .resolve(program)
            .to_string_lossy()
            .into_owned();
    }
    Ok(SecretSource::Command(words))
}
