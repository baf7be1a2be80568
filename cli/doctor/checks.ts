// The checks of `weir doctor`: each holds what a stage needs against what the AWS account has, and says what to do. They
// are pure; doctor.ts reads.

import type { AccountNeeds } from '../../domain/system/account-needs.ts';
import { iso, minuteMs, secondMs } from '../../domain/system/time.ts';

export type Finding = {
  readonly state: 'ok' | 'warning' | 'fails';
  readonly what: string;
  readonly todo?: string;
};

const ok = (what: string): Finding => ({ state: 'ok', what });

/** AWS refuses a call whose time is further away. */
const mostAheadMs = 5 * minuteMs;
const noticeableMs = minuteMs;

export function checkClock(aheadMs: number): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / secondMs);
  const what = `This machine is ${seconds} s ${aheadMs < 0 ? 'behind' : 'ahead of'} AWS.`;
  const todo = 'Set the clock of this machine, by NTP.';
  if (Math.abs(aheadMs) > mostAheadMs) return { state: 'fails', what, todo };
  return Math.abs(aheadMs) > noticeableMs ? { state: 'warning', what, todo } : ok(what);
}

export function checkRegion(needs: Pick<AccountNeeds, 'region' | 'stage'>, region: string): Finding {
  if (needs.region === undefined || needs.region === region) return ok(`${region}.`);
  return {
    state: 'fails',
    what: `${region}, and the stage ${needs.stage} is of ${needs.region}.`,
    todo: `Set AWS_REGION=${needs.region}, or give --region ${needs.region}.`,
  };
}

export function checkBootstrap(version: number | undefined, needed: number, stage: string): Finding {
  const todo = `Run: npx cdk bootstrap --context stage=${stage}`;
  if (version === undefined) return { state: 'fails', what: 'There is no stack CDKToolkit.', todo };
  if (version >= needed) return ok(`Version ${version} of CDKToolkit.`);
  return { state: 'fails', what: `Version ${version} of CDKToolkit; ${needed} is needed.`, todo };
}

type StackState = { readonly status: string; readonly changedAtMs: number | undefined };

export function checkStack(name: string, stack: StackState | undefined): Finding {
  if (stack === undefined) return ok('Not deployed.');
  const { status, changedAtMs } = stack;
  const since = changedAtMs === undefined ? '' : `, ${iso(changedAtMs).slice(0, 16)} UTC`;
  const what = `${status}${since}.`;
  if (status.endsWith('_IN_PROGRESS'))
    return { state: 'warning', what, todo: 'Wait until it has ended, and run the same again.' };
  // Only of a first deploy: a later one that fails ends in UPDATE_ROLLBACK_COMPLETE and can be repeated.
  if (status === 'ROLLBACK_COMPLETE' || status === 'ROLLBACK_FAILED' || status === 'CREATE_FAILED')
    return {
      state: 'fails',
      what,
      todo: `The first deploy failed. Delete the stack ${name}, then deploy.`,
    };
  if (status.endsWith('_FAILED'))
    return { state: 'fails', what, todo: `Look at the events of the stack ${name}, and repair it.` };
  return ok(what);
}

/** Of an account, Lambda keeps so much for functions without a reservation. */
const neverReserved = 100;
/** Lambda takes ten calls a second for each instance, and a request is one of authorize and one of ingest or read. */
const requestsOfOne = 5;
const concurrencyQuota = 'Service Quotas, AWS Lambda, "Concurrent executions" (L-B99A9384)';

/** `reserved`: what the functions of the stage have already. */
export function checkConcurrency(
  needs: Pick<AccountNeeds, 'reservedConcurrency' | 'requestsPerSecond'>,
  { limit, unreserved, reserved }: { limit: number; unreserved: number; reserved: number },
): Finding {
  const left = unreserved + reserved - needs.reservedConcurrency;
  const what =
    `${limit} in the region; the stage reserves ${needs.reservedConcurrency}, and ${Math.max(0, left)} stay ` +
    'unreserved.';
  if (needs.reservedConcurrency > 0 && left < neverReserved)
    return {
      state: 'fails',
      what: `${what} Lambda keeps ${neverReserved}.`,
      todo: `Ask for ${limit + neverReserved - left} or more: ${concurrencyQuota}.`,
    };
  if (needs.reservedConcurrency > 0 || left * requestsOfOne >= needs.requestsPerSecond) return ok(what);
  return {
    state: 'warning',
    what:
      `${what} All accounts together can send ${Math.max(0, left * requestsOfOne)} requests/s; the burst of one ` +
      `of the highest tier is ${needs.requestsPerSecond}.`,
    todo: `For more, ask for ${Math.ceil(needs.requestsPerSecond / requestsOfOne) + limit - left}: ${concurrencyQuota}.`,
  };
}

type Use = { readonly used: number; readonly limit: number };

/** `has`: how many of those in use are of the stage. */
function checkUse({ used, limit }: Use, needed: number, has: number, todo: string): Finding {
  const after = used + Math.max(0, needed - has);
  const what = `${used} of ${limit} in use, ${after} with the stage.`;
  return after > limit ? { state: 'fails', what, todo } : ok(what);
}

export const checkShards = (use: Use, needed: number, has: number): Finding =>
  checkUse(use, needed, has, 'Raise it: Service Quotas, Kinesis, "Shards per region" (L-0918CF54).');

export const checkOnDemandStreams = (use: Use, needed: number, has: number): Finding =>
  checkUse(use, needed, has, 'Ask AWS Support to raise the number of on-demand streams.');

/** A higher one is not told by API Gateway. */
const usualPlans = 300;

export function checkUsagePlans(used: number, needed: number, isDeployed: boolean): Finding {
  const after = used + (isDeployed ? 0 : needed);
  const what = `${used} in use, ${after} with the stage; ${usualPlans} by default.`;
  if (after <= usualPlans) return ok(what);
  return {
    state: 'warning',
    what,
    todo: 'Unless it was raised: Service Quotas, API Gateway, "Usage plans" (L-E8693075).',
  };
}

/** It cannot be raised. An account of Weir has one, however many secrets it has, and a second one after a change of its rate. */
const mostApiKeys = 10_000;
const fewApiKeys = 500;

export function checkApiKeys(used: number): Finding {
  const what = `${used} of ${mostApiKeys} in use, one for each account, and a second one after a change of its request rate.`;
  const todo = 'It cannot be raised: put further accounts into another region or AWS account.';
  if (used >= mostApiKeys) return { state: 'fails', what, todo };
  return used > mostApiKeys - fewApiKeys ? { state: 'warning', what, todo } : ok(what);
}
