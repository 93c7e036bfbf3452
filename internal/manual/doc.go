// Package manual writes a program's manual page and its shell completion from
// the same command line that the program reads, so that neither can drift from
// it:
//
//	manual.Page{Section: 1, Purpose: "the console of FieldPay"}.Write(w, parser.Model)
//	manual.Complete(w, "bash", parser.Model)
//
// Help texts are plain sentences. A paragraph whose lines are indented, as in a
// Go comment, is an example and kept as it is.
package manual
