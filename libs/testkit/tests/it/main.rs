//! The throw-away servers and the proxy do what their docs say.

mod proxy;
mod servers;
