// `weir incident list`: when an alarm that notifies somebody was on, and what was found.

import type { Incident } from '../../domain/service-levels/incidents.ts';
import { instantForms } from '../../domain/system/instants.ts';
import { dayMs, iso } from '../../domain/system/time.ts';
import { assertInOrder, readInstant, renderAge, renderMinute } from '../terminal/instants.ts';
import { defineVerb } from '../verb.ts';

const usualMs = 30 * dayMs;

export const incidentList = defineVerb({
  words: ['incident', 'list'],
  summary: 'list when alarms were on, for how long, and the root causes',
  examples: ['incident list', 'incident list --from 7d --json'],
  options: (command) =>
    command
      .option('--from <time>', `incidents that were open after this time (${instantForms}); 30 days ago`)
      .option('--to <time>', 'incidents that were open before this time'),
  run: async (operator, { from, to }) => {
    const nowMs = operator.clock.now();
    const range = {
      fromMs: from === undefined ? nowMs - usualMs : readInstant('from', from, nowMs),
      toMs: to === undefined ? nowMs + 1 : readInstant('to', to, nowMs),
    };
    assertInOrder(range);
    const incidents = await operator.incidents.list(range);
    return {
      json: { incidents: incidents.map(toShown) },
      text:
        incidents.length === 0
          ? 'There was no incident in this time. Review finds new ones at five past every hour.'
          : incidents.map((incident) => render(incident, nowMs)).join('\n'),
    };
  },
});

const toShown = ({ id, alarm, severity, fromMs, toMs, notes }: Incident) => ({
  ...{ id, alarm, severity },
  from: iso(fromMs),
  to: toMs === undefined ? null : iso(toMs),
  notes: notes.map(({ atMs, by, from, text }) => ({ at: iso(atMs), by, from, text })),
});

function render({ id, alarm, severity, fromMs, toMs, notes }: Incident, nowMs: number): string {
  const lasted = toMs === undefined ? `open for ${renderAge(nowMs - fromMs)}` : renderAge(toMs - fromMs);
  return [
    `${id}  ${alarm} (${severity}), from ${renderMinute(fromMs)}, ${lasted}`,
    // One line each: a note writes no other lines.
    ...notes.map(({ by, text }) => `  ${`${by}: ${text}`.replaceAll(/\s+/g, ' ')}`),
  ].join('\n');
}
