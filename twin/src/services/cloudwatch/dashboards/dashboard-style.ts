// The style of dashboards: the grid of CloudWatch on a wide screen, one widget below the other on a phone.

const rowPixels = 50;

export const style = `
* { box-sizing: border-box; }
body { font: 14px/1.4 system-ui, sans-serif; margin: 1rem; color: #1f2937; background: #f3f4f6; }
h1 { font-size: 1.25rem; margin: 0 0 .3rem; } h1 small { font-size: .85rem; font-weight: normal; color: #4b5563; display: inline-block; }
nav { display: flex; flex-wrap: wrap; gap: .2rem 2rem; margin-bottom: .8rem; font-size: 13px; } nav a, nav b { margin-right: .6rem; }
a { color: #0b5cad; }
main { display: grid; grid-template-columns: repeat(24, minmax(0, 1fr)); grid-auto-rows: ${rowPixels}px; }
section { display: flex; flex-direction: column; min-width: 0; margin: 0 8px 8px 0; padding: 6px 10px; overflow: auto;
  background: #fff; border: 1px solid #e5e7eb; border-radius: 6px; overflow-wrap: anywhere; }
section.text { background: none; border-color: transparent; }
h2 { font-size: 13px; line-height: 1.3; margin: 0 0 4px; flex: none; } section.text h2 { font-size: 16px; }
section.text p, section.text ul { margin: .3rem 0; max-width: 62rem; }
.none { color: #6b7280; margin: auto; text-align: center; }
.chart { flex: 1; min-height: 0; display: flex; flex-direction: column; }
.plot { position: relative; flex: 1; min-height: 70px; margin: 6px 6px 18px 46px; }
.plot svg { position: absolute; inset: 0; width: 100%; height: 100%; display: block; overflow: visible; }
.plot path { fill: none; stroke-width: 1.7; stroke-linejoin: round; stroke-linecap: round; vector-effect: non-scaling-stroke; }
.plot .grid { stroke: #e5e7eb; stroke-width: 1; } .plot .dots { stroke-width: 5; }
.plot .threshold { stroke: #b91c1c; stroke-dasharray: 5 5; }
.ticks span { position: absolute; right: calc(100% + 6px); transform: translateY(-50%); white-space: nowrap; }
.times span { position: absolute; top: calc(100% + 3px); transform: translateX(-50%); white-space: nowrap; }
.ticks, .times { font-size: 11px; line-height: 1; color: #4b5563; }
.legend { flex: none; list-style: none; margin: 0; padding: 0; max-height: 60px; overflow: auto; font-size: 11px; line-height: 1.35;
  color: #374151; display: flex; flex-wrap: wrap; gap: 0 .9rem; }
.legend i { display: inline-block; width: 14px; margin-right: 4px; vertical-align: 3px; border-top: 3px solid; }
.legend .limit { border-top: 2px dashed #b91c1c; } .legend .unit { color: #6b7280; font-style: italic; }
section.alarms ul { list-style: none; margin: 0; padding: 0; font-size: 12px; display: grid; gap: 4px;
  grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); }
section.alarms li { border: 1px solid #d1d5db; border-left: 4px solid #9ca3af; border-radius: 4px; padding: 3px 8px; display: flex; gap: .5rem; }
section.alarms li b { flex: none; min-width: 3.2rem; color: #6b7280; font-weight: 600; }
section.alarms li.ok { border-left-color: #15803d; } section.alarms li.ok b { color: #15803d; }
section.alarms li.alarm { border-color: #b91c1c; background: #fef2f2; } section.alarms li.alarm, section.alarms li.alarm b { color: #b91c1c; font-weight: 700; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: .3rem 1rem; margin: 0; }
dl div { display: flex; flex-direction: column; justify-content: space-between; }
dt { color: #4b5563; font-size: 12px; } dd { margin: 0; font-size: 1.4rem; font-weight: 600; } dd .none { font-size: 1rem; font-weight: 400; }
@media (max-width: 800px) {
  body { margin: .6rem; } main { display: block; } section { margin-right: 0; }
  section.lines { height: 270px; } section.lines:has(.none) { height: 90px; }
}
`;
