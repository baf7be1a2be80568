// An operator whose process dies at a call to a port: before the call takes effect, or after it and before its answer. A
// dead process makes no further call.

import type { Operator } from '../../../cli/operator.ts';

export class Died extends Error {
  override readonly name = 'Died';
}

export type Death = { readonly atCall: number; readonly moment: 'before' | 'after' };

/** What is no port, although it is an object: it does nothing outside of the process. */
const within = ['random', 'clock'];

export function mortal(operator: Operator, death: Death) {
  let calls = 0;
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Died('The process was killed.');
  };
  const begin = (): void => {
    if (isDead) die();
    calls += 1;
    if (calls === death.atCall && death.moment === 'before') die();
  };
  const end = (ofCall: number): void => {
    if (ofCall === death.atCall) die();
  };

  const port = <Port extends object>(members: Port): Port =>
    new Proxy(members, {
      get: (_, name) => {
        const member = Reflect.get(members, name, members);
        if (typeof member !== 'function') return member;
        if (isListing(member))
          return async function* list(...given: unknown[]) {
            begin();
            const ofCall = calls;
            yield* member.apply(members, given);
            end(ofCall);
          };
        return async (...given: unknown[]) => {
          begin();
          const ofCall = calls;
          const answer = await member.apply(members, given);
          end(ofCall);
          return answer;
        };
      },
    });

  const ports = Object.entries(operator)
    .filter(([name, value]) => typeof value === 'object' && !within.includes(name))
    .map(([name, members]) => [name, port(members as object)]);
  const records: Operator['records'] = async () => {
    const { streams, bucket, ...access } = await operator.records();
    const own = Object.entries(access).map(([name, members]) => [name, port(members)]);
    return { bucket, streams: streams.map(port), ...Object.fromEntries(own) };
  };
  const accessLog: Operator['accessLog'] = async () => port(await operator.accessLog());
  return { operator: { ...operator, ...Object.fromEntries(ports), accessLog, records }, calls: () => calls };
}

const isListing = (member: object): boolean =>
  Object.prototype.toString.call(member) === '[object AsyncGeneratorFunction]';
