//! The words that a name is made of.

/// The words of a Go name, in lower case: `newAPIToken` is `new`, `api`, `token`.
pub fn words(name: &str) -> Vec<String> {
    let chars: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    for (i, &c) in chars.iter().enumerate() {
        if !c.is_alphanumeric() {
            open = false;
            continue;
        }
        let before = i.checked_sub(1).and_then(|i| chars.get(i));
        let lower_next = chars.get(i + 1).is_some_and(|next| next.is_lowercase());
        let starts = c.is_uppercase()
            && before.is_some_and(|before| before.is_lowercase() || before.is_uppercase() && lower_next);
        if !open || starts {
            words.push(String::new());
        }
        open = true;
        if let Some(word) = words.last_mut() {
            word.extend(c.to_lowercase());
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_names() {
        assert_eq!(words("newAPIToken_v2"), ["new", "api", "token", "v2"]);
        assert_eq!(words("HTTPServer"), ["http", "server"]);
        assert_eq!(words("_"), [""; 0]);
    }
}
