// Runs actors one port call at a time. The history decides which actor goes on and how its call ends. A killed actor waits
// for an answer that never comes, and is garbage-collected with its history.

import { Unavailable } from '../../domain/system/unavailable.ts';

export type Actor = {
  readonly name: string;
  readonly endsMs: number;
  isAlive: boolean;
  /** Does not go on until `wake`: a slow call or a frozen function. */
  isStalled: boolean;
  /** Called once, when it ends or is killed. */
  readonly ended: (isKilled: boolean) => void;
};

/** How a call ends: with or without its answer, and with or without its effect. */
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

/** A history with more calls does not end. */
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

  /** Returns the actor that went on, if any was waiting. */
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

  /** The position of this actor's call among the waiting ones. */
  placeOf(actor: Actor): number {
    return this.#runnable().findIndex((call) => call.actor === actor);
  }

  /** The label of its next call. Undefined if it waits for none. */
  nextCallOf(actor: Actor): string | undefined {
    return this.#runnable().find((call) => call.actor === actor)?.label;
  }

  /** At most so many calls of this actor. */
  async goOnWith(actor: Actor, calls: number): Promise<void> {
    for (let more = calls; more > 0 && this.placeOf(actor) >= 0; more -= 1)
      await this.goOn(this.placeOf(actor));
  }

  toTheEnd(actor: Actor): Promise<void> {
    return this.goOnWith(actor, Number.POSITIVE_INFINITY);
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
    const append = (what: string) => {
      this.trace[line] += ` -> ${what}`;
    };
    let answer: unknown;
    try {
      if (hasEffect[ending]) answer = await effect();
    } catch (error) {
      append(String(error));
      return reject(error);
    }
    if (ending !== 'answered') append(ending);
    else if (answer !== undefined) append(brief(answer));
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

/** Actors wait for nothing but their calls, so that after this each is at its next call. */
const quiet = () => new Promise<void>((resolve) => setImmediate(resolve));

const shownFields = ['outcome', 'state', 'record', 'position'] as const;

/** The part of an answer that is worth a line of the trace. */
function brief(answer: unknown): string {
  if (Array.isArray(answer)) return `[${answer.map(brief).join(', ')}]`;
  if (typeof answer !== 'object' || answer === null) return String(answer);
  const fields = answer as Readonly<Record<string, unknown>>;
  const shown = shownFields.flatMap((name) => (name in fields ? [String(fields[name])] : []));
  const by = 'by' in fields ? [`by ${brief(fields.by)}`] : [];
  return [...shown, ...by].join(' ');
}
