// What the client takes from its surroundings: network, time and chance. Tests hand in their own.

export type Environment = {
  readonly fetch: typeof fetch;
  readonly nowMs: () => number;
  /** From 0 up to, but not including, 1. */
  readonly random: () => number;
  readonly newKey: () => string;
  /** Calls back once, later. Returns what cancels it. */
  readonly after: (ms: number, action: () => void) => () => void;
  /** Of a browser: where `pagehide` is heard. */
  readonly page?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'>;
};

export function systemEnvironment(): Environment {
  const page = 'document' in globalThis ? (globalThis as unknown as Environment['page']) : undefined;
  return {
    fetch: (input, init) => fetch(input, init),
    nowMs: () => Date.now(),
    random: () => Math.random(),
    newKey: () =>
      Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) =>
        byte.toString(16).padStart(2, '0'),
      ).join(''),
    after: (ms, action) => {
      const timer = setTimeout(action, ms);
      return () => clearTimeout(timer);
    },
    ...(page && { page }),
  };
}

/** Ends early, without an error, once the signal is aborted. */
export function pause({ after }: Pick<Environment, 'after'>, ms: number, stop?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (stop?.aborted) return resolve();
    const end = () => {
      cancel();
      stop?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = after(ms, end);
    stop?.addEventListener('abort', end);
  });
}
