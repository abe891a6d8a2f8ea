"""How the report of a replay looks, on a screen and on paper."""

STYLE = """
:root { color-scheme: light; }
* { box-sizing: border-box; }
body { margin: 0; background: #fff; color: #1f2a33;
       font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
main { max-width: 50rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
.over { margin: 0 0 .75rem; color: #5d6972; font-size: .875rem; }
h1 { margin: 0 0 1rem; font: 600 1.6rem/1.35 Charter, "Bitstream Charter", Georgia, serif; }
h2 { margin: 2.75rem 0 .5rem; padding-top: .75rem; border-top: 1px solid #d5dbdf;
     font: 600 1.2rem/1.3 Charter, "Bitstream Charter", Georgia, serif; }
p { margin: .4rem 0; max-width: 42rem; }
.figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 1.5rem 0 0; }
.figures div { min-width: 6rem; }
.figures dt { color: #5d6972; font-size: .8125rem; }
.figures dd { margin: 0; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
.figures small { color: #5d6972; font-size: .8125rem; }
figure { margin: 1rem 0; }
figcaption, caption, .legend, .small { color: #5d6972; font-size: .875rem; font-weight: 400; }
caption { caption-side: top; padding: 0 0 .25rem; text-align: left; }
.key { margin-left: .9rem; white-space: nowrap; }
.key svg { vertical-align: -2px; }
svg.flow, svg.columns { display: block; width: 100%; height: auto; }
svg text { fill: #1f2a33; font: 13px system-ui, "Segoe UI", Helvetica, Arial, sans-serif; }
svg .side, svg .tick { fill: #5d6972; font-size: 12px; }
svg .value { font-variant-numeric: tabular-nums; font-size: 12px; }
svg .node { font-weight: 600; }
table { width: 100%; margin: 1rem 0; border-collapse: collapse; font-size: .875rem;
        font-variant-numeric: tabular-nums; }
th, td { padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #e6eaed; text-align: left; vertical-align: top; }
thead th { border-bottom-color: #8d99a1; color: #5d6972; font-weight: 600; vertical-align: bottom; }
tbody th { font-weight: 600; }
td.n, th.n { text-align: right; }
td.none { color: #6f7a82; }
td.kept { background: #f1f4f5; }
svg.bar { display: block; margin-top: .2rem; }
.bars td:last-child, .bars th:last-child { width: 190px; padding-right: 0; }
details summary { cursor: pointer; color: #2f6f73; font-size: .875rem; }
ul.text { margin: .75rem 0; padding: 0; list-style: none; font-size: .9rem; }
ul.text li { padding: .1rem 0 .1rem calc(1.5rem + var(--depth) * 1.25rem); text-indent: -1.5rem; }
ul.text ins, ul.text del { text-decoration: none; padding: 0 .15rem; }
ul.text ins { background: #e3efee; }
ul.text del { background: #f6e6df; }
ul.text .mark { display: inline-block; width: 1.5rem; text-indent: 0; font-weight: 600; }
ul.plain { padding-left: 1.2rem; font-size: .9375rem; }
ul.plain li { margin: .25rem 0; }
footer { margin-top: 3rem; color: #5d6972; font-size: .8125rem; }
@page { margin: 18mm; }
@media print {
  body { font-size: 10.5pt; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; }
  svg, tr, li { break-inside: avoid; }
  caption, figcaption { break-after: avoid; }
  details > summary { display: none; }
  details::details-content { content-visibility: visible; height: auto; }
  * { print-color-adjust: exact; }
}
"""
