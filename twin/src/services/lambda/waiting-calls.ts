// Calls that wait for an environment, taken in turns: one of each caller, then the next of each. Lambda would give every
// call an environment of its own; so the many calls of one caller wait for each other here, and not before the few of
// another. A call that is abandoned leaves.

type Waiting = { readonly wake: () => void };

export class WaitingCalls {
  /** By caller, in the order in which it is their turn. */
  private readonly queues = new Map<string, Waiting[]>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** Resolves when an environment may be free. Rejects with the reason of the signal, and then nothing is taken. */
  wait(caller: string, signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const leave = () => {
        if (this.remove(caller, waiting)) reject(signal?.reason);
      };
      const waiting: Waiting = {
        wake: () => {
          signal?.removeEventListener('abort', leave);
          resolve();
        },
      };
      signal?.addEventListener('abort', leave, { once: true });
      const queue = this.queues.get(caller) ?? [];
      queue.push(waiting);
      this.queues.set(caller, queue);
      this.count += 1;
    });
  }

  wakeNext(): void {
    const [next] = this.queues;
    if (next === undefined) return;
    const [caller, queue] = next;
    const [first] = queue;
    if (first === undefined) return;
    this.remove(caller, first);
    // Its caller is the last one now.
    const left = this.queues.get(caller);
    if (left !== undefined) {
      this.queues.delete(caller);
      this.queues.set(caller, left);
    }
    first.wake();
  }

  wakeAll(): void {
    while (this.count > 0) this.wakeNext();
  }

  private remove(caller: string, waiting: Waiting): boolean {
    const queue = this.queues.get(caller) ?? [];
    const at = queue.indexOf(waiting);
    if (at === -1) return false;
    queue.splice(at, 1);
    if (queue.length === 0) this.queues.delete(caller);
    this.count -= 1;
    return true;
  }
}
