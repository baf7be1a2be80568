// The cost of finding one stored event by its id: calls and read units of each kind of id, against their bars. Among
// batches of 100 events, five a second, whose time-ordered ids fill one window. `npm run bench:find`.

import { seededRandom } from '@weir/twin/faults';
import { DynamoCountingLanes } from '../adapters/counting/dynamodb-counting-lanes.ts';
import { createIdentities } from '../adapters/storing/dynamodb-divided-identities.ts';
import { DynamoPages } from '../adapters/storing/dynamodb-pages.ts';
import { identityKey } from '../domain/keys.ts';
import { seedRandomBytes } from '../domain/record/batch-id.ts';
import { decodeEnvelope } from '../domain/record/envelope.ts';
import { secondMs } from '../domain/system/time.ts';
import { findEvent } from '../lambdas/read/find-event.ts';
import { TestClock } from '../test/support/clock.ts';
import { noPause } from '../test/support/tables.ts';
import { idsOf, invocationOf, type Load, platformKey, sealed, tenant } from './consume-bench/load.ts';
import { shopOf } from './consume-bench/shop.ts';
import { weir } from './consume-bench/weir.ts';
import { report } from './support/held.ts';
import { clientAt, startMeteredTables } from './support/metered-tables.ts';

const batchesPerSecond = 5;
const eventsPerBatch = 100;
const windowMs = 2 ** 13;
const startMs = windowMs * Math.floor(Date.parse('2026-11-21T10:02:00.000Z') / windowMs);
const mostReadUnits = { random: 3, 'made here': 3, scoped: 3, UUIDv7: 11 } as const;
const everyNth = 37;

for (const [ids, most] of Object.entries(mostReadUnits)) {
  const { holder, event, events } = await measure(ids as Load['ids']);
  console.log(
    `${ids}: ${short(event.calls)} calls for one of ${events} events, and ${short(holder.readUnits)} read units to ` +
      'ask who holds the id',
  );
  report('find', [{ what: `read units for an event, ids ${ids}`, figure: event.readUnits, most }]);
}

function short(figure: number): string {
  return figure.toFixed(1);
}

async function measure(ids: Load['ids']) {
  const stage = await startMeteredTables(weir.tables);
  const client = clientAt(stage.url);
  const table = (name: string) => ({ client, name, pause: noPause });
  const clock = new TestClock();
  const perLookUp = async (wanted: readonly string[], lookUp: (id: string) => Promise<unknown>) => {
    stage.meter.reset();
    for (const id of wanted) if (!(await lookUp(id))) throw new Error(`${id} was not found.`);
    const counts = Object.values(stage.meter.calls()).flatMap((ofCaller) => Object.values(ofCaller));
    const mean = (of: (count: (typeof counts)[number]) => number) =>
      counts.reduce((sum, count) => sum + of(count), 0) / wanted.length;
    return { calls: mean(({ calls }) => calls), readUnits: mean(({ capacityUnits }) => capacityUnits) };
  };
  try {
    const { consume } = weir.build(table, clock);
    const sent: string[] = [];
    for (const record of recordsWith(ids)) {
      const { event, nowMs } = invocationOf([record]);
      clock.nowMs = nowMs;
      await consume(event);
      sent.push(...decodeEnvelope(record.data).events.map(({ event_id }) => event_id));
    }
    const identities = createIdentities({
      identities: table('identities'),
      claimLogs: table('claim-logs'),
      clock,
    });
    const deps = {
      identities,
      pages: new DynamoPages(table('pages')),
      lanes: new DynamoCountingLanes({ aggregates: table('aggregates'), ledger: table('ledger') }),
      platformKeys: { find: async () => platformKey },
      clock,
    };
    const wanted = sent.filter((_, index) => index % everyNth === 0);
    return {
      event: await perLookUp(wanted, (id) => findEvent(deps, { tenant, retentionDays: 30 }, id)),
      // No claim is an answer, too.
      holder: await perLookUp(wanted, async (id) => [await identities.find(identityKey(tenant, id))]),
      events: sent.length,
    };
  } finally {
    client.destroy();
    await stage.end();
  }
}

function* recordsWith(ids: Load['ids']) {
  const shop = shopOf({ count: 200, named: 'by UUID' }, seededRandom(1));
  const stepMs = Math.ceil(secondMs / batchesPerSecond);
  for (let atMs = startMs; atMs < startMs + windowMs; atMs += stepMs) {
    const idOf = idsOf(shop, ids);
    const batch = Array.from({ length: eventsPerBatch }, (_, index) => ({
      ...shop.event(atMs, 1),
      ...idOf(atMs, index),
    }));
    yield* sealed(batch, atMs, shop.bytes(seedRandomBytes), 1);
  }
}
