// The steps of a run, told as they end. After one has failed the rest is passed over, but what cleans up still runs.

export type Steps = {
  /** What `work` resolves to is told beside the name. */
  step(name: string, work: () => Promise<string | undefined>): Promise<void>;
  /** Also after a failure. */
  always(name: string, work: () => Promise<string | undefined>): Promise<void>;
  end(): { readonly passed: number; readonly failed: number; readonly passedOver: number };
};

export function createSteps(print: (line: string) => void): Steps {
  const counts = { passed: 0, failed: 0, passedOver: 0 };
  const run = async (name: string, work: () => Promise<string | undefined>) => {
    const startedMs = performance.now();
    const told = () => `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${name}`;
    try {
      const detail = await work();
      counts.passed += 1;
      print(`ok     ${told()}${detail === undefined ? '' : `: ${detail}`}`);
    } catch (error) {
      counts.failed += 1;
      print(`FAILED ${told()}\n${indented((error as Error).message)}`);
    }
  };
  return {
    always: run,
    step: async (name, work) => {
      if (counts.failed === 0) return run(name, work);
      counts.passedOver += 1;
    },
    end: () => counts,
  };
}

const indented = (text: string) => text.replace(/^/gm, '         ');
