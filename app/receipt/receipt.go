// Package receipt lays a receipt out as a PDF of one or more pages, without any
// program of the computer's.
//
//	pdf, err := receipt.PDF(receipt.Page{Title: "Receipt, provisional", …})
//
// It knows no action and no language: the words and the figures are given to it
// ready to read. Fonts are in the program, for Latin, Greek and Cyrillic letters;
// text in others is refused rather than printed with holes.
package receipt

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"

	"fieldpay/action"
)

// Page is what a receipt says. Everything but Title may be left out.
type Page struct {
	// Title is the headline, Standing the sentence under it that says how far
	// the matter has come.
	Title, Standing string
	// Facts are names and values under each other, Lines what was sold, and Sums
	// what it comes to.
	Facts, Sums []Row
	Lines       []Row
	// Foot stands at the end in small letters, one entry a line.
	Foot []string
	// At is the date in the file's own description.
	At time.Time
}

// Row is a name on the left and a value on the right; Detail stands under the
// name in small letters.
type Row struct{ Name, Detail, Value string }

// Millimetres of an A4 page.
const (
	margin = 20
	width  = 210 - 2*margin
	line   = 6
	small  = 4.5
	font   = "go"
)

// PDF lays a page out. The error is [action.NotPossible] where the fonts lack a
// letter of the text.
func PDF(p Page) ([]byte, error) {
	if err := printable(p); err != nil {
		return nil, err
	}
	doc := fpdf.New("P", "mm", "A4", "")
	doc.AddUTF8FontFromBytes(font, "", goregular.TTF)
	doc.AddUTF8FontFromBytes(font, "B", gobold.TTF)
	doc.SetMargins(margin, margin, margin)
	doc.SetAutoPageBreak(true, margin)
	doc.SetTitle(p.Title, true)
	doc.SetCreator("FieldPay", true)
	doc.SetCreationDate(p.At.UTC())
	doc.SetModificationDate(p.At.UTC())
	doc.SetCatalogSort(true)
	doc.AddPage()
	s := sheet{doc}
	s.text("B", 18, 9, p.Title)
	s.text("", 11, line, p.Standing)
	s.rows(p.Facts, false)
	s.rows(p.Lines, false)
	s.rows(p.Sums, true)
	doc.Ln(line)
	for _, text := range p.Foot {
		s.text("", 8, small, text)
	}
	var out bytes.Buffer
	if err := doc.Output(&out); err != nil {
		return nil, fmt.Errorf("laying out a receipt: %w", err)
	}
	return out.Bytes(), nil
}

// sheet is the paper that is written on.
type sheet struct{ doc *fpdf.Fpdf }

func (s sheet) text(style string, size, height float64, text string) {
	if text == "" {
		return
	}
	s.doc.SetFont(font, style, size)
	s.doc.MultiCell(width, height, text, "", "L", false)
}

// rows writes names and values; the last one in bold where they are sums.
func (s sheet) rows(rows []Row, sums bool) {
	if len(rows) == 0 {
		return
	}
	s.doc.Ln(line)
	s.doc.Line(margin, s.doc.GetY()-line/2, margin+width, s.doc.GetY()-line/2)
	for i, r := range rows {
		style := ""
		if sums && i == len(rows)-1 {
			style = "B"
		}
		s.row(style, r)
		s.text("", 8, small, r.Detail)
	}
}

// row writes a value at the right, and the name beside it on as many lines as it
// takes.
func (s sheet) row(style string, r Row) {
	s.doc.SetFont(font, style, 10)
	value := min(s.doc.GetStringWidth(r.Value)+2, width*0.6)
	top, page := s.doc.GetY(), s.doc.PageNo()
	s.doc.MultiCell(width-value, line, r.Name, "", "L", false)
	bottom := s.doc.GetY()
	if s.doc.PageNo() != page {
		top = margin // the name began the next page
	}
	s.doc.SetXY(margin+width-value, top)
	s.doc.MultiCell(value, line, r.Value, "", "R", false)
	s.doc.SetXY(margin, max(bottom, s.doc.GetY()))
}

// printable reports text that the fonts have no letters for.
func printable(p Page) error {
	glyphs, err := sfnt.Parse(goregular.TTF)
	if err != nil {
		return fmt.Errorf("reading the font: %w", err)
	}
	texts := append([]string{p.Title, p.Standing}, p.Foot...)
	for _, rows := range [][]Row{p.Facts, p.Lines, p.Sums} {
		for _, r := range rows {
			texts = append(texts, r.Name, r.Detail, r.Value)
		}
	}
	var buffer sfnt.Buffer
	for _, text := range texts {
		for _, letter := range text {
			index, err := glyphs.GlyphIndex(&buffer, letter)
			if err != nil {
				return fmt.Errorf("looking for a letter: %w", err)
			}
			if index == 0 && letter >= ' ' {
				return &action.Error{
					Code: action.NotPossible, Op: "laying out a receipt",
					Message: "The receipt has letters that the PDF cannot show", Hint: "Print it instead",
				}
			}
		}
	}
	return nil
}
