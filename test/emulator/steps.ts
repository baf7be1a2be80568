// The steps of a run, printed as they end. After a failed step the others are skipped; clean-up steps still run.

export type Steps = {
  /** Prints what `work` resolves to beside the name. */
  step(name: string, work: () => Promise<string | undefined>): Promise<void>;
  /** Also runs after a failure. */
  always(name: string, work: () => Promise<string | undefined>): Promise<void>;
  end(): { readonly passed: number; readonly failed: number; readonly skipped: number };
};

export function createSteps(print: (line: string) => void): Steps {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const run = async (name: string, work: () => Promise<string | undefined>) => {
    const startedMs = performance.now();
    const line = () => `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(6)} s  ${name}`;
    try {
      const detail = await work();
      counts.passed += 1;
      print(`ok     ${line()}${detail === undefined ? '' : `: ${detail}`}`);
    } catch (error) {
      counts.failed += 1;
      print(`FAILED ${line()}\n${indented((error as Error).message)}`);
    }
  };
  return {
    always: run,
    step: async (name, work) => {
      if (counts.failed === 0) return run(name, work);
      counts.skipped += 1;
    },
    end: () => counts,
  };
}

const indented = (text: string) => text.replace(/^/gm, '         ');
