// The frame of the pages: one file without scripts or anything to load, that reads on a phone, on paper and in the dark.

import { type Html, html, trusted } from './html.ts';

export const page = (title: string, body: readonly Html[]): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${trusted(style)}</style>
</head>
<body>
<main>
${body}
</main>
</body>
</html>
`.html;

const style = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --paper: #fff; --panel: #f4f6f8; --rule: #d8dee5;
  --good: #1a7f4b; --bad: #b42318; --grey: #b6bec8; --line: #2563a8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e7ebf0; --soft: #a5b0bd; --paper: #14181d; --panel: #1d232b; --rule: #333c47;
    --good: #4cc38a; --bad: #ff8577; --grey: #4b5563; --line: #7cb7f2; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
main { max-width: 52rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 .5rem; }
h3 { font-size: 1rem; margin: 0; }
p { margin: .4rem 0; }
.soft { color: var(--soft); font-size: .875rem; }
.verdict { border: 2px solid; border-radius: .6rem; padding: .9rem 1.1rem; margin: 1.1rem 0; }
.verdict strong { font-size: 1.6rem; letter-spacing: .02em; display: block; line-height: 1.2; }
.verdict.ship { border-color: var(--good); } .verdict.ship strong { color: var(--good); }
.verdict.freeze { border-color: var(--bad); } .verdict.freeze strong { color: var(--bad); }
.verdict ul { margin: .4rem 0 0; padding-left: 1.2rem; }
.card { background: var(--panel); border-radius: .6rem; padding: .9rem 1.1rem; margin: .75rem 0; break-inside: avoid; }
.head { display: flex; flex-wrap: wrap; gap: .3rem .75rem; align-items: baseline; justify-content: space-between; }
.chip { border: 1px solid; border-radius: 1rem; padding: 0 .6rem; font-size: .875rem; font-weight: 600; white-space: nowrap; }
.chip.met { color: var(--good); } .chip.not-met { color: var(--bad); } .chip.no-data { color: var(--soft); }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .4rem 1rem; margin: .6rem 0; }
dt { color: var(--soft); font-size: .8rem; } dd { margin: 0; font-weight: 600; font-variant-numeric: tabular-nums; }
.chart { display: block; width: 100%; height: auto; margin: .5rem 0 0; }
.chart text { fill: var(--soft); font-size: 12px; }
.good { fill: var(--good); } .bad { fill: var(--bad); } .grey { fill: var(--grey); opacity: .45; }
.limit { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 4 3; }
.area { fill: var(--line); opacity: .15; } .line { fill: none; stroke: var(--line); stroke-width: 2; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .25rem; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th { font-weight: 600; } td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; padding-right: .25rem; }
.scroll { overflow-x: auto; }
td { overflow-wrap: break-word; }
td.number { white-space: nowrap; } td.number + td, th.number + th:not(.number) { padding-left: 1rem; }
.wide { min-width: 34rem; }
details { margin-top: .35rem; } summary { color: var(--soft); font-size: .875rem; cursor: pointer; }
@media (max-width: 40rem) { .chart text { font-size: 20px; } }
@media print {
  :root { --ink: #000; --soft: #444; --paper: #fff; --panel: #fff; --rule: #bbb; --good: #1a7f4b; --bad: #b42318;
    --grey: #b6bec8; --line: #2563a8; }
  body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .card { border: 1px solid var(--rule); }
  details { display: none; }
  .wide { min-width: 0; }
  h2 { break-after: avoid; }
  tr { break-inside: avoid; }
}
@page { margin: 16mm; }
`;
