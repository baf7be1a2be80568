// Troubles while batches are sent and delivered, injected by the twin's fault proxy.

import type { FaultRule } from '@weir/twin/faults';
import type { Tenant } from '../../domain/keys.ts';
import { recordId } from '../../domain/record/record-id.ts';
import type { RunningWeir } from '../../local/weir.ts';
import { poisonFor, type StreamAccess } from '../support/stream.ts';
import type { LedgerOfTruth } from './ledger-of-truth.ts';
import type { TroubleAtLarge } from './plan.ts';

export type Scene = {
  readonly twin: RunningWeir;
  readonly stream: StreamAccess;
  readonly books: LedgerOfTruth;
  /** The seed of this trouble. */
  readonly seed: number;
  readonly random: () => number;
  readonly tenant: Tenant;
};

export type Trouble = {
  /** How often the trouble occurred. */
  readonly met: () => number;
  /** Runs while batches are sent. */
  readonly meanwhile?: () => Promise<void>;
  /** Runs while batches are delivered. No request is in flight, so it may move the clock. */
  readonly after?: () => Promise<void>;
  readonly end: () => void;
};

type Rule = Pick<FaultRule, 'do' | 'when'> & { readonly on?: FaultRule['on'] };

export type Call = Pick<FaultRule['on'], 'operation' | 'resource'>;

/** The calls of the consumer's steps. Claims and receipts are statements of three tables. */
const statements = 'BatchExecuteStatement';
export const claims = { operation: statements, resource: '*Identities*' };
export const links = { operation: statements, resource: '*ClaimLogs*' };
const logs = { operation: 'Query', resource: '*ClaimLogs*' };
export const pages = { operation: 'BatchWriteItem' };
export const counts = { operation: statements, resource: '*Aggregates*' };
export const looks = { operation: 'Query', resource: '*Aggregates*' };
const reads = { operation: 'BatchGetItem' };
export const consume = 'consume';

/** What is done to consume is done to its second function, too. */
export const consumers = [consume, 'consume-late'] as const;

export function byRules({ twin, seed }: Pick<Scene, 'twin' | 'seed'>, ...rules: readonly Rule[]): Trouble {
  const faults = rules.flatMap((rule) => {
    const on = rule.on ?? { caller: consume };
    const callers = on.caller === consume ? consumers : [on.caller];
    return callers.map((caller) =>
      twin.faults.inject({ ...rule, on: { ...on, ...(caller && { caller }) } }, seed),
    );
  });
  return {
    met: () => faults.reduce((sum, fault) => sum + fault.met(), 0),
    end: () => {
      for (const fault of faults) fault.remove();
    },
  };
}

/** An error that the SDK does not retry. */
export const unavailable = { kind: 'error', status: 400, code: 'ResourceNotFoundException' } as const;

const on = (call: Call, caller = consume) => ({ on: { caller, ...call } });
const fewTimes = (times: number, share = 0.5) => ({ when: { times, share } });

export const atLarge: Readonly<Record<TroubleAtLarge, (scene: Scene) => Trouble>> = {
  'throttled statements': (scene) =>
    byRules(scene, { ...on({ operation: statements }), do: { kind: 'partial', share: 0.3 } }),
  'throttled calls': (scene) =>
    byRules(
      scene,
      ...[claims, links, logs, pages, counts, looks, reads].map(
        (call): Rule => ({ ...on(call), do: { kind: 'throttle' }, ...fewTimes(2) }),
      ),
    ),
  'items left undone': (scene) =>
    byRules(
      scene,
      ...[pages, reads].map((call): Rule => ({ ...on(call), do: { kind: 'partial', share: 0.15 } })),
    ),
  // The receipt is put, and whether a run has passed it by is not known.
  'failed looks for a run': (scene) => byRules(scene, { ...on(looks), do: unavailable, when: { times: 3 } }),
  'failed logs': (scene) =>
    byRules(
      scene,
      ...[links, logs].map((call): Rule => ({ ...on(call), do: unavailable, when: { times: 2 } })),
    ),
  // So that a record that is delivered twice at once is counted twice at the same time.
  'slow receipts': (scene) =>
    byRules(
      scene,
      ...[counts, looks].map((call): Rule => ({ ...on(call), do: { kind: 'latency', ms: [100, 400] } })),
    ),
  'lost answers': (scene) =>
    byRules(
      scene,
      ...[claims, links, pages, counts].map(
        (call): Rule => ({ ...on(call), do: { kind: 'drop_answer' }, ...fewTimes(2) }),
      ),
    ),
  'lost puts': (scene) =>
    byRules(scene, {
      ...on({ operation: 'PutRecords' }, 'ingest'),
      do: { kind: 'drop_answer' },
      ...fewTimes(3),
    }),
  'refused puts': (scene) =>
    byRules(scene, {
      ...on({ operation: 'PutRecords' }, 'ingest'),
      do: { kind: 'partial', share: 0.5 },
      when: { times: 4 },
    }),
  'delivered twice at once': (scene) =>
    byRules(scene, { do: { kind: 'deliver_twice', together: true }, when: { times: 2 } }),
  'delivered twice in turn': (scene) =>
    byRules(scene, { do: { kind: 'deliver_twice', together: false }, when: { times: 2 } }),
  'killed anywhere': (scene) =>
    byRules(scene, {
      do: { kind: 'kill', moment: scene.random() < 0.5 ? 'before' : 'after' },
      when: { skip: Math.floor(scene.random() * 12), times: 2 },
    }),
  'a shard is split': splitShard,
  poison: putPoison,
};

function splitShard({ stream, tenant }: Scene): Trouble {
  let met = 0;
  return {
    met: () => met,
    meanwhile: async () => {
      await stream.splitShardOf(tenant);
      met += 1;
    },
    end: () => undefined,
  };
}

/** A record that makes our code throw, one with a damaged body, and one without a header. */
function putPoison({ twin, stream, books, tenant, seed }: Scene): Trouble {
  let met = 0;
  return {
    met: () => met,
    meanwhile: async () => {
      const name = String(seed);
      const failing = poisonFor(tenant, `${name}-failed`, twin.clock.now());
      const damaged = Buffer.from(poisonFor(tenant, `${name}-undecodable`, twin.clock.now()));
      damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1);
      const { Records = [] } = await stream.put(tenant, failing, damaged, Buffer.from('no envelope'));
      for (const reason of ['failed', 'undecodable'] as const)
        books.poison.push({ account: tenant.account, record: recordId(`${name}-${reason}`, 0), reason });
      books.ownerless.push(Records[2]?.SequenceNumber ?? '');
      met += Records.length;
    },
    end: () => undefined,
  };
}
