// Names that highlighting knows and that people write about; a test of the
// server's side compares them with what it highlights.
export const languages = (
  "bash bibtex c clojure cmake cpp crystal csharp css d dart diff docker elixir elm erlang fish fortran fsharp gherkin go " +
  "graphql groovy haskell hcl html http ini java javascript json jsx julia kotlin latex lisp lua makefile markdown matlab nginx nim " +
  "nix ocaml perl php plaintext powershell prolog protobuf python r ruby rust sass scala scheme scss sh sql swift systemd " +
  "terraform toml tsx typescript vim vue xml yaml zig"
).split(" ");
