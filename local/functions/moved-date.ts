// Inside a worker: Date tells the twin's time instead of the machine's, so that functions, whose Clock is Date.now,
// follow it without knowing. Timers go on as the machine does: a moved clock does not fire them.

const MachineDate = Date;

/** Of the machine, whatever the twin's clock says: for deadlines. */
export const machineNow = MachineDate.now;

/** `shared` holds by how many milliseconds the twin is ahead, as one 64-bit number. */
export function moveDate(shared: SharedArrayBuffer): void {
  const ahead = new BigInt64Array(shared);
  const now = () => machineNow() + Number(Atomics.load(ahead, 0));
  globalThis.Date = new Proxy(MachineDate, {
    apply: () => new MachineDate(now()).toString(),
    construct: (target, args, newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    get: (target, key) => (key === 'now' ? now : Reflect.get(target, key)),
  });
  // So that `date.constructor` leads here too.
  globalThis.Date.prototype.constructor = globalThis.Date;
}
