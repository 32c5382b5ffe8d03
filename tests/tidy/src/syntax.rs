//! Rust as rules need it: a flat list of tokens that looks into macros, too; paths; functions.

use proc_macro2::{Delimiter, Spacing, Span, TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Ident, ImplItemFn, ItemFn, ItemImpl, ItemMod, ItemUse, Meta, Signature, TraitItemFn,
    UseTree,
};

/// A token: a word, a sign (`::` is one), a bracket, or a literal with its quotes. No comments.
#[derive(Clone, Debug)]
pub struct Token {
    /// The token as written.
    pub text: String,
    /// The line, from 1.
    pub line: usize,
    /// Whether it stands in code that exists for tests only.
    pub in_test: bool,
}

/// A path such as `std::time::SystemTime`, as written or as imported.
#[derive(Clone, Debug)]
pub struct NamedPath {
    /// The path, parts joined by `::`.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// Whether it stands in code that exists for tests only.
    pub in_test: bool,
}

impl NamedPath {
    /// Whether the path is this or ends in `::` and this.
    pub fn ends_in(&self, end: &str) -> bool {
        self.name.strip_suffix(end).is_some_and(|rest| rest.is_empty() || rest.ends_with("::"))
    }

    /// Whether the path is this or begins with this and `::`.
    pub fn begins_with(&self, start: &str) -> bool {
        self.name.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }
}

/// A function with its place.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// The line of `fn`.
    pub first: usize,
    /// The line of its last bracket.
    pub last: usize,
    /// Whether it carries `#[test]` or `#[tokio::test]`.
    pub is_test: bool,
}

/// A file of Rust.
#[derive(Debug)]
pub struct Syntax {
    /// All tokens in order.
    pub tokens: Vec<Token>,
    /// All paths, those of `use` spelt out.
    pub paths: Vec<NamedPath>,
    /// All functions with a body, wherever they stand.
    pub functions: Vec<Function>,
}

impl Syntax {
    /// An empty file.
    pub const NOTHING: Self = Self { tokens: Vec::new(), paths: Vec::new(), functions: Vec::new() };

    /// Reads Rust. `for_tests` marks all of it as test code.
    pub fn parse(text: &str, for_tests: bool) -> Result<Self, String> {
        let file = syn::parse_file(text).map_err(|error| error.to_string())?;
        let stream: TokenStream = text.parse().map_err(|error: proc_macro2::LexError| error.to_string())?;
        let mut visitor = Visitor::default();
        visitor.visit_file(&file);
        let is_test =
            |line: usize| for_tests || visitor.tests.iter().any(|(from, to)| (*from..=*to).contains(&line));
        let mut tokens = Vec::new();
        flatten(stream, &mut tokens);
        for token in &mut tokens {
            token.in_test = is_test(token.line);
        }
        let mut paths = written_paths(&tokens);
        for (name, line) in visitor.imports {
            paths.push(NamedPath { name, line, in_test: is_test(line) });
        }
        Ok(Self { tokens, paths, functions: visitor.functions })
    }

    /// The tokens outside of test code.
    pub fn live_tokens(&self) -> impl Iterator<Item = &Token> {
        self.tokens.iter().filter(|token| !token.in_test)
    }

    /// The paths outside of test code.
    pub fn live_paths(&self) -> impl Iterator<Item = &NamedPath> {
        self.paths.iter().filter(|path| !path.in_test)
    }

    /// The first tokens of every place where these tokens stand one after the other.
    pub fn sequences<'a>(&'a self, wanted: &'a [&str]) -> impl Iterator<Item = &'a Token> {
        let matching =
            move |window: &&[Token]| window.iter().zip(wanted).all(|(token, text)| token.text == *text);
        self.tokens.windows(wanted.len()).filter(matching).map(|window| &window[0])
    }
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    let mut trees = stream.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                push(tokens, open, group.span_open());
                flatten(group.stream(), tokens);
                push(tokens, close, group.span_close());
            }
            TokenTree::Punct(sign) if sign.as_char() == ':' && sign.spacing() == Spacing::Joint => {
                let twin =
                    trees.next_if(|next| matches!(next, TokenTree::Punct(next) if next.as_char() == ':'));
                push(tokens, if twin.is_some() { "::" } else { ":" }, sign.span());
            }
            TokenTree::Punct(sign) => push(tokens, &sign.as_char(), sign.span()),
            TokenTree::Ident(word) => push(tokens, &word, word.span()),
            TokenTree::Literal(literal) => push(tokens, &literal, literal.span()),
        }
    }
}

fn push(tokens: &mut Vec<Token>, text: &(impl ToString + ?Sized), span: Span) {
    tokens.push(Token { text: text.to_string(), line: span.start().line, in_test: false });
}

