// What injected faults do to the deliveries of event source mappings.

export type DeliveryFaults = {
  isStopped(functionLabel: string): boolean;
  /** Asked once for each delivery. */
  deliveries(functionLabel: string): 'once' | 'twice' | 'together';
};

/** Delivers at least once. Of two deliveries `worse` gives the outcome that counts. */
export async function deliver<Outcome>(
  faults: DeliveryFaults,
  functionLabel: string,
  attempt: () => Promise<Outcome>,
  worse: (one: Outcome, other: Outcome) => Outcome,
): Promise<Outcome> {
  switch (faults.deliveries(functionLabel)) {
    case 'once':
      return attempt();
    case 'twice':
      return worse(await attempt(), await attempt());
    case 'together':
      return worse(...(await Promise.all([attempt(), attempt()])));
  }
}
