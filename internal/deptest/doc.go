// Package deptest holds the shape of the module: its tests fail when something
// moves away from what the documents say.
//
//   - imports: which part may import which, and what no program may contain,
//     each with its reason
//   - names: a package has a short noun of its own
//   - layers: every action type has its file on every layer
//   - measures: length of files and functions, sleeps, skips and unfinished marks
//   - modules: direct dependencies are explained, pinned and belong together
//   - tour: what the documents link to exists
//   - generated: committed output is what its generator writes
//
// A rule that makes one place worse is left there by an entry in the list of
// exceptions beside the rule, with the reason written down. There is nothing to
// import here.
package deptest
