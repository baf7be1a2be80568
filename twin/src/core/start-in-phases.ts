// What everything that runs in the twin is: it starts, it ends. And the one way that a list of them is booted:
// stage by stage, taken down in reverse, with nothing left behind where a start fails.

export type Service = {
  readonly name: string;
  start(): Promise<void>;
  end(): Promise<void>;
};

export class StartFailed extends Error {
  override readonly name = 'StartFailed';
  constructor(service: string, cause: unknown) {
    super(`${service}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export class EndFailed extends AggregateError {
  override readonly name = 'EndFailed';
}

/** Services of one stage start together. Resolves to what takes all of them down, in reverse order. */
export async function boot(stages: readonly (readonly Service[])[]): Promise<() => Promise<void>> {
  const started: Service[][] = [];
  const takeDown = async () => {
    const failures: unknown[] = [];
    for (const stage of started.splice(0).reverse()) {
      const ends = await Promise.allSettled(stage.map((service) => service.end()));
      failures.push(...ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : [])));
    }
    if (failures.length > 0)
      throw new EndFailed(failures, `Not everything ended: ${failures.map(String).join('; ')}`);
  };
  for (const stage of stages) {
    const starts = await Promise.allSettled(stage.map((service) => service.start()));
    started.push(stage.filter((_, index) => starts[index]?.status === 'fulfilled'));
    const failed = starts.findIndex(({ status }) => status === 'rejected');
    const start = starts[failed];
    if (start?.status !== 'rejected') continue;
    await takeDown();
    throw new StartFailed(stage[failed]?.name ?? 'a service', start.reason);
  }
  return takeDown;
}
