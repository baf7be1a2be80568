// The alarms of the template as they are now, and what they went through.

import type { Pages } from '../../pages/pages.ts';
import type { Alarms } from './alarms/alarms.ts';

const mostListed = 500;

export function alarmPages(alarms: Pick<Alarms, 'states' | 'history'>): Pages {
  return {
    'GET /alarms': {
      about: `alarms with their states, and the last ${mostListed} changes, the newest first`,
      answer: () => ({
        alarms: alarms.states().map(({ alarm, state, sinceMs, reason }) => ({
          name: alarm.name,
          state,
          since: new Date(sinceMs).toISOString(),
          reason,
          description: alarm.description,
        })),
        history: alarms
          .history()
          .slice(-mostListed)
          .toReversed()
          .map(({ alarm, from, to, atMs, reason, actions }) => ({
            ...{ at: new Date(atMs).toISOString(), alarm: alarm.name, from, to, reason, told: actions },
          })),
      }),
    },
  };
}
