// Inside a worker thread: Date gives the twin's time instead of the machine's, so that the code of functions follows it
// unchanged. Timers follow the machine: a moved clock does not fire them.

const MachineDate = Date;

/** How long the machine has run, in milliseconds; the same in all threads, never set back as its date may be. */
export function machinePassed(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1_000_000;
}

/**
 * `shared` is of the twin's clock: by how many milliseconds it is ahead, and how much of the time that elapsed were
 * moves. Answers with how to tell that time, for deadlines.
 */
export function moveDate(shared: SharedArrayBuffer): { elapsed(): number } {
  const state = new BigInt64Array(shared);
  const machineNow = MachineDate.now;
  const now = () => machineNow() + Number(Atomics.load(state, 0));
  globalThis.Date = new Proxy(MachineDate, {
    apply: () => new MachineDate(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  // So that `date.constructor` leads here too.
  globalThis.Date.prototype.constructor = globalThis.Date;
  return { elapsed: () => machinePassed() + Number(Atomics.load(state, 1)) };
}
