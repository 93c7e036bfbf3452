// Package app is the device's composition root: it opens the data folder, runs
// the replay, and gives the screens their bound methods.
//
// Three steps, each of its own type:
//
//   - [Configure] finds the settings and says where each comes from.
//   - [OpenDevice] opens a data folder: key, journal, sign-in, reference cache
//     and the client of the server. Nothing runs yet; consoles work with it.
//   - [App] is a device that lives: replay, refresh of the reference cache and
//     announcements. [New] does nothing until [App.Start], and [App.Stop] waits
//     for every goroutine.
//
// [Bridge] is what a screen may call. Its types are flat (text for times, whole
// minor units for money, no null lists), because they cross into JavaScript; its
// errors leave through [FormatError], the one formatter of both hosts. What
// changes is announced by topic, after the commit, to every [Subscription].
//
// Several processes may have one data folder open: any of them appends, one
// drains.
package app
