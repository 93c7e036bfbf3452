package main

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// style is readable on light and on dark paper: the colours follow the reader's.
const style = `<style>
text{font:13px system-ui,sans-serif;fill:#1f2328}
.paper{fill:#ffffff}.soft{fill:#59636e}.line{stroke:#d1d9e0}.bar{stroke:#1f2328}
.good{fill:#1a7f37}.fair{fill:#0969da}.bad{fill:#cf222e}.dot{opacity:.35}
@media(prefers-color-scheme:dark){text{fill:#f0f6fc}.paper{fill:#0d1117}.soft{fill:#9198a1}.line{stroke:#3d444d}.bar{stroke:#f0f6fc}
.good{fill:#3fb950}.fair{fill:#4493f8}.bad{fill:#f85149}}
</style>
`

// Sizes of a plot, in its own units.
const (
	plotWidth  = 900.0
	plotLabel  = 190.0
	plotRight  = 90.0
	plotTop    = 56.0
	plotRow    = 26.0
	plotBottom = 34.0
)

// plot is a picture of rows under each other.
type plot struct{ strings.Builder }

// begin writes the head of a picture: what it is called, and in words what it
// shows, for readers who do not see it.
func (p *plot) begin(title, words string, rows int) {
	height := plotTop + float64(rows)*plotRow + plotBottom
	fmt.Fprintf(p, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="title words">`+"\n", plotWidth, height)
	fmt.Fprintf(p, "<title id=\"title\">%s</title>\n<desc id=\"words\">%s</desc>\n", html.EscapeString(title), html.EscapeString(words))
	p.WriteString(style)
	fmt.Fprintf(p, `<rect class="paper" width="%.0f" height="%.0f" rx="8"/>`+"\n", plotWidth, height)
	p.text(16, 26, "", "start", title)
}

func (p *plot) end() string {
	p.WriteString("</svg>\n")
	return p.String()
}

func (p *plot) text(x, y float64, class, anchor, text string) {
	fmt.Fprintf(p, `<text x="%.1f" y="%.1f" class="%s" text-anchor="%s">%s</text>`+"\n", x, y, class, anchor, html.EscapeString(text))
}

func (p *plot) upright(x, top, bottom float64, class, extra string) {
	fmt.Fprintf(p, `<line x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f" class="%s" %s/>`+"\n", x, x, top, bottom, class, extra)
}

func (p *plot) dot(x, y, radius float64, class string) {
	fmt.Fprintf(p, `<circle cx="%.1f" cy="%.1f" r="%.1f" class="%s"/>`+"\n", x, y, radius, class)
}

func classOf(verdict string) string {
	switch verdict {
	case "aims":
		return "good"
	case "ok":
		return "fair"
	default:
		return "bad"
	}
}

// worst is how many times its bar a row may be before it leaves the picture.
const worst = 4.0

// barsPlot has every row on one scale: how many times its bar it takes, less
// being better. Left of the upright line the bar holds.
func (r report) barsPlot() string {
	var shown []result
	var words []string
	for _, res := range r.Rows {
		if !res.row.informs && res.Measured != nil {
			shown = append(shown, res)
			words = append(words, fmt.Sprintf("%s %s, must %s: %s", res.Key, res.measured(), res.Must, res.Verdict))
		}
	}
	p := &plot{}
	p.begin("Every row against its bar, less is better: dots are rounds, the ring is the aim", strings.Join(words, "; ")+".", len(shown))
	bottom := plotTop + float64(len(shown))*plotRow
	for _, at := range []float64{0.25, 0.5, 1, 2, 4} {
		class, extra := "line", `stroke-dasharray="2 4"`
		if at == 1 {
			class, extra = "bar", `stroke-width="1.5"`
		}
		p.upright(barX(at), plotTop-6, bottom, class, extra)
		label := fmt.Sprintf("%g×", at)
		if at == 1 {
			label = "must"
		}
		p.text(barX(at), bottom+18, "soft", "middle", label)
	}
	for i, res := range shown {
		y := plotTop + (float64(i)+0.5)*plotRow
		p.text(plotLabel-12, y+4, "", "end", res.Key)
		for _, v := range res.Rounds {
			p.dot(barX(res.row.times(v)), y, 4, classOf(res.Verdict)+" dot")
		}
		fmt.Fprintf(p, `<circle cx="%.1f" cy="%.1f" r="6" class="bar" fill="none"/>`+"\n", barX(res.row.times(res.row.aim)), y)
		p.dot(barX(res.row.times(*res.Measured)), y, 5, classOf(res.Verdict))
		p.text(plotWidth-plotRight+10, y+4, classOf(res.Verdict), "start", res.measured())
	}
	return p.end()
}

// times is how many times its bar a figure is, so that less is better.
func (r row) times(v float64) float64 {
	if r.atLeast {
		return r.must / math.Max(v, r.must/(2*worst))
	}
	return v / r.must
}

// barX is a logarithmic scale from an eighth of the bar to the worst.
func barX(times float64) float64 {
	const least = 1.0 / 8
	t := math.Log(min(max(times, least), worst)/least) / math.Log(worst/least)
	return plotLabel + t*(plotWidth-plotLabel-plotRight)
}

// ratesPlot has what was done a second, side by side.
func (r report) ratesPlot() string {
	most, words := 1.0, []string{}
	var shown []rate
	for _, res := range r.Rows {
		for _, one := range res.Rates {
			shown = append(shown, one)
			most = max(most, one.PerSecond)
			words = append(words, fmt.Sprintf("%s: %.0f a second", one.What, one.PerSecond))
		}
	}
	p := &plot{}
	p.begin("Actions a second", strings.Join(words, "; ")+".", len(shown))
	const label = 330.0
	for i, one := range shown {
		y := plotTop + (float64(i)+0.5)*plotRow
		width := one.PerSecond / most * (plotWidth - label - plotRight)
		p.text(label-12, y+4, "", "end", one.What)
		fmt.Fprintf(p, `<rect x="%.1f" y="%.1f" width="%.1f" height="14" rx="3" class="fair"/>`+"\n", label, y-7, width)
		p.text(label+width+8, y+4, "", "start", fmt.Sprintf("%.0f", one.PerSecond))
	}
	return p.end()
}
