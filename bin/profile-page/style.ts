/** The page's only style sheet; its hash is what the page's policy allows. Colours follow the reader's light or dark. */
export const STYLE = `
:root { color-scheme: light dark; --paper: #f7f8fa; --card: #ffffff; --ink: #1c2430; --soft: #5b6675; --line: #dfe4ea;
  --bar: #3b6fd4; --pale: #c9d8f5; --warn: #b4540a; --bad: #c2303b; --good: #1c7c4a; --plus: #c2503b; --minus: #3b6fd4; }
@media (prefers-color-scheme: dark) { :root { --paper: #12161c; --card: #1b2129; --ink: #e4e9f0; --soft: #98a4b3; --line: #2d3641;
  --bar: #6c9cf5; --pale: #2b3d5f; --warn: #f0a35c; --bad: #ff7d84; --good: #62cf95; --plus: #ee8f7c; --minus: #6c9cf5; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main, header, footer { max-width: 1180px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 36px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { margin: 34px 0 12px; font-size: 20px; letter-spacing: -0.01em; }
h3 { margin: 0; font-size: 16px; overflow-wrap: anywhere; }
main { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); column-gap: 14px; }
section { grid-column: 1 / -1; min-width: 0; }
#quality, #missing { grid-column: span 1; display: flex; flex-direction: column; }
#quality .card, #missing .card { flex: 1; }
@media (max-width: 760px) { #quality, #missing { grid-column: 1 / -1; } }
p { margin: 6px 0; }
a { color: var(--bar); }
code { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.soft { color: var(--soft); }
.small { font-size: 13px; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 14px 0 0; padding: 0; list-style: none; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 22px 0 0; padding: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 12px 16px; }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 2px 0 0; font-size: 22px; font-weight: 600; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 18px; overflow-x: auto; }
.card + .card { margin-top: 14px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(340px, 1fr)); gap: 14px; }
.cards .card { margin: 0; min-width: 0; }
.cards .head { display: flex; justify-content: space-between; gap: 12px; align-items: baseline; }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 22px; margin: 0; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
table + table { margin-top: 14px; }
caption { text-align: left; color: var(--soft); font-size: 13px; padding-bottom: 8px; }
th, td { padding: 6px 10px; text-align: left; border-bottom: 1px solid var(--line); vertical-align: middle; }
thead th { font-size: 13px; color: var(--soft); font-weight: 500; white-space: nowrap; }
tbody th { font-weight: 600; overflow-wrap: anywhere; max-width: 240px; }
tbody tr:last-child > * { border-bottom: 0; }
.number { text-align: right; white-space: nowrap; }
.cards svg { margin-top: 8px; }
.heat { display: grid; grid-template-columns: minmax(0, max-content) minmax(260px, 1fr); gap: 20px 40px; align-items: start; }
@media (max-width: 760px) { .heat { grid-template-columns: minmax(0, 1fr); } }
.stats { margin-top: 10px; font-size: 13px; }
.stats td, .stats th { padding: 3px 8px 3px 0; border: 0; }
.stats th { color: var(--soft); font-weight: 400; }
.word { display: inline-block; border-radius: 99px; padding: 1px 10px; font-size: 13px; border: 1px solid currentColor; white-space: nowrap; }
.good { color: var(--good); } .warn { color: var(--warn); } .bad { color: var(--bad); }
svg { display: block; max-width: 100%; height: auto; }
svg text { fill: var(--soft); font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
svg .ink { fill: var(--ink); }
svg .bar { fill: var(--bar); } svg .pale { fill: var(--pale); } svg .lost { fill: var(--bad); }
svg .axis { stroke: var(--line); } svg .median { stroke: var(--ink); stroke-dasharray: 3 3; }
svg .plus { fill: var(--plus); } svg .minus { fill: var(--minus); } svg .none { fill: var(--line); }
svg .inside { fill: var(--ink); text-anchor: middle; }
svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
footer { padding-top: 36px; padding-bottom: 40px; color: var(--soft); font-size: 13px; }
@media print { .card { break-inside: avoid; } body { background: #fff; } }
`;
