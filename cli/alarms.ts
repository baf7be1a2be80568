// `weir alarms`: which alarms of the stage ring, since when and why; with --history, what changed.

import type { AlarmChange, AlarmStatus } from '../domain/service-levels/alarm-states.ts';
import { iso } from '../domain/system/time.ts';
import { sinceOption, toRange } from './operations/since.ts';
import { renderMinute } from './terminal/instants.ts';
import { table } from './terminal/table.ts';
import { defineVerb } from './verb.ts';

export const alarms = defineVerb({
  words: ['alarms'],
  summary: 'show the alarms with their states, or what they went through',
  examples: ['alarms', 'alarms --history --since 7d --json'],
  options: (command) =>
    command.option('--history', 'the changes of state, the oldest first').addOption(sinceOption('24h')),
  run: async (operator, { history, since }) => {
    const stageAlarms = await operator.alarms();
    if (history !== true) {
      const states = await stageAlarms.states();
      return {
        json: { alarms: states.map(({ sinceMs, ...alarm }) => ({ ...alarm, since: iso(sinceMs) })) },
        text: renderStates(states),
      };
    }
    const changes = await stageAlarms.history(toRange(since, operator.clock.now()).fromMs);
    return {
      json: { changes: changes.map(({ atMs, ...change }) => ({ at: iso(atMs), ...change })) },
      text: renderChanges(changes),
    };
  },
});

/** Those that ring come first. */
function renderStates(states: readonly AlarmStatus[]): string {
  const ranked = [...states].toSorted((one, other) => rank(one) - rank(other));
  return states.length === 0
    ? 'The stage has no alarm.'
    : table(
        ['ALARM', 'STATE', 'SINCE (UTC)'],
        ranked.map(({ name, state, sinceMs }) => [name, state, renderMinute(sinceMs)]),
      );
}

const rank = ({ state }: AlarmStatus): number => ['ALARM', 'INSUFFICIENT_DATA', 'OK'].indexOf(state);

function renderChanges(changes: readonly AlarmChange[]): string {
  return changes.length === 0
    ? 'No alarm changed its state in this time.'
    : changes
        .map(({ atMs, name, from, to, reason }) => `${iso(atMs)}  ${name}  ${from} -> ${to}\n  ${reason}`)
        .join('\n');
}
