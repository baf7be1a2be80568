// Every verb, in the order of the help. The program, its help and the check of the docs derive from this list.

import { accountCreate } from './account/create.ts';
import { accountDelete } from './account/delete.ts';
import { accountList } from './account/list.ts';
import { accountPolicyVerbs } from './account/policy.ts';
import { accountSet } from './account/set.ts';
import { accountShow } from './account/show.ts';
import { accountSigningVerbs } from './account/signing.ts';
import { accountStatusVerbs } from './account/suspend.ts';
import { alarms } from './alarms.ts';
import { audit } from './audit.ts';
import { advise } from './busiest/advise.ts';
import { top } from './busiest/top.ts';
import { doctor } from './doctor/doctor.ts';
import { incidentList } from './incident/list.ts';
import { incidentNote } from './incident/note.ts';
import { keyCreate } from './key/create.ts';
import { keyList } from './key/list.ts';
import { keyRevoke } from './key/revoke.ts';
import { keyRotate } from './key/rotate.ts';
import { ledgerStatus } from './ledger/status.ts';
import { ledgerVerify } from './ledger/verify.ts';
import { memberAdd } from './member/add.ts';
import { memberList } from './member/list.ts';
import { memberRemove } from './member/remove.ts';
import { concurrency, consumers, consumerVerbsOfCli } from './operations/consumers.ts';
import { logs } from './operations/logs.ts';
import { metrics } from './operations/metrics.ts';
import { requests } from './operations/requests.ts';
import { quarantineDiscard } from './quarantine/discard.ts';
import { quarantineList } from './quarantine/list.ts';
import { quarantineReplay } from './quarantine/replay.ts';
import { quarantineShow } from './quarantine/show.ts';
import { streamReplay } from './replay/replay.ts';
import { report } from './report.ts';
import { slo } from './slo/slo.ts';
import { usage } from './usage.ts';
import type { Verb } from './verb.ts';

export const verbs: readonly Verb[] = [
  accountCreate,
  accountShow,
  accountList,
  accountSet,
  ...accountStatusVerbs,
  accountDelete,
  ...accountPolicyVerbs,
  ...accountSigningVerbs,
  keyCreate,
  keyList,
  keyRotate,
  keyRevoke,
  memberAdd,
  memberList,
  memberRemove,
  usage,
  slo,
  audit,
  quarantineList,
  quarantineShow,
  quarantineReplay,
  quarantineDiscard,
  streamReplay,
  ledgerStatus,
  ledgerVerify,
  top,
  advise,
  requests,
  logs,
  metrics,
  consumers,
  ...consumerVerbsOfCli,
  concurrency,
  alarms,
  report,
  incidentList,
  incidentNote,
  doctor,
];

/** Words that only begin verbs. */
export const groups: Readonly<Record<string, string>> = {
  account: 'accounts with their policies and signing secrets',
  'account policy': 'what personal data of an account is refused or redacted',
  'account signing': 'the secrets with which an account signs its requests',
  consumer: 'the functions that consume the streams',
  incident: 'when alarms were on, and why',
  key: 'the API keys of an account',
  ledger: 'what was acknowledged, compared with what became of it',
  member: 'the people of an account, and their roles',
  quarantine: 'the records that could not be stored',
};
