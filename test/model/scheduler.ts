// Actors that go on one call of a port at a time. Who goes on, and how the call ends, is for the history to say; a killed
// actor waits for ever for an answer that nobody holds, so that it goes with its history.

import { Unavailable } from '../../domain/system/unavailable.ts';

export type Actor = {
  readonly name: string;
  readonly endsMs: number;
  isAlive: boolean;
  /** Does not go on until all are woken: a slow call, a function that is frozen. */
  isStalled: boolean;
  /** Told once, however it comes to its end. */
  readonly ended: (isKilled: boolean) => void;
};

/** How a call ends: with its answer, or without, and with or without its effect. */
export const endings = ['answered', 'unavailable', 'answer lost', 'killed before', 'killed after'] as const;
export type Ending = (typeof endings)[number];
const hasEffect: Readonly<Record<Ending, boolean>> = {
  answered: true,
  unavailable: false,
  'answer lost': true,
  'killed before': false,
  'killed after': true,
};
const kills: ReadonlySet<Ending> = new Set(['killed before', 'killed after']);

type Call = {
  readonly actor: Actor;
  readonly label: string;
  readonly effect: () => Promise<unknown>;
  readonly isDeadly: () => boolean;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
};

/** Past this a history goes round in circles. */
const mostCalls = 4000;

export class EndlessHistory extends Error {
  override readonly name = 'EndlessHistory';
}

export class Scheduler {
  readonly trace: string[] = [];
  #calls: Call[] = [];
  #made = 0;

  get waiting(): number {
    return this.#runnable().length;
  }

  #runnable(): readonly Call[] {
    return this.#calls.filter(({ actor }) => !actor.isStalled);
  }

  call<T>(
    actor: Actor,
    label: string,
    effect: () => Promise<T>,
    isDeadly: () => boolean = () => false,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      if (!actor.isAlive) return;
      this.#calls.push({
        actor,
        label,
        effect,
        isDeadly,
        resolve: resolve as (answer: unknown) => void,
        reject,
      });
    });
  }

  async start(actor: Actor, work: () => Promise<string>): Promise<void> {
    this.trace.push(`${actor.name} begins`);
    work().then(
      (outcome) => this.#end(actor, outcome),
      (error) => this.#end(actor, `fails: ${error}`),
    );
    await quiet();
  }

  /** Answers with the actor that went on, if any waits. */
  async goOn(which: number, ending: Ending = 'answered'): Promise<Actor | undefined> {
    const runnable = this.#runnable();
    const call = runnable[which % Math.max(1, runnable.length)];
    if (!call) return undefined;
    this.#made += 1;
    if (this.#made > mostCalls) throw new EndlessHistory(`More than ${mostCalls} calls`);
    this.#calls = this.#calls.filter((each) => each !== call);
    await this.#finish(call, call.isDeadly() ? 'killed before' : ending);
    await quiet();
    return call.actor;
  }

  /** The place of a call of this actor among those that wait. */
  placeOf(actor: Actor): number {
    return this.#runnable().findIndex((call) => call.actor === actor);
  }

  stall(actor: Actor): void {
    if (!actor.isAlive) return;
    actor.isStalled = true;
    this.trace.push(`${actor.name} is stalled`);
  }

  wake(): void {
    for (const { actor } of this.#calls) actor.isStalled = false;
  }

  kill(actor: Actor, why: string): void {
    this.#calls = this.#calls.filter((call) => call.actor !== actor);
    if (!actor.isAlive) return;
    actor.isAlive = false;
    this.trace.push(`${actor.name} is killed: ${why}`);
    actor.ended(true);
  }

  async #finish({ actor, label, effect, resolve, reject }: Call, ending: Ending): Promise<void> {
    const line = this.trace.push(`${actor.name}: ${label}`) - 1;
    const say = (what: string) => {
      this.trace[line] += ` -> ${what}`;
    };
    let answer: unknown;
    try {
      if (hasEffect[ending]) answer = await effect();
    } catch (error) {
      say(String(error));
      return reject(error);
    }
    if (ending !== 'answered') say(ending);
    else if (answer !== undefined) say(brief(answer));
    if (kills.has(ending)) return this.kill(actor, ending);
    if (ending === 'answered') resolve(answer);
    else reject(new Unavailable(ending));
  }

  #end(actor: Actor, outcome: string): void {
    if (!actor.isAlive) return;
    actor.isAlive = false;
    this.trace.push(`${actor.name} ends: ${outcome}`);
    actor.ended(false);
  }
}

/** No actor waits for anything but its calls, so that all have come to one after this. */
const quiet = () => new Promise<void>((resolve) => setImmediate(resolve));

const telling = ['outcome', 'state', 'record'] as const;

/** Of an answer what tells what happened. */
function brief(answer: unknown): string {
  if (Array.isArray(answer)) return `[${answer.map(brief).join(', ')}]`;
  if (typeof answer !== 'object' || answer === null) return String(answer);
  const fields = answer as Readonly<Record<string, unknown>>;
  const told = telling.flatMap((name) => (name in fields ? [String(fields[name])] : []));
  const by = 'by' in fields ? [`by ${brief(fields.by)}`] : [];
  return [...told, ...by].join(' ');
}
