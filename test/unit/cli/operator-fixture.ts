// An operator of a stage that is in memory, and the command line on it.

import { MemoryAccounts } from '../../../adapters/accounts/memory-accounts.ts';
import { MemoryPlanKeys } from '../../../adapters/accounts/memory-plan-keys.ts';
import { MemoryUse } from '../../../adapters/limits/memory-use.ts';
import { MemoryPolicies } from '../../../adapters/personal-data/memory-policies.ts';
import { MemoryIncidents } from '../../../adapters/service-levels/memory-incidents.ts';
import { MemoryPlatformKeys } from '../../../adapters/signing/memory-platform-keys.ts';
import { MemorySigningSecrets } from '../../../adapters/signing/memory-signing-secrets.ts';
import type { Operator } from '../../../cli/operator.ts';
import { runCli } from '../../../cli/run.ts';
import type { AccountRead } from '../../../domain/accounts/reads.ts';
import type { AlarmChange, AlarmStatus } from '../../../domain/service-levels/alarm-states.ts';
import { seededRandom, TestClock } from '../../support/clock.ts';
import { MemoryOperations } from './operations-fixture.ts';
import { startRecords } from './records-fixture.ts';

export function startOperator({ hasPriorityStream = false } = {}) {
  const accounts = new MemoryAccounts();
  const signingSecrets = new MemorySigningSecrets(accounts);
  const planKeys = new MemoryPlanKeys();
  /** What the access log tells of each account. */
  const reads = new Map<string, AccountRead[]>();
  const random = seededRandom();
  const clock = new TestClock();
  const records = startRecords(clock);
  const operations = new MemoryOperations();
  const alarms: { states: readonly AlarmStatus[]; history: readonly AlarmChange[] } = {
    states: [],
    history: [],
  };
  const operator: Operator = {
    stage: 'dev',
    actor: { who: 'operator ada', from: 'host' },
    accounts,
    keys: accounts.keys,
    members: accounts.members,
    auditLog: accounts.auditLog,
    policies: new MemoryPolicies(accounts),
    signingSecrets,
    platformKeys: new MemoryPlatformKeys(random),
    planKeys,
    random,
    clock,
    hasLateStream: true,
    operations: async () => operations,
    alarms: async () => ({
      states: async () => alarms.states,
      history: async (fromMs) => alarms.history.filter(({ atMs }) => atMs >= fromMs),
    }),
    records: async () => records.access,
    accessLog: async () => ({
      reads: async (account, { fromMs, toMs }) =>
        (reads.get(account) ?? []).filter(({ atMs }) => atMs >= fromMs && atMs < toMs),
    }),
    eventUse: new MemoryUse(),
    summaryReadUse: new MemoryUse(),
    incidents: new MemoryIncidents(),
    hasPriorityStream,
    output: (name) => (name === 'Limits' ? JSON.stringify({ quotas: 'observe' }) : `output:${name}`),
  };
  const weir = async (...argv: string[]) => {
    let [out, err] = ['', ''];
    const streams = { out: (text: string) => (out += text), err: (text: string) => (err += `${text}\n`) };
    const code = await runCli(argv, streams as never, async () => operator);
    return { code, out, err };
  };
  /** Gives the accounts so many slots. */
  const widen = (mostSlots: number) => {
    const find = accounts.findAccount.bind(accounts);
    accounts.findAccount = async (id) => {
      const account = await find(id);
      return account && { ...account, mostSlots };
    };
  };
  return {
    accounts,
    signingSecrets,
    planKeys,
    operator,
    weir,
    clock,
    records,
    operations,
    alarms,
    reads,
    widen,
  };
}
