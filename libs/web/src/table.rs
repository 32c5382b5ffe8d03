//! Finding the route of a request.

use http::{HeaderValue, Method};

use crate::{Problem, RouteSpec, Verb, errors};

/// What a look-up in a [`RouteTable`] found.
#[derive(Debug)]
pub struct Found<'t, 'p, T> {
    /// What the route promises.
    pub spec: &'static RouteSpec,
    /// What was stored with it.
    pub value: &'t T,
    names: &'t [&'static str],
    params: matchit::Params<'t, 'p>,
}

impl<'t, 'p, T> Found<'t, 'p, T> {
    /// The path's parameters by name, still percent-encoded, in the order of the template.
    pub fn params(&self) -> impl Iterator<Item = (&'static str, &'p str)> + use<'_, 't, 'p, T> {
        self.names.iter().copied().zip(self.params.iter().map(|(_, value)| value))
    }
}

struct PathEntry<T> {
    names: Vec<&'static str>,
    methods: [Option<(&'static RouteSpec, T)>; Verb::COUNT],
    allow: HeaderValue,
}

/// Routes by path template and method. A path matches the same template wherever it is asked, so that the gateway and
/// a service can never disagree on what a path means.
pub struct RouteTable<T> {
    paths: matchit::Router<usize>,
    entries: Vec<PathEntry<T>>,
}

impl<T> RouteTable<T> {
    /// The table of these routes.
    ///
    /// # Errors
    /// A sentence naming the route whose template is malformed, clashes with another or is there twice.
    pub fn new(routes: impl IntoIterator<Item = (&'static RouteSpec, T)>) -> Result<Self, String> {
        let mut paths = matchit::Router::new();
        let mut entries: Vec<PathEntry<T>> = Vec::new();
        let mut known: std::collections::HashMap<&'static str, usize> = std::collections::HashMap::new();
        for (spec, value) in routes {
            let index = if let Some(&index) = known.get(spec.path) {
                index
            } else {
                let index = entries.len();
                paths.insert(spec.path, index).map_err(|error| format!("route {}: {error}", spec.path))?;
                known.insert(spec.path, index);
                entries.push(PathEntry::of(spec.path));
                index
            };
            let slot = &mut entries[index].methods[spec.verb.index()];
            if slot.replace((spec, value)).is_some() {
                return Err(format!("route {} {} is there twice", spec.verb.name(), spec.path));
            }
        }
        for entry in &mut entries {
            entry.allow = entry.allowed_methods();
        }
        Ok(Self { paths, entries })
    }

    /// The route of a method and a path.
    ///
    /// # Errors
    /// `web.route_unknown`, or `web.method_not_allowed` with the `Allow` header.
    pub fn find<'t, 'p>(&'t self, method: &Method, path: &'p str) -> Result<Found<'t, 'p, T>, Problem> {
        let Ok(hit) = self.paths.at(path) else { return Err(Problem::new(&errors::ROUTE_UNKNOWN)) };
        let entry = &self.entries[*hit.value];
        let by_method = Verb::of(method).and_then(|verb| entry.methods[verb.index()].as_ref());
        let Some((spec, value)) = by_method else {
            let allow = entry.allow.clone();
            let problem =
                Problem::new(&errors::METHOD_NOT_ALLOWED).header(http::header::ALLOW, allow.clone());
            return Err(problem.arg("allowed", allow.to_str().unwrap_or_default()));
        };
        Ok(Found { spec, value, names: &entry.names, params: hit.params })
    }

    /// Every route of the table.
    pub fn iter(&self) -> impl Iterator<Item = (&'static RouteSpec, &T)> {
        self.entries
            .iter()
            .flat_map(|entry| entry.methods.iter().flatten().map(|(spec, value)| (*spec, value)))
    }
}

impl<T> PathEntry<T> {
    fn of(path: &'static str) -> Self {
        let names = path
            .split('/')
            .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| name.trim_start_matches('*'))
            .collect();
        Self { names, methods: [const { None }; Verb::COUNT], allow: HeaderValue::from_static("") }
    }

    fn allowed_methods(&self) -> HeaderValue {
        let mut names: Vec<&str> = self.methods.iter().flatten().map(|(spec, _)| spec.verb.name()).collect();
        if names.contains(&"GET") {
            names.insert(1, "HEAD");
        }
        HeaderValue::from_str(&names.join(", ")).expect("method names are visible ASCII")
    }
}