fn written_paths(tokens: &[Token]) -> Vec<NamedPath> {
    let mut paths: Vec<NamedPath> = Vec::new();
    let (mut after_word, mut after_colons) = (false, false);
    for token in tokens {
        if !is_word(&token.text) {
            after_colons = after_word && token.text == "::";
            after_word = false;
            continue;
        }
        match paths.last_mut() {
            Some(path) if after_colons => {
                path.name.push_str("::");
                path.name.push_str(&token.text);
            }
            _ => paths.push(NamedPath { name: token.text.clone(), line: token.line, in_test: token.in_test }),
        }
        (after_word, after_colons) = (true, false);
    }
    paths
}

fn is_word(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') && !text.ends_with('"')
}

/// Gathers what needs more than tokens: which lines are tests, what `use` imports, where functions begin and end.
#[derive(Default)]
struct Visitor {
    tests: Vec<(usize, usize)>,
    imports: Vec<(String, usize)>,
    functions: Vec<Function>,
}

impl Visitor {
    fn mark_test(&mut self, attributes: &[Attribute], whole: Span) {
        if attributes.iter().any(is_for_tests) {
            self.tests.push((whole.start().line, whole.end().line));
        }
    }

    fn add_function(&mut self, attributes: &[Attribute], signature: &Signature, body: &Block) {
        let is_test = attributes.iter().any(|attribute| is_last_word(attribute, "test"));
        self.functions.push(Function {
            name: signature.ident.to_string(),
            first: signature.span().start().line,
            last: body.span().end().line,
            is_test,
        });
    }

    fn add_imports(&mut self, prefix: &str, tree: &UseTree) {
        let join =
            |name: &Ident| if prefix.is_empty() { name.to_string() } else { format!("{prefix}::{name}") };
        match tree {
            UseTree::Path(path) => self.add_imports(&join(&path.ident), &path.tree),
            UseTree::Name(name) => self.imports.push((join(&name.ident), name.span().start().line)),
            UseTree::Rename(rename) => self.imports.push((join(&rename.ident), rename.span().start().line)),
            UseTree::Glob(glob) => self.imports.push((format!("{prefix}::*"), glob.span().start().line)),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.add_imports(prefix, item)),
        }
    }
}

impl<'ast> Visit<'ast> for Visitor {
    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        self.mark_test(&item.attrs, item.span());
        self.add_function(&item.attrs, &item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        self.mark_test(&item.attrs, item.span());
        self.add_function(&item.attrs, &item.sig, &item.block);
        visit::visit_impl_item_fn(self, item);
    }

    fn visit_trait_item_fn(&mut self, item: &'ast TraitItemFn) {
        if let Some(body) = &item.default {
            self.add_function(&item.attrs, &item.sig, body);
        }
        visit::visit_trait_item_fn(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        self.mark_test(&item.attrs, item.span());
        visit::visit_item_mod(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        self.mark_test(&item.attrs, item.span());
        visit::visit_item_impl(self, item);
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.mark_test(&item.attrs, item.span());
        self.add_imports("", &item.tree);
    }
}

/// `#[test]`, `#[tokio::test]`, `#[cfg(test)]`, `#[cfg(all(test, …))]`.
fn is_for_tests(attribute: &Attribute) -> bool {
    let Meta::List(list) = &attribute.meta else { return is_last_word(attribute, "test") };
    let condition = list.tokens.to_string().replace(' ', "");
    let of_tests =
        condition == "test" || condition.starts_with("all(test,") || condition.starts_with("any(test,");
    is_last_word(attribute, "test") || (list.path.is_ident("cfg") && of_tests)
}

fn is_last_word(attribute: &Attribute, word: &str) -> bool {
    attribute.path().segments.last().is_some_and(|segment| segment.ident == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_seen_in_macros_and_imports() {
        let text = "use a::{b, c::D as E};\nfn f() { assert!(g(::x::y(), H::<I>::j()) == \"p::q\"); }";
        let syntax = Syntax::parse(text, false).expect("Rust");
        let names: Vec<&str> = syntax.paths.iter().map(|path| path.name.as_str()).collect();
        for expected in ["a::b", "a::c::D", "x::y", "I", "j"] {
            assert!(names.contains(&expected), "{expected} is not in {names:?}");
        }
        assert!(!names.iter().any(|name| name.contains('p')));
    }

    #[test]
    fn live_code_is_told_from_test_code() {
        let text =
            "fn live() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn proves() {}\n}\nfn also_live() {}";
        let syntax = Syntax::parse(text, false).expect("Rust");
        let live: Vec<&str> = syntax.live_tokens().map(|token| token.text.as_str()).collect();
        assert!(live.contains(&"live") && live.contains(&"also_live") && !live.contains(&"proves"));
        assert_eq!(syntax.functions.iter().filter(|function| function.is_test).count(), 1);
    }
}
